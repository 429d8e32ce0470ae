// A simulated market played through the feed's frames, step by step, without a socket: what a session would receive if
// nothing went wrong, and at the end of each day what another source says of its close.
import { US_PER_SECOND } from '../../config/calendar.ts';
import { type Delivery, registrationName } from '../emulator/feed.ts';
import { planAtOrAfter } from '../emulator/market/day-plan.ts';
import { Market } from '../emulator/market/market.ts';
import type { MarketOptions } from '../emulator/market/market-options.ts';
import { MarketFeed } from '../emulator/market-feed.ts';
import { TRS, type TrVenue } from '../emulator/tr-catalogue.ts';
import { plainFrame } from '../emulator/wire.ts';
import type { DailyCloseReference } from '../reference/reference.ts';

export type Registration = readonly [trId: string, trKey: string];

export interface MarketPlayerOptions {
  readonly market: MarketOptions;
  /** Trades of a venue among them have their closes told. */
  readonly registrations: readonly Registration[];
  /** Length of a step of the feed's time. */
  readonly stepMs: number;
  /** Between two flushes of one symbol. */
  readonly flushMs: number;
  /** UTC microseconds. */
  readonly untilUs: number;
}

export interface MarketStep {
  /** UTC microseconds, the step's end. */
  readonly timeUs: number;
  readonly deliveries: readonly Delivery[];
  /** At a day's last step, or the last of all: what another source says of the day by then. Else none. */
  readonly closes: readonly DailyCloseReference[];
}

const CLOSING_VENUES: readonly TrVenue[] = ['KRX', 'NXT', 'UN'];

/** The market as it stands, for who wants to look at it between the steps. */
export class MarketPlayer {
  readonly market: Market;
  private readonly options: MarketPlayerOptions;
  private readonly feed: MarketFeed;
  private readonly trades: readonly Registration[];

  constructor(options: MarketPlayerOptions) {
    this.options = options;
    this.market = new Market(options.market);
    this.feed = new MarketFeed({ market: this.market, flushPeriodUs: options.flushMs * 1000 });
    for (const [trId, trKey] of options.registrations) this.feed.begin(trId, trKey);
    this.trades = options.registrations.filter(([trId]) => TRS.get(trId)?.content === 'trade');
  }

  /** Other widths of the records, from the next flush on. */
  switchLayout(): void {
    this.feed.switchLayout();
  }

  *steps(): Generator<MarketStep> {
    const { market, feed } = this;
    const { stepMs, untilUs, market: marketOptions } = this.options;
    let elapsedUs = 0;
    let endUs = planAtOrAfter(market.timeUs, marketOptions.sessions ?? 'regular').endUs;
    while (market.timeUs < untilUs - 1) {
      // A day's last step stops in front of its end, where the market jumps to the next day.
      const leftUs = Math.min(endUs, untilUs) - 1 - market.timeUs;
      const isLast = leftUs > 0 && leftUs <= stepMs * 1000;
      const { businessDate } = market;
      elapsedUs += isLast ? leftUs : stepMs * 1000;
      const deliveries = feed.advanceTo(elapsedUs);
      if (isLast) yield { timeUs: market.timeUs, deliveries: [...deliveries, ...this.drain()], closes: this.closes() };
      else yield { timeUs: market.timeUs, deliveries, closes: [] };
      if (market.businessDate !== businessDate) {
        endUs = planAtOrAfter(market.timeUs, marketOptions.sessions ?? 'regular').endUs;
      }
    }
  }

  /** What waits for a flush that would come on the next day. */
  private drain(): Delivery[] {
    return this.trades.flatMap(([trId, trKey]) => {
      const registration = registrationName(trId, trKey);
      const runs = this.market.drainTradeRuns(trKey, TRS.get(trId)!.venue);
      return runs.map(({ count, payload }) => ({ registration, frame: plainFrame(trId, count, payload) }));
    });
  }

  private closes(): DailyCloseReference[] {
    return CLOSING_VENUES.map((venue) => {
      const codes = this.trades.filter(([trId]) => TRS.get(trId)!.venue === venue).map(([, trKey]) => trKey);
      const rows = codes.map((code) => {
        const { priceWon, volume, turnoverWon } = this.market.quote(code, venue);
        return { code, closeWon: priceWon, volume, turnoverWon };
      });
      return { kind: 'daily_close', source: 'KIS', venue, date: this.market.businessDate, rows } as const;
    }).filter(({ rows }) => rows.length > 0);
  }
}

/** UTC microseconds from a date's clock time. */
export function clockUs(midnightUs: number, hour: number, minute = 0, second = 0): number {
  return midnightUs + (hour * 3600 + minute * 60 + second) * US_PER_SECOND;
}
