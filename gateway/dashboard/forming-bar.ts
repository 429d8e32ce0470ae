// The bar that is still forming, which the engine does not publish: folded from closed finer bars and the ticks after
// them. A pure function of what is kept, so that it is right from the first snapshot on, in whatever order those come.
import type { BarMessage, TickMessage } from '../../engine/messages.ts';

/** What the chart draws of a bar, closed or forming. */
export type ChartBar = Pick<
  BarMessage,
  'startUs' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'complete' | 'filled'
>;

export const INTERVALS = ['1s', '1m'] as const;
export type Interval = (typeof INTERVALS)[number];

export const INTERVAL_US: Record<Interval, number> = { '1s': 1_000_000, '1m': 60_000_000 };

export interface FormingBarInput {
  intervalUs: number;
  /** Start of the last closed bar of this interval; -1 where there is none. */
  lastClosedStartUs: number;
  /** Closed bars of a finer interval, oldest first; empty where there are none. */
  finer: readonly ChartBar[];
  finerIntervalUs: number;
  /** Oldest first. */
  ticks: readonly TickMessage[];
}

/** The newest bar after the last closed one, or null where no trade has come since. */
export function formingBar(input: FormingBarInput): ChartBar | null {
  const { intervalUs, lastClosedStartUs, finer, finerIntervalUs, ticks } = input;
  const lastFiner = finer[finer.length - 1];
  const lastTick = ticks[ticks.length - 1];
  const newestUs = Math.max(lastFiner?.startUs ?? -1, lastTick?.exchangeTimeUs ?? -1);
  const startUs = Math.floor(newestUs / intervalUs) * intervalUs;
  if (newestUs < 0 || startUs <= lastClosedStartUs) return null;

  let bar: ChartBar | null = null;
  for (const part of finer) if (part.startUs >= startUs) bar = joined(bar, part, startUs);
  // A finer bar already holds its ticks: only those after it are added.
  const ticksFromUs = lastFiner === undefined ? startUs : Math.max(startUs, lastFiner.startUs + finerIntervalUs);
  for (const tick of ticks) {
    if (tick.exchangeTimeUs < ticksFromUs) continue;
    const { price, volume } = tick;
    const prices = { open: price, high: price, low: price, close: price };
    bar = joined(bar, { startUs, ...prices, volume, complete: true, filled: false }, startUs);
  }
  return bar;
}

function joined(bar: ChartBar | null, part: ChartBar, startUs: number): ChartBar {
  // What is forming comes from the feed, whatever a part of it was filled from.
  if (bar === null) return { ...part, startUs, filled: false };
  return {
    startUs,
    open: bar.open,
    high: Math.max(bar.high, part.high),
    low: Math.min(bar.low, part.low),
    close: part.close,
    volume: bar.volume + part.volume,
    complete: bar.complete && part.complete,
    filled: false,
  };
}
