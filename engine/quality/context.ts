// What a check must know besides the record: which entry it is, and what trading is like. One object, filled anew for
// each record and never kept, so that nothing is allocated on the way of a tick.
import type { SessionPhase } from '../../config/sessions.ts';

export class QualityContext {
  /** Engine time and number of the journal entry. */
  timeUs = 0;
  offset = 0;
  /** Day in Korea that runs, YYYYMMDD. */
  date = 0;
  /** Session of the instrument's venue at engine time. */
  phase: SessionPhase = 'closed';
  /** An auction of whatever cause – opening, closing, a volatility interruption, after a circuit breaker. */
  auction = false;
  /** Trading of the stock, or of the whole market, is suspended. */
  halted = false;
  /** Trades: the record's own time, UTC microseconds. */
  exchangeTimeUs = 0;
}

/** The book is one to trade on: orders meet as they come. */
export function isContinuous({ phase, auction, halted }: QualityContext): boolean {
  return !auction && !halted && (phase === 'continuous' || phase === 'after_market' || phase === 'pre');
}

/** The regular session, when every symbol is expected to speak. */
export function isRegular({ phase, auction, halted }: QualityContext): boolean {
  return !auction && !halted && phase === 'continuous';
}
