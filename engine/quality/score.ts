// From points to scores. A finding takes points off one dimension; points only add up while the day lasts, so a day's
// score never comes back:
//
//   points  = points of the kind × severity
//   score   = 100 / (1 + Σ points / 100)        0 points 100, 25 points 80, 100 points 50, never below 0
//   overall = weighted mean of the four dimensions
//
// Severity of missing shares: 1 + 1,000 × missing / (received + missing + 1,000 records of mean size). The last term
// keeps the day's first records from weighing as if they were half of it.
//
// The current score, which the gate of signals asks, is the day's score as it would be if the whole day went on like the
// last five minutes: their points, times the 76 five-minute windows of a session. It comes back as they pass.
import { DIMENSIONS, type Dimension } from './findings.ts';

export type DimensionWeights = Readonly<Record<Dimension, number>>;

/** What decides of the settings; a mirror of `quality` in the configuration. */
export interface QualitySettings {
  readonly floor: number;
  readonly signalFloor: number;
  readonly everyMs: number;
  readonly weights: DimensionWeights;
  readonly silentMs: number;
  readonly ageMsMax: number;
}

/** Scores of one subject, 0–100 each. */
export interface Scores {
  completeness: number;
  accuracy: number;
  consistency: number;
  timeliness: number;
  overall: number;
}

export const newScores = (): Scores => ({
  completeness: 100,
  accuracy: 100,
  consistency: 100,
  timeliness: 100,
  overall: 100,
});

/** Five-minute windows of a session of 6 h 20 min. */
export const CURRENT_GAIN = 76;
const RESERVE_RECORDS = 1000;
const SEVERITY_OF_ALL = 1000;

/** 0–100 from points, which are not negative. */
export function scoreOf(points: number): number {
  return 100 / (1 + points / 100);
}

/** @param received shares that came, in so many `records`; @param missing shares that did not */
export function shareSeverity(missing: number, received: number, records: number): number {
  const meanShares = records > 0 ? received / records : missing;
  return 1 + (SEVERITY_OF_ALL * missing) / (received + missing + RESERVE_RECORDS * meanShares);
}

/** Weighted mean of four scores; where all weights are 0, their plain mean. */
export function overallOf(scores: Readonly<Record<Dimension, number>>, weights: DimensionWeights): number {
  let sum = 0;
  let total = 0;
  let plain = 0;
  for (const dimension of DIMENSIONS) {
    sum += scores[dimension] * weights[dimension];
    total += weights[dimension];
    plain += scores[dimension];
  }
  return total > 0 ? sum / total : plain / DIMENSIONS.length;
}
