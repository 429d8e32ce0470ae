// The gates between a candidate and a signal. Each has a reason code, which is public: it stands in metrics and status.
// They are asked in this order, and the first that denies gives the reason. All read engine time and fail closed.

import type { SessionPhase } from '../../config/sessions.ts';
import { tickSizeScaled } from '../../config/tick-table.ts';
import type { SignalSettings } from '../settings.ts';

/** Reason codes with their meaning. */
export const DENIALS = {
  kill_switch: 'an operator has halted signals',
  journal_unavailable: 'the journal cannot be written, so a signal could not be proven',
  session: 'the venue is not in continuous trading',
  halted: 'trading of the stock or of its market is suspended, or an auction is on, as by a volatility interruption',
  price_limits: 'the last trade lies beyond the daily price limits, so it cannot be',
  stale: 'the book is older than bookAgeMsMax',
  gap: 'records were lost within gapHoldMs',
  quality: 'the data of the last minutes are not good enough: quality.signalFloor',
  spread: 'the spread is wider than spreadTicksMax',
  price_collar: 'the mid lies further than priceCollarBpMax from the last trade, or there was no trade yet',
  rate: 'cooldownMs or perMinuteMax of the instrument',
} as const;
export type Denial = keyof typeof DENIALS;

/** What the gates look at, filled by the caller and reused. Prices in 1/100 won, times in UTC microseconds. */
export class GateInput {
  timeUs = 0;
  haltReason: 'kill_switch' | 'journal_unavailable' | null = null;
  phase: SessionPhase = 'closed';
  /** Nothing trades continuously, whatever the session. */
  stopped = true;
  outsideLimits = false;
  bookTimeUs = 0;
  bid = 0;
  ask = 0;
  lastPrice = 0;
  lastGapUs = 0;
  /** Data quality of the last minutes, 0–100. */
  qualityScore = 0;
  /** Times of this instrument's last signals, oldest first, at most perMinuteMax. */
  signalTimesUs: readonly number[] = [];
}

const MINUTE_US = 60_000_000;
const BP = 10_000;

export function denialOf(input: GateInput, settings: SignalSettings): Denial | null {
  const { timeUs, bid, ask } = input;
  if (input.haltReason !== null) return input.haltReason;
  if (input.phase !== 'continuous') return 'session';
  if (input.stopped) return 'halted';
  if (input.outsideLimits) return 'price_limits';
  if (timeUs - input.bookTimeUs > settings.bookAgeMsMax * 1000) return 'stale';
  if (input.lastGapUs > 0 && timeUs - input.lastGapUs < settings.gapHoldMs * 1000) return 'gap';
  if (input.qualityScore < settings.qualityFloor) return 'quality';
  if (!(ask > bid) || ask - bid > settings.spreadTicksMax * tickSizeScaled(bid)) return 'spread';
  const mid = (bid + ask) / 2;
  const collar = (Math.abs(mid - input.lastPrice) / mid) * BP;
  if (input.lastPrice === 0 || collar > settings.priceCollarBpMax) return 'price_collar';
  const times = input.signalTimesUs;
  if (times.length > 0 && timeUs - times[times.length - 1] < settings.cooldownMs * 1000) return 'rate';
  if (times.length >= settings.perMinuteMax && timeUs - times[times.length - settings.perMinuteMax] < MINUTE_US) {
    return 'rate';
  }
  return null;
}
