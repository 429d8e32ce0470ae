// What is left out of the training in turn: each instrument, and the later time (walk-forward, purged and embargoed).
import type { RecordedSamples } from './datasets/recordings.ts';
import type { Board } from './scoreboard.ts';
import type { Regime, TrainingRows } from './training-rows.ts';
import { gatherRows, REGIMES, rowsBefore, rowsWithin, timeQuantile } from './training-rows.ts';

export interface Fold {
  readonly kind: Board['kind'];
  readonly leftOut: string;
  training(regimes: readonly Regime[], quoteStride: number): TrainingRows;
  unseen(regime: Regime): TrainingRows;
}

export function leaveOneInstrumentOut(recordings: readonly RecordedSamples[]): Fold[] {
  if (recordings.length < 2) return [];
  return recordings.map(({ instrument }, left) => ({
    kind: 'instrument',
    leftOut: instrument,
    training: (regimes, quoteStride) =>
      gatherRows(recordings, { regimes, quoteStride, instruments: (index) => index !== left }),
    unseen: (regime) =>
      gatherRows(recordings, { regimes: [regime], quoteStride: 1, instruments: (index) => index === left }),
  }));
}

/** Trained on all before a point in time, tested from there to the next point: at 1/2, 2/3 and 5/6 of the whole span. */
const WALK_FORWARD_PARTS = [1 / 2, 2 / 3, 5 / 6] as const;

export function walkForward(recordings: readonly RecordedSamples[]): Fold[] {
  const all = gatherRows(recordings, { regimes: ['frames'], quoteStride: 1 });
  const startUs = timeQuantile(all, 0);
  const endUs = timeQuantile(all, 1);
  const point = (part: number) => startUs + part * (endUs - startUs);
  return WALK_FORWARD_PARTS.map((part, i) => ({
    kind: 'time',
    leftOut: `from ${new Date(point(part) / 1000).toISOString().slice(11, 19)} UTC`,
    training: (regimes, quoteStride) => rowsBefore(gatherRows(recordings, { regimes, quoteStride }), point(part)),
    unseen: (regime) =>
      rowsWithin(
        gatherRows(recordings, { regimes: [regime], quoteStride: 1 }),
        point(part),
        i + 1 < WALK_FORWARD_PARTS.length ? point(WALK_FORWARD_PARTS[i + 1]) : Number.POSITIVE_INFINITY,
      ),
  }));
}

export function allFolds(recordings: readonly RecordedSamples[]): Fold[] {
  return [...leaveOneInstrumentOut(recordings), ...walkForward(recordings)];
}

/** Rows of every regime, in each regime's own table. */
export function everyRegime(recordings: readonly RecordedSamples[]): { regime: Regime; table: TrainingRows }[] {
  return REGIMES.map((regime) => ({ regime, table: gatherRows(recordings, { regimes: [regime], quoteStride: 1 }) }));
}
