// The model: a teacher (the mean of the log-odds of a ridge logistic regression, one for each regime, and of boosted
// trees) and a small network distilled from it. How long the network trains, and its temperature, are found on what
// the fit has not seen, each on blocks of time of its own; then everything is fitted again on all rows.
import { MIRROR_SIGNS } from '../engine/features/order-book-features.ts';
import type { Layer } from './artifact.ts';
import { ROW_WIDTH } from './datasets/samples.ts';
import { fitBooster, mirroredLogOdds } from './learners/gradient-boosting.ts';
import { fitLogistic } from './learners/logistic-regression.ts';
import { fitTemperature, logLoss } from './learners/metrics.ts';
import type { MirrorNetwork } from './learners/mirror-network.ts';
import { fitMirrorNetwork } from './learners/mirror-network.ts';
import type { Recipe } from './recipe.ts';
import type { TrainingRows } from './training-rows.ts';
import { filterRows, REGIMES, rowsOutside, rowsWithin, timeQuantile } from './training-rows.ts';

/** Log-odds of rows of a table; what every learner comes down to. */
export type Scorer = (rows: Float32Array, row: number) => number;

export interface Normalisation {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

export interface Candidate {
  readonly logOdds: Scorer;
  readonly layers: readonly Layer[];
  readonly normalisation: Normalisation;
  readonly temperature: number;
  readonly epochs: number;
}

export function fitCandidate(table: TrainingRows, recipe: Recipe, say: (step: string) => void): Candidate {
  const { epochs, temperature } = crossValidate(table, recipe, say);
  const { network, normalisation } = distil(table, recipe, epochs, (step) => say(`final fit: ${step}`));
  const score = scorer(network, normalisation);
  return {
    logOdds: (rows, row) => score(rows, row) / temperature,
    layers: network.layers(),
    normalisation,
    temperature,
    epochs,
  };
}

/** Blocks of this length take turns: on the even ones the number of epochs is chosen, on the odd ones the temperature. */
const BLOCK_US = 30_000_000;

/** Epochs and temperature with the least log loss on what was left out of the fit. */
function crossValidate(
  table: TrainingRows,
  recipe: Recipe,
  say: (step: string) => void,
): { epochs: number; temperature: number } {
  const { epochs } = recipe.network;
  const losses = new Float64Array(epochs);
  const logOdds = Array.from({ length: epochs }, (): number[] => []);
  const labels: number[] = [];
  const parts = leaveOut(table, recipe.spans);
  for (const [part, { training, unseen }] of parts.entries()) {
    const isOdd = (row: number) => Math.floor(unseen.timeUs[row] / BLOCK_US) % 2 === 1;
    for (let r = 0; r < unseen.count; r++) if (isOdd(r)) labels.push(unseen.up[r]);
    distil(
      training,
      recipe,
      epochs,
      (step) => say(`part ${part + 1}/${parts.length}: ${step}`),
      (score, epoch) => {
        for (let r = 0; r < unseen.count; r++) {
          const value = score(unseen.rows, r);
          if (isOdd(r)) logOdds[epoch - 1].push(value);
          else losses[epoch - 1] += logLoss(sigmoid(value), unseen.up[r]);
        }
      },
    );
  }
  const best = losses.indexOf(Math.min(...losses));
  return { epochs: best + 1, temperature: fitTemperature(logOdds[best], labels) };
}

/** Each instrument in turn, because the model will meet instruments it has not seen; of a single one, spans of time. */
function leaveOut(table: TrainingRows, spans: number): { training: TrainingRows; unseen: TrainingRows }[] {
  const instruments = [...new Set(table.instrument)];
  if (instruments.length > 1) {
    return instruments.map((left) => ({
      training: filterRows(table, (r) => table.instrument[r] !== left),
      unseen: filterRows(table, (r) => table.instrument[r] === left),
    }));
  }
  return Array.from({ length: spans }, (_, span) => {
    const fromUs = timeQuantile(table, span / spans);
    const untilUs = timeQuantile(table, (span + 1) / spans);
    return { training: rowsOutside(table, fromUs, untilUs), unseen: rowsWithin(table, fromUs, untilUs) };
  });
}

/** A ridge logistic regression on the odd features: an odd function, as the mirror symmetry wants it. */
export function fitOddLogistic(table: TrainingRows, ridge: number): Scorer {
  const odd = Array.from(MIRROR_SIGNS.keys()).filter((f) => MIRROR_SIGNS[f] < 0);
  const columns = new Float32Array(table.count * odd.length);
  for (let r = 0; r < table.count; r++) {
    for (const [i, f] of odd.entries()) columns[r * odd.length + i] = table.rows[r * ROW_WIDTH + f];
  }
  const { weights } = fitLogistic(columns, odd.length, table.up, ridge);
  return (rows, row) => odd.reduce((sum, f, i) => sum + weights[i] * rows[row * ROW_WIDTH + f], 0);
}

interface Distilled {
  readonly network: MirrorNetwork;
  readonly normalisation: Normalisation;
}

/** @param stopAfter epochs after which the training ends; the learning rate falls as if it went on to the last */
function distil(
  table: TrainingRows,
  recipe: Recipe,
  stopAfter: number,
  say: (step: string) => void,
  onEpoch?: (score: Scorer, epoch: number) => void,
): Distilled {
  const logistics = REGIMES.map((_, regime) =>
    fitOddLogistic(
      filterRows(table, (r) => table.regime[r] === regime),
      recipe.logisticRidge,
    ),
  );
  const booster = fitBooster(table.rows, table.up, MIRROR_SIGNS, recipe.boosting, (trees) => say(`tree ${trees}`));
  const targets = Float32Array.from({ length: table.count }, (_, r) => {
    const linear = logistics[table.regime[r]](table.rows, r);
    return (linear + mirroredLogOdds(booster, table.rows, r, MIRROR_SIGNS)) / 2;
  });
  const normalisation = measure(table);
  const rows = normalised(table, normalisation);
  const options = { ...recipe.network, seed: recipe.seed };
  const network = fitMirrorNetwork(rows, targets, MIRROR_SIGNS, options, (trained, epoch) => {
    say(`epoch ${epoch}`);
    onEpoch?.(scorer(trained, normalisation), epoch);
    return epoch < stopAfter;
  });
  return { network, normalisation };
}

export function sigmoid(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

/** Mean and deviation; an odd feature's mean is 0, because every row counts together with its mirror image. */
function measure({ rows, count }: TrainingRows): Normalisation {
  const mean = new Float64Array(ROW_WIDTH);
  const deviation = new Float64Array(ROW_WIDTH);
  for (let f = 0; f < ROW_WIDTH; f++) {
    if (MIRROR_SIGNS[f] > 0) {
      for (let r = 0; r < count; r++) mean[f] += rows[r * ROW_WIDTH + f] / count;
    }
    for (let r = 0; r < count; r++) {
      const off = rows[r * ROW_WIDTH + f] - mean[f];
      deviation[f] += (off * off) / count;
    }
    deviation[f] = Math.sqrt(deviation[f]) || 1;
  }
  return { mean, deviation };
}

function normalised({ rows, count }: TrainingRows, { mean, deviation }: Normalisation): Float32Array {
  const result = new Float32Array(rows.length);
  for (let r = 0; r < count; r++) {
    for (let f = 0; f < ROW_WIDTH; f++) {
      result[r * ROW_WIDTH + f] = (rows[r * ROW_WIDTH + f] - mean[f]) / deviation[f];
    }
  }
  return result;
}

function scorer(network: MirrorNetwork, { mean, deviation }: Normalisation): Scorer {
  const scaled = new Float32Array(ROW_WIDTH);
  return (rows, row) => {
    for (let f = 0; f < ROW_WIDTH; f++) scaled[f] = (rows[row * ROW_WIDTH + f] - mean[f]) / deviation[f];
    return network.forward(scaled, 0);
  };
}
