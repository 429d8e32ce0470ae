// `npm run fault-days [-- --days N --seed N]`: days of seeded faults through the state machine, each loss held against
// what was injected, to the share, the won and the trade. A day that is not right is printed with how to run it again.
import { parseArgs } from 'node:util';
import { UsageError } from '../config/command-line.ts';
import { type DayVerdict, judge } from '../engine/fault-days/day-verdict.ts';
import { marketSeedOf, runFaultDay } from '../engine/fault-days/fault-day.ts';
import { recordDay } from '../engine/fault-days/recorded-day.ts';

const USAGE = `Usage: npm run fault-days [-- --days N --seed N]
  --days  how many (1000); of twenty symbols each, with the morning after
  --seed  of the first one (0); the days have consecutive seeds
`;

/** Differences of one day that are printed. */
const DIFFERENCES_MAX = 5;
const PROGRESS_MS = 2000;

export interface FaultDaysTotals extends Omit<DayVerdict, 'seed' | 'differences'> {
  readonly days: number;
  readonly failedSeeds: readonly number[];
  readonly seconds: number;
}

/** Runs the days; those that share a market day follow each other, so that it is played once. */
export function runFaultDays(first: number, days: number, say: (text: string) => void): FaultDaysTotals {
  const beganMs = performance.now();
  const seeds = Array.from({ length: days }, (_, at) => first + at);
  seeds.sort((one, other) => marketSeedOf(one) - marketSeedOf(other) || one - other);
  const verdicts: DayVerdict[] = [];
  const failedSeeds: number[] = [];
  let day = recordDay(marketSeedOf(seeds[0]));
  let market = marketSeedOf(seeds[0]);
  let saidMs = beganMs;
  for (const seed of seeds) {
    if (marketSeedOf(seed) !== market) {
      market = marketSeedOf(seed);
      day = recordDay(market);
    }
    const verdict = judge(runFaultDay(day, seed));
    verdicts.push(verdict);
    if (verdict.differences.length > 0) {
      failedSeeds.push(seed);
      say(`seed ${seed} is wrong (again: npm run fault-days -- --seed ${seed} --days 1)`);
      for (const difference of verdict.differences.slice(0, DIFFERENCES_MAX)) say(`  ${difference}`);
    }
    if (performance.now() - saidMs > PROGRESS_MS) {
      saidMs = performance.now();
      say(`${verdicts.length} of ${days} days, ${failedSeeds.length} wrong`);
    }
  }
  return { ...sumOf(verdicts), days, failedSeeds, seconds: (performance.now() - beganMs) / 1000 };
}

function sumOf(verdicts: readonly DayVerdict[]): Omit<DayVerdict, 'seed' | 'differences'> {
  const total = (of: (verdict: DayVerdict) => number): number => verdicts.reduce((sum, one) => sum + of(one), 0);
  const missing = (of: 'injected' | 'detected') => ({
    shares: total((one) => one[of].shares),
    won: total((one) => one[of].won),
    trades: total((one) => one[of].trades),
  });
  return {
    records: total(({ records }) => records),
    faults: total(({ faults }) => faults),
    outages: total(({ outages }) => outages),
    injected: missing('injected'),
    detected: missing('detected'),
    untoldTrades: total(({ untoldTrades }) => untoldTrades),
    betweenSessionsShares: total(({ betweenSessionsShares }) => betweenSessionsShares),
    wholeDayShares: total(({ wholeDayShares }) => wholeDayShares),
    gaps: total(({ gaps }) => gaps),
    late: total(({ late }) => late),
    duplicates: total(({ duplicates }) => duplicates),
    falseGaps: total(({ falseGaps }) => falseGaps),
    missedGaps: total(({ missedGaps }) => missedGaps),
  };
}

export function renderTotals(totals: FaultDaysTotals): string {
  const { days, records, faults, outages, injected, detected, seconds } = totals;
  const number = (value: number): string => Math.round(value).toLocaleString('en');
  return `${number(days)} fault days, ${number(records)} records, ${number(faults)} faults, ${number(outages)} lost sessions
lost       ${number(injected.shares)} shares, ${number(injected.won)} won, ${number(injected.trades)} trades
found      ${number(detected.shares)} shares, ${number(detected.won)} won, ${number(detected.trades)} trades
not told   ${number(totals.betweenSessionsShares)} shares between two sessions, ${number(totals.wholeDayShares)} shares of days without a record, ${number(totals.untoldTrades)} trades behind a last record
gaps       ${number(totals.gaps)}, false ${number(totals.falseGaps)}, missed ${number(totals.missedGaps)}; ${number(totals.late)} records late, ${number(totals.duplicates)} again
days wrong ${totals.failedSeeds.length}${totals.failedSeeds.length > 0 ? ` (seeds ${totals.failedSeeds.join(', ')})` : ''}
${number(seconds)} s, ${number(records / seconds)} records/s, the market's own making included
`;
}

function wholeNumber(name: string, text: string, min: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < min) {
    throw new UsageError(`--${name} is a whole number from ${min}, found ${text}`);
  }
  return Number(text);
}

/** What the command line is told after `fault-days`; sets the exit code where a day is wrong. */
export function faultDays(args: readonly string[]): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      days: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const totals = runFaultDays(wholeNumber('seed', values.seed, 0), wholeNumber('days', values.days, 1), (text) => {
    process.stderr.write(`${text}\n`);
  });
  process.stdout.write(renderTotals(totals));
  if (totals.failedSeeds.length > 0) process.exitCode = 1;
}

if (process.argv[1] === import.meta.filename) {
  try {
    faultDays(process.argv.slice(2));
  } catch (error) {
    const text = error instanceof UsageError ? `${error.message}\n\n${USAGE}` : `${(error as Error).stack ?? error}\n`;
    process.stderr.write(text);
    process.exitCode = 1;
  }
}
