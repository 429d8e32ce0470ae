// When a simulated day begins and ends, which session of which venue runs when, how busy it is, and how much of a usual
// day is done by then. Hours come from the calendar; shares of volume are guesses of a plausible size.
import { isTradingDay, kstDate, kstToUtcUs, nextTradingDay, US_PER_SECOND } from '../../../config/calendar.ts';
import { type Session, type SessionPhase, sessionsOn } from '../../../config/sessions.ts';
import { SECONDS_PER_DAY } from './profile.ts';
import { activityAt, volumeShareAt } from './season.ts';
import type { MarketVenue } from './simulated-market.ts';

/** `regular` plays the continuous session alone, begun by an auction's print; `all` from pre-market to after-market. */
export type SessionScope = 'regular' | 'all';
/** Where orders meet; the unified feed only adds them up. */
export type TradingVenue = Exclude<MarketVenue, 'UN'>;
export const TRADING_VENUES: readonly TradingVenue[] = ['KRX', 'NXT'];

/** NXT's business relative to KRX's: 22 % of both together. */
export const NXT_ACTIVITY = 0.28;
/** Volume of each session relative to that of the continuous one. */
const VOLUME: Readonly<Record<TradingVenue, Partial<Record<SessionPhase, number>>>> = {
  KRX: { opening_auction: 0.03, continuous: 1, closing_auction: 0.06, after_hours: 0.005, after_market: 0.04 },
  NXT: { pre: 0.1, continuous: 1, after_hours: 0.005, after_market: 0.2 },
};
/** Share of the opening auction where it is a print alone. */
export const OPENING_SHARE = 0.03;
/** Outside the continuous session fair values move by so much of their usual variance. */
const QUIET_VARIANCE = 0.1;

export interface DayPlan {
  readonly businessDate: number;
  readonly midnightUs: number;
  readonly beginUs: number;
  readonly endUs: number;
  readonly scope: SessionScope;
  readonly sessions: Readonly<Record<TradingVenue, readonly Session[]>>;
}

export function planDay(businessDate: number, scope: SessionScope): DayPlan {
  const kept = (venue: TradingVenue): readonly Session[] =>
    sessionsOn(businessDate, venue).filter(({ phase }) =>
      scope === 'regular' ? phase === 'continuous' : VOLUME[venue][phase] !== undefined,
    );
  const sessions = { KRX: kept('KRX'), NXT: kept('NXT') };
  const both = scope === 'regular' ? sessions.KRX : [...sessions.KRX, ...sessions.NXT];
  const midnightUs = kstToUtcUs(businessDate, 0);
  return {
    businessDate,
    midnightUs,
    beginUs: midnightUs + Math.min(...both.map(({ startSecond }) => startSecond)) * US_PER_SECOND,
    endUs: midnightUs + Math.max(...both.map(({ endSecond }) => endSecond)) * US_PER_SECOND,
    scope,
    sessions,
  };
}

/** The day that runs at the time, or the next one to begin. */
export function planAtOrAfter(timeUs: number, scope: SessionScope): DayPlan {
  const date = kstDate(timeUs);
  if (isTradingDay(date)) {
    const today = planDay(date, scope);
    if (timeUs < today.endUs) return today;
  }
  return planDay(nextTradingDay(date), scope);
}

/** What the time of the day changes, for all instruments at once; renewed every second. */
export class TimeOfDay {
  /** Rate of arrivals relative to the mean of the continuous session. */
  readonly season: Record<TradingVenue, number> = { KRX: 1, NXT: 1 };
  /** How much of a usual day's volume is done by now. */
  readonly volumeShare: Record<MarketVenue, number> = { KRX: 0, NXT: 0, UN: 0 };
  /** How much fair values move, relative to the continuous session. */
  variance = 1;

  update(plan: DayPlan, second: number): void {
    this.variance = QUIET_VARIANCE;
    for (const venue of TRADING_VENUES) {
      this.season[venue] = 0;
      let done = plan.scope === 'regular' && venue === 'KRX' ? OPENING_SHARE : 0;
      let total = done;
      for (const { phase, startSecond, endSecond } of plan.sessions[venue]) {
        const volume = VOLUME[venue][phase] ?? 0;
        const fraction = Math.max(0, Math.min(1, (second - startSecond) / (endSecond - startSecond)));
        total += volume;
        done += volume * (phase === 'continuous' ? volumeShareAt(fraction) : fraction);
        // An auction that ends late goes on as busy as it was: the next session's season waits for none.
        if (second < startSecond || (second >= endSecond && !isAuction(phase))) continue;
        const seconds = endSecond - startSecond;
        this.season[venue] = phase === 'continuous' ? activityAt(fraction) : (volume * SECONDS_PER_DAY) / seconds;
        // Prices move most when trading is busiest.
        if (phase === 'continuous' && second < endSecond) this.variance = activityAt(fraction);
      }
      this.volumeShare[venue] = total === 0 ? 0 : done / total;
    }
    const { KRX, NXT } = this.volumeShare;
    this.volumeShare.UN = (KRX + NXT_ACTIVITY * NXT) / (1 + NXT_ACTIVITY);
  }
}

function isAuction(phase: SessionPhase): boolean {
  return phase === 'opening_auction' || phase === 'closing_auction';
}
