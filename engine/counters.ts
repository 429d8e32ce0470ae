// What the state machine counts, as plain numbers: derived from the inputs, so a replay counts the same. Telemetry reads
// them; nothing here decides.
import type { SessionInput } from './input.ts';
import type { Gap } from './quality/sequence.ts';
import type { Denial } from './signals/gates.ts';

export interface Counters {
  /** Keys are `tr_id result`: result is `ok` or a quarantine reason. */
  frames: Record<string, number>;
  /** Keys are `tr_id venue`. */
  ticks: Record<string, number>;
  books: number;
  duplicates: number;
  inconsistent: number;
  /** Trades that the exchange took back. */
  corrections: number;
  /** Trades that came behind later ones, and by venue the shares of gaps that they filled. */
  late: number;
  lateShares: Record<string, number>;
  /** By venue: shares that changed hands where no record could show it. */
  betweenSessionsShares: Record<string, number>;
  /** Trades that cannot be true; they are in quarantine. */
  implausible: number;
  /** Trades at a price beyond the daily limits. */
  outsideLimits: number;
  /** By venue. */
  gaps: Record<string, number>;
  gapShares: Record<string, number>;
  gapTurnoverWon: Record<string, number>;
  gapTrades: Record<string, number>;
  /** Keys are `model outcome`: outcome is `given` or the reason of the abstention. */
  predictions: Record<string, number>;
  signals: { buy: number; sell: number };
  /** Alerts raised; keys are `rule severity`. */
  alerts: Record<string, number>;
  denied: Partial<Record<Denial, number>>;
  sessions: Partial<Record<SessionInput['event'], number>>;
}

export function newCounters(): Counters {
  return {
    frames: {},
    ticks: {},
    books: 0,
    duplicates: 0,
    inconsistent: 0,
    corrections: 0,
    late: 0,
    lateShares: {},
    betweenSessionsShares: {},
    implausible: 0,
    outsideLimits: 0,
    gaps: {},
    gapShares: {},
    gapTurnoverWon: {},
    gapTrades: {},
    predictions: {},
    signals: { buy: 0, sell: 0 },
    alerts: {},
    denied: {},
    sessions: {},
  };
}

export function count(table: Record<string, number | undefined>, key: string, by = 1): void {
  table[key] = (table[key] ?? 0) + by;
}

export function countGap(counters: Counters, venue: string, gap: Gap): void {
  count(counters.gaps, venue);
  count(counters.gapShares, venue, gap.shares);
  count(counters.gapTurnoverWon, venue, gap.turnoverWon);
  count(counters.gapTrades, venue, gap.trades);
}

export function sum(table: Record<string, number>): number {
  let total = 0;
  for (const key in table) total += table[key];
  return total;
}
