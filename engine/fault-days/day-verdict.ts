// Whether a fault day's losses were found exactly, in numbers that can be summed over many days, and in words where not.
import { isDeepStrictEqual } from 'node:util';
import type { FaultDayResult } from './fault-day.ts';
import type { LossAccount, Missing } from './loss-account.ts';

export interface DayVerdict {
  readonly seed: number;
  /** Records of trades that were made; faults and lost sessions that they met. */
  readonly records: number;
  readonly faults: number;
  readonly outages: number;
  /** Never arrived: shares, won, and trades that the exchange counts. */
  readonly injected: Missing;
  /** Found: gaps less what filled them, and what the day's close tells. Its trades nobody counts: they are `untold`. */
  readonly detected: Missing;
  readonly untoldTrades: number;
  /** Shares that look like what no feed shows, in front of the after-market; shares of a symbol's day without a record. */
  readonly betweenSessionsShares: number;
  readonly wholeDayShares: number;
  /** Gaps, and records that filled some. */
  readonly gaps: number;
  readonly late: number;
  readonly duplicates: number;
  /** Gaps found that were none, and gaps that were not found. */
  readonly falseGaps: number;
  readonly missedGaps: number;
  /** What is not as it must be, in words; none on a day that is right. */
  readonly differences: readonly string[];
}

export function judge(result: FaultDayResult): DayVerdict {
  const { expected, detected, lost, injected, tails, betweenSessions, wholeDays, machine } = result;
  const differences: string[] = [];
  let [falseGaps, missedGaps] = [0, 0];
  for (const [instrument, must] of Object.entries(expected)) {
    const found = detected[instrument];
    falseGaps += surplus(found.gaps, must.gaps) + surplus(found.tails, must.tails);
    missedGaps += surplus(must.gaps, found.gaps) + surplus(must.tails, found.tails);
    if (isDeepStrictEqual(found, must)) continue;
    differences.push(`${instrument}: found ${describe(found)}, must be ${describe(must)}`);
  }
  const net = sumUp(Object.values(detected));
  const explained = {
    shares: net.shares + betweenSessions.shares + wholeDays.shares,
    won: net.won + betweenSessions.won + wholeDays.won,
    trades: net.trades + tails.trades + wholeDays.trades,
  };
  const { inconsistent, corrections } = machine.counters;
  for (const [what, one, other] of [
    ['shares lost by what faults say and by what arrived', injected.shares, lost.shares],
    ['won lost by what faults say and by what arrived', injected.won, lost.won],
    ['records lost by what faults say and by what arrived', injected.records, lost.records],
    ['shares found and lost', explained.shares, lost.shares],
    ['won found and lost', explained.won, lost.won],
    ['trades found and lost', explained.trades, lost.trades],
    ['inconsistent records', inconsistent, 0],
    ['corrections', corrections, 0],
  ] as const) {
    if (one !== other) differences.push(`${what}: ${one} and ${other}`);
  }
  const accounts = Object.values(detected);
  return {
    seed: result.seed,
    records: result.trades,
    faults: result.faults,
    outages: result.outages,
    injected: { shares: lost.shares, won: lost.won, trades: lost.trades },
    detected: net,
    untoldTrades: tails.trades + wholeDays.trades,
    betweenSessionsShares: betweenSessions.shares,
    wholeDayShares: wholeDays.shares,
    gaps: accounts.reduce((sum, { gaps }) => sum + gaps.length, 0),
    late: accounts.reduce((sum, { late }) => sum + late.length, 0),
    duplicates: accounts.reduce((sum, { duplicates }) => sum + duplicates, 0),
    falseGaps,
    missedGaps,
    differences,
  };
}

/** What gaps and tails lack after late records filled theirs. */
function sumUp(accounts: readonly LossAccount[]): Missing {
  let [shares, won, trades] = [0, 0, 0];
  for (const { gaps, late, tails } of accounts) {
    for (const gap of gaps) [shares, won, trades] = [shares + gap.shares, won + gap.won, trades + gap.trades];
    for (const one of late) [shares, won, trades] = [shares - one.shares, won - one.won, trades - one.trades];
    for (const tail of tails) [shares, won] = [shares + tail.shares, won + tail.won];
  }
  return { shares, won, trades };
}

/** How many of `these` have no equal among `those`. */
function surplus(these: readonly object[], those: readonly object[]): number {
  const left = new Map<string, number>();
  for (const one of those) left.set(JSON.stringify(one), (left.get(JSON.stringify(one)) ?? 0) + 1);
  let count = 0;
  for (const one of these) {
    const same = left.get(JSON.stringify(one)) ?? 0;
    if (same === 0) count += 1;
    else left.set(JSON.stringify(one), same - 1);
  }
  return count;
}

function describe({ gaps, late, tails, duplicates }: LossAccount): string {
  const { shares, won, trades } = sumUp([{ gaps, late, tails, duplicates }]);
  return `${gaps.length} gaps, ${late.length} late, ${tails.length} tails, ${duplicates} duplicates: ${shares} shares, ${won} won, ${trades} trades`;
}
