// What the price chart draws, without drawing it: closed bars with the forming one, and signals placed on their bars.
import type { ChartBar, Interval } from './forming-bar.ts';
import { formingBar, INTERVAL_US } from './forming-bar.ts';
import type { InstrumentState } from './market-state.ts';
import type { SignalEntry } from './signal-board.ts';

const SIGNALS_MAX = 60;

/** Oldest first, the forming bar last. */
export function chartBars(state: InstrumentState, interval: Interval): ChartBar[] {
  const bars: ChartBar[] = state.barsOf(interval).toArray();
  const forming = formingBar({
    intervalUs: INTERVAL_US[interval],
    lastClosedStartUs: bars[bars.length - 1]?.startUs ?? -1,
    finer: interval === '1s' ? [] : state.barsOf('1s').toArray(),
    finerIntervalUs: INTERVAL_US['1s'],
    ticks: state.ticks.toArray(),
  });
  return forming === null ? bars : [...bars, forming];
}

/**
 * Where drawing may go on from: the index of the last drawn bar, or -1 where all is to be drawn anew, because another
 * chart is wanted, the past has changed, or so much was appended that the drawn points outgrow what is kept.
 */
export function resumeIndex(
  bars: readonly ChartBar[],
  drawn: { lastStartUs: number; count: number },
  countMax: number,
): number {
  if (drawn.count === 0 || drawn.count > countMax) return -1;
  let index = bars.length - 1;
  while (index >= 0 && (bars[index] as ChartBar).startUs > drawn.lastStartUs) index -= 1;
  if (index < 0 || (bars[index] as ChartBar).startUs !== drawn.lastStartUs) return -1;
  // More bars before it than were drawn: an older part came later than a newer one.
  return index > drawn.count - 1 ? -1 : index;
}

/** Bars that the feed tore and those that were filled, for whoever cannot see their colours. */
export function markedBars(bars: readonly ChartBar[]): { torn: number; filled: number } {
  let torn = 0;
  let filled = 0;
  for (const bar of bars) {
    if (bar.filled) filled += 1;
    else if (!bar.complete) torn += 1;
  }
  return { torn, filled };
}

export interface PlacedSignal {
  id: string;
  startUs: number;
  side: 'buy' | 'sell';
}

/** Signals of one instrument on the bars in which they were made, oldest first; those before the first bar are out. */
export function placedSignals(
  entries: readonly SignalEntry[],
  instrument: string,
  bars: readonly ChartBar[],
  interval: Interval,
): PlacedSignal[] {
  const firstUs = bars[0]?.startUs ?? Number.POSITIVE_INFINITY;
  const lastUs = bars[bars.length - 1]?.startUs ?? 0;
  const placed: PlacedSignal[] = [];
  for (const { id, signal, instrument: owner } of entries) {
    if (signal === null || owner !== instrument) continue;
    const startUs = Math.floor(signal.timeUs / INTERVAL_US[interval]) * INTERVAL_US[interval];
    if (startUs < firstUs) continue;
    placed.push({ id, startUs: Math.min(startUs, lastUs), side: signal.side });
  }
  return placed.sort((a, b) => a.startUs - b.startUs).slice(-SIGNALS_MAX);
}
