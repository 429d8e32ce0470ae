// How forecasters compare on the same unseen rows: log loss, accuracy, calibration, and the gain in log loss over the
// calibrated imbalance, which is the ruler: the top of the book alone is right two times in three, and a model that
// does not beat it is not worth its time.
import { MIRROR_SIGNS } from '../engine/features/order-book-features.ts';
import { fitOddLogistic, type Scorer, sigmoid } from './candidate.ts';
import { ROW_WIDTH } from './datasets/samples.ts';
import { fitLogistic } from './learners/logistic-regression.ts';
import type { Interval } from './learners/metrics.ts';
import { blockBootstrap, expectedCalibrationError, logLoss } from './learners/metrics.ts';
import type { Regime, TrainingRows } from './training-rows.ts';

export interface Score {
  readonly forecaster: string;
  readonly logLoss: Interval;
  readonly accuracy: Interval;
  /** Nats a row over the calibrated imbalance; positive is better. */
  readonly gain: Interval;
  readonly calibrationError: number;
}

export interface Board {
  /** What was left out of the training: an instrument, or the time from a point on. */
  readonly leftOut: string;
  readonly kind: 'instrument' | 'time' | 'artifact';
  readonly regime: Regime;
  readonly rows: number;
  readonly scores: readonly Score[];
}

export const RULER = 'calibrated imbalance';

/** Probability of up for a row of the table. */
export type Forecaster = (table: TrainingRows, row: number) => number;

const IMBALANCE = 0; // the first feature is the imbalance at the top
if (MIRROR_SIGNS[IMBALANCE] !== -1) throw new Error('the first feature is not the imbalance');

/** The baselines, fitted on the rows of the regime they are compared in, which favours them. */
export function fitBaselines(training: TrainingRows, logisticRidge: number): Map<string, Forecaster> {
  return new Map([
    ['persistence', calibrated(training, (table, row) => [1, table.lastMove[row]])],
    [
      RULER,
      calibrated(training, (table, row) => {
        const imbalance = table.rows[row * ROW_WIDTH + IMBALANCE];
        return [1, imbalance, imbalance * imbalance];
      }),
    ],
    ['logistic, all features', ofScorer(fitOddLogistic(training, logisticRidge))],
  ]);
}

export function ofScorer(score: Scorer): Forecaster {
  return (table, row) => sigmoid(score(table.rows, row));
}

/** @param forecasters by name; RULER must be among them */
export function scoreAll(forecasters: ReadonlyMap<string, Forecaster>, table: TrainingRows): Score[] {
  const ruler = forecasters.get(RULER);
  if (ruler === undefined) throw new Error(`no forecaster is called ${RULER}`);
  const rulerLoss = Float64Array.from({ length: table.count }, (_, r) => logLoss(ruler(table, r), table.up[r]));
  return [...forecasters].map(([forecaster, forecast]) => {
    const loss = new Float64Array(table.count);
    const gain = new Float64Array(table.count);
    const right = new Float64Array(table.count);
    const probabilities = new Float64Array(table.count * 2);
    for (let r = 0; r < table.count; r++) {
      const up = forecast(table, r);
      probabilities[2 * r] = 1 - up;
      probabilities[2 * r + 1] = up;
      loss[r] = logLoss(up, table.up[r]);
      gain[r] = rulerLoss[r] - loss[r];
      // A forecast of exactly one half is right half the time.
      right[r] = up === 0.5 ? 0.5 : up > 0.5 === (table.up[r] === 1) ? 1 : 0;
    }
    const interval = (values: Float64Array) => blockBootstrap(values, table.timeUs, table.instrument);
    return {
      forecaster,
      logLoss: interval(loss),
      accuracy: interval(right),
      gain: interval(gain),
      calibrationError: expectedCalibrationError(table.up, probabilities, 2),
    };
  });
}

/** The boards as a table in plain text, and below it what each forecaster gains in the mean. */
export function formatBoards(boards: readonly Board[]): string {
  const header = ['left out', 'rows taken', 'forecaster', 'log loss', 'accuracy', 'gain over imbalance [95 %]', 'ECE'];
  const lines = boards.flatMap(({ leftOut, regime, rows, scores }) =>
    scores.map((score, i) => [
      i === 0 ? leftOut : '',
      i === 0 ? `${regime} ${rows}` : '',
      score.forecaster,
      score.logLoss.mean.toFixed(4),
      `${(score.accuracy.mean * 100).toFixed(1)} % [${(score.accuracy.low * 100).toFixed(1)}, ${(score.accuracy.high * 100).toFixed(1)}]`,
      `${signed(score.gain.mean)} [${signed(score.gain.low)}, ${signed(score.gain.high)}]`,
      score.calibrationError.toFixed(3),
    ]),
  );
  const widths = header.map((title, c) => Math.max(title.length, ...lines.map((line) => line[c].length)));
  const text = [header, ...lines].map((line) =>
    line
      .map((cell, c) => cell.padEnd(widths[c]))
      .join('  ')
      .trimEnd(),
  );
  const means = meanGains(boards).map(
    ({ kind, regime, boards: count, gains }) =>
      `mean gain, ${kind} left out (${count}), ${regime}: ${Object.entries(gains)
        .map(([forecaster, gain]) => `${forecaster} ${signed(gain)}`)
        .join(', ')}`,
  );
  return [...text, ...means].join('\n');
}

export interface MeanGain {
  readonly kind: Board['kind'];
  readonly regime: Regime;
  readonly boards: number;
  /** By forecaster, the ruler left out. */
  readonly gains: Readonly<Record<string, number>>;
}

/** The mean over what was left out in turn, for each kind and regime. */
export function meanGains(boards: readonly Board[]): MeanGain[] {
  const groups = new Map<string, Board[]>();
  for (const board of boards) {
    const key = `${board.kind}/${board.regime}`;
    groups.set(key, [...(groups.get(key) ?? []), board]);
  }
  return [...groups.values()].map((group) => {
    const gains: Record<string, number> = {};
    for (const { forecaster, gain } of group.flatMap((board) => board.scores)) {
      if (forecaster !== RULER) gains[forecaster] = (gains[forecaster] ?? 0) + gain.mean / group.length;
    }
    return { kind: group[0].kind, regime: group[0].regime, boards: group.length, gains };
  });
}

function calibrated(training: TrainingRows, values: (table: TrainingRows, row: number) => number[]): Forecaster {
  const rows = Array.from({ length: training.count }, (_, r) => values(training, r));
  const { weights } = fitLogistic(rows.flat(), rows[0].length, training.up, 0);
  return (table, row) => sigmoid(values(table, row).reduce((sum, value, i) => sum + weights[i] * value, 0));
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(4)}`;
}
