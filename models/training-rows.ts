// Rows of several instruments and both regimes in one table, and the cuts in time that keep the future out of it.
import type { RecordedSamples } from './datasets/recordings.ts';
import type { Samples } from './datasets/samples.ts';
import { ROW_WIDTH } from './datasets/samples.ts';

/** quotes: a row at each change of the best quotes. frames: books and trades conflated as KIS conflates them. */
export const REGIMES = ['quotes', 'frames'] as const;
export type Regime = (typeof REGIMES)[number];

export interface TrainingRows {
  readonly count: number;
  /** [count × ROW_WIDTH]. */
  readonly rows: Float32Array;
  readonly up: Uint8Array;
  readonly lastMove: Int8Array;
  readonly timeUs: Float64Array;
  readonly labelTimeUs: Float64Array;
  /** Index of the instrument among the recordings. */
  readonly instrument: Uint8Array;
  /** Index into REGIMES. */
  readonly regime: Uint8Array;
}

/** The features look back as far as this with any weight (e⁻² of the longest decay). */
const FEATURE_WINDOW_US = 10_000_000;

export interface RowSelection {
  readonly regimes: readonly Regime[];
  /** Every how many rows of the regime `quotes`: neighbours are nearly equal. */
  readonly quoteStride: number;
  readonly instruments?: (instrument: number) => boolean;
}

export function gatherRows(recordings: readonly RecordedSamples[], selection: RowSelection): TrainingRows {
  const parts: { samples: Samples; instrument: number; regime: Regime; stride: number }[] = [];
  for (const [instrument, { quotes, frames }] of recordings.entries()) {
    if (selection.instruments?.(instrument) === false) continue;
    if (selection.regimes.includes('quotes'))
      parts.push({ samples: quotes, instrument, regime: 'quotes', stride: selection.quoteStride });
    if (selection.regimes.includes('frames')) {
      for (const samples of frames) parts.push({ samples, instrument, regime: 'frames', stride: 1 });
    }
  }
  const table = emptyRows(parts.reduce((sum, { samples, stride }) => sum + Math.ceil(samples.count / stride), 0));
  let to = 0;
  for (const { samples, instrument, regime, stride } of parts) {
    for (let r = 0; r < samples.count; r += stride, to++) {
      copyRow(samples, r, table, to);
      table.instrument[to] = instrument;
      table.regime[to] = REGIMES.indexOf(regime);
    }
  }
  return table;
}

/** Rows whose label was known before the boundary: what could have been trained on at that time. */
export function rowsBefore(table: TrainingRows, boundaryUs: number): TrainingRows {
  return filterRows(table, (r) => table.labelTimeUs[r] < boundaryUs);
}

/** Rows from one time to another that see nothing from before the first: an embargo of one feature window. */
export function rowsWithin(table: TrainingRows, fromUs: number, untilUs: number): TrainingRows {
  return filterRows(table, (r) => table.timeUs[r] >= fromUs + FEATURE_WINDOW_US && table.timeUs[r] < untilUs);
}

/** Rows that share neither label nor features with the time between: purged before it, embargoed after it. */
export function rowsOutside(table: TrainingRows, fromUs: number, untilUs: number): TrainingRows {
  return filterRows(table, (r) => table.labelTimeUs[r] < fromUs || table.timeUs[r] >= untilUs + FEATURE_WINDOW_US);
}

/** The time before which this part (0 … 1) of the rows lies. */
export function timeQuantile(table: TrainingRows, part: number): number {
  const sorted = table.timeUs.slice().sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];
}

export function filterRows(table: TrainingRows, keep: (row: number) => boolean): TrainingRows {
  const kept: number[] = [];
  for (let r = 0; r < table.count; r++) if (keep(r)) kept.push(r);
  const filtered = emptyRows(kept.length);
  for (const [to, r] of kept.entries()) {
    copyRow(table, r, filtered, to);
    filtered.instrument[to] = table.instrument[r];
    filtered.regime[to] = table.regime[r];
  }
  return filtered;
}

function emptyRows(count: number): TrainingRows {
  return {
    count,
    rows: new Float32Array(count * ROW_WIDTH),
    up: new Uint8Array(count),
    lastMove: new Int8Array(count),
    timeUs: new Float64Array(count),
    labelTimeUs: new Float64Array(count),
    instrument: new Uint8Array(count),
    regime: new Uint8Array(count),
  };
}

function copyRow(from: Omit<TrainingRows, 'instrument' | 'regime'>, row: number, to: TrainingRows, at: number): void {
  to.rows.set(from.rows.subarray(row * ROW_WIDTH, (row + 1) * ROW_WIDTH), at * ROW_WIDTH);
  to.up[at] = from.up[row];
  to.lastMove[at] = from.lastMove[row];
  to.timeUs[at] = from.timeUs[row];
  to.labelTimeUs[at] = from.labelTimeUs[row];
}
