// What a simulated market is made from.
import type { Instrument } from '../../../config/instruments.ts';
import type { SessionScope } from './day-plan.ts';
import type { CorporateAction } from './history.ts';
import type { ScheduledEvent } from './simulated-market.ts';

export interface MarketOptions {
  /** Any integer; equal seeds give equal markets. */
  readonly seed: number;
  readonly instruments: readonly Instrument[];
  /** UTC microseconds; outside the day it moves on to the next trading day's begin. */
  readonly startTimeUs: number;
  /** `regular` (the default): the continuous session, 09:00–15:20 KST; `all`: from 08:00, NXT's pre-market, to 20:00. */
  readonly sessions?: SessionScope;
  /** Multiplies every arrival rate; 1 (the default) is the market's own pace. */
  readonly activity?: number;
  /** Undrained trades kept of one feed of one instrument (default 4096); at the bound they are dropped and counted. */
  readonly pendingTradesMax?: number;
  /** What happens at seconds of the day; unknown codes throw a RangeError. */
  readonly events?: readonly ScheduledEvent[];
  /** Splits (ratio 2: two new shares for one old) and the like; those up to the first day lie in the past. */
  readonly corporateActions?: readonly CorporateAction[];
}
