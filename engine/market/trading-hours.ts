// When a day of a venue begins, and in which part of it a second lies, for who must know whether what happened between
// two records could have been seen at all.
import { kstToUtcUs } from '../../config/calendar.ts';
import { sessionsOn } from '../../config/sessions.ts';
import type { Venue } from '../../config/venues.ts';

export class TradingHours {
  /** UTC microseconds of the beginning of the day's first session. */
  beginUs = 0;
  private readonly venue: Venue;
  private date = 0;
  private afterMarketSecond = Number.POSITIVE_INFINITY;

  constructor(venue: Venue) {
    this.venue = venue;
  }

  /** Looks up the hours of a day, YYYYMMDD in Korea; of the same day again it costs nothing. */
  open(date: number): void {
    if (date === this.date) return;
    this.date = date;
    const { venue } = this;
    const sessions = venue === 'KRX' || venue === 'NXT' || venue === 'UN' ? sessionsOn(date, venue) : [];
    const first = sessions[0];
    this.beginUs = first === undefined ? 0 : kstToUtcUs(date, first.startSecond);
    const after = sessions.find(({ phase }) => phase === 'after_market');
    this.afterMarketSecond = after?.startSecond ?? Number.POSITIVE_INFINITY;
  }

  /** 1 from the after-market on: in front of it lies trading at the closing price, which no live record shows. */
  sessionNumber(second: number): number {
    return second >= this.afterMarketSecond ? 1 : 0;
  }
}
