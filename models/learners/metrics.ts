// What is said of a forecast: log loss, accuracy, expected calibration error, and intervals by block bootstrap.
import { seededRandom } from './random.ts';

const PROBABILITY_MIN = 1e-9;

/** Nats; `up` is 1 or 0. */
export function logLoss(probabilityUp: number, up: number): number {
  const p = up === 1 ? probabilityUp : 1 - probabilityUp;
  return -Math.log(Math.max(p, PROBABILITY_MIN));
}

/**
 * Expected calibration error of the most probable class over equal-width bins of its confidence (Naeini et al. 2015).
 * @param labels class of each row
 * @param probabilities [labels.length × classes], row by row
 */
export function expectedCalibrationError(
  labels: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  bins = 15,
): number {
  const confidences = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (let r = 0; r < labels.length; r++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (probabilities[r * classes + c] > probabilities[r * classes + best]) best = c;
    }
    const confidence = probabilities[r * classes + best];
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
    confidences[bin] += confidence;
    hits[bin] += best === labels[r] ? 1 : 0;
  }
  let error = 0;
  for (let b = 0; b < bins; b++) error += Math.abs(hits[b] - confidences[b]);
  return labels.length === 0 ? 0 : error / labels.length;
}

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

const BLOCK_US = 5_000_000;
const RESAMPLES = 1000;

/**
 * Mean with its 95 % interval. Neighbouring rows share their future, so blocks of 5 s are drawn, not rows.
 * @param blockOf what else, besides its time, puts a row into a block of its own (the instrument)
 */
export function blockBootstrap(
  values: Float64Array,
  timeUs: Float64Array,
  blockOf: ArrayLike<number>,
  seed = 1,
): Interval {
  const blocks = new Map<string, { sum: number; count: number }>();
  for (let r = 0; r < values.length; r++) {
    const key = `${blockOf[r]}/${Math.floor(timeUs[r] / BLOCK_US)}`;
    const block = blocks.get(key);
    if (block === undefined) blocks.set(key, { sum: values[r], count: 1 });
    else {
      block.sum += values[r];
      block.count++;
    }
  }
  const list = [...blocks.values()];
  const mean = list.reduce((sum, block) => sum + block.sum, 0) / values.length;
  const random = seededRandom(seed);
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    let count = 0;
    for (let i = 0; i < list.length; i++) {
      const block = list[Math.floor(random() * list.length)];
      sum += block.sum;
      count += block.count;
    }
    return sum / count;
  }).sort();
  return { mean, low: means[Math.floor(RESAMPLES * 0.025)], high: means[Math.ceil(RESAMPLES * 0.975) - 1] };
}

/** The temperature by which log-odds are to be divided for the least log loss, by golden-section search on its log. */
export function fitTemperature(logOdds: ArrayLike<number>, up: ArrayLike<number>): number {
  const loss = (logTemperature: number) => {
    const temperature = Math.exp(logTemperature);
    let sum = 0;
    for (let r = 0; r < up.length; r++) sum += logLoss(1 / (1 + Math.exp(-logOdds[r] / temperature)), up[r]);
    return sum;
  };
  const ratio = (Math.sqrt(5) - 1) / 2;
  let low = -2;
  let high = 2;
  for (let step = 0; step < 40; step++) {
    const left = high - ratio * (high - low);
    const right = low + ratio * (high - low);
    if (loss(left) < loss(right)) high = right;
    else low = left;
  }
  return Math.exp((low + high) / 2);
}
