// Bars gathered into longer ones: days into weeks, months and years, minutes into more of them. A period is named by its
// first trading day.
import { dayNumber, kstDate } from '../../../config/calendar.ts';
import type { HistoryBar } from '../market/simulated-market.ts';

export type Period = 'D' | 'W' | 'M' | 'Y';

/** Calendar days that a period has at most. */
export const DAYS_A_PERIOD: Readonly<Record<Period, number>> = { D: 1, W: 7, M: 31, Y: 366 };
const MINUTE_US = 60_000_000;

/** Bars oldest first, as they came. */
export function gathered(days: readonly HistoryBar[], period: Period): readonly HistoryBar[] {
  if (period === 'D') return days;
  return joinedBy(days, ({ startUs }) => keyOf(kstDate(startUs), period));
}

/** Minute bars gathered into bars of so many minutes of the hour or day; the first may begin within one. */
export function gatheredMinutes(bars: readonly HistoryBar[], minutes: number): readonly HistoryBar[] {
  return minutes === 1 ? bars : joinedBy(bars, ({ startUs }) => Math.floor(startUs / (minutes * MINUTE_US)));
}

function joinedBy(bars: readonly HistoryBar[], keyOfBar: (bar: HistoryBar) => number): readonly HistoryBar[] {
  const gatheredBars: HistoryBar[] = [];
  let key = Number.NaN;
  for (const next of bars) {
    const nextKey = keyOfBar(next);
    const bar = gatheredBars.at(-1);
    if (bar === undefined || nextKey !== key) gatheredBars.push(next);
    else gatheredBars[gatheredBars.length - 1] = joined(bar, next);
    key = nextKey;
  }
  return gatheredBars;
}

function joined(bar: HistoryBar, next: HistoryBar): HistoryBar {
  return {
    startUs: bar.startUs,
    openWon: bar.openWon,
    highWon: Math.max(bar.highWon, next.highWon),
    lowWon: Math.min(bar.lowWon, next.lowWon),
    closeWon: next.closeWon,
    volume: bar.volume + next.volume,
    turnoverWon: bar.turnoverWon + next.turnoverWon,
  };
}

function keyOf(date: number, period: Exclude<Period, 'D'>): number {
  // Day 0, 1970-01-01, was a Thursday: weeks begin on Mondays.
  if (period === 'W') return Math.floor((dayNumber(date) + 3) / 7);
  return Math.floor(date / (period === 'M' ? 100 : 10_000));
}
