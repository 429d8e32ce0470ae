// `kisignal evaluate`: the recipe of an artifact held to the ruler, each time trained again without what it is tested
// on, beside persistence, calibrated imbalance and a logistic regression; and the artifact as it is, on all rows.
import { join } from 'node:path';
import { FEATURE_NAMES } from '../engine/features/order-book-features.ts';
import { ForwardPassModel } from '../engine/predict/forward-pass-model.ts';
import type { Artifact } from './artifact.ts';
import { parseArtifact, readArtifact, requireFeatures } from './artifact.ts';
import { fitCandidate } from './candidate.ts';
import { readCard } from './card.ts';
import type { RecordedSamples, Recording } from './datasets/recordings.ts';
import { fileSha256, findRecordings, loadRecording } from './datasets/recordings.ts';
import { ROW_WIDTH } from './datasets/samples.ts';
import { allFolds, everyRegime, type Fold } from './folds.ts';
import type { Progress } from './progress.ts';
import { streamProgress } from './progress.ts';
import type { Recipe } from './recipe.ts';
import type { Board, Forecaster } from './scoreboard.ts';
import { fitBaselines, formatBoards, ofScorer, scoreAll } from './scoreboard.ts';
import { REGIMES } from './training-rows.ts';

/** How the network is called in tables and on the card. */
export const MODEL = 'network';

export interface EvaluateOptions {
  /** Folder of the artifact. */
  readonly artifact: string;
  /** Folder of the recordings. */
  readonly dataDir: string;
  readonly progress?: Progress;
}

export interface Evaluation {
  readonly hash: string;
  /** True where the artifact was trained on these very files. */
  readonly seen: boolean;
  readonly boards: readonly Board[];
}

/** @throws {ArtifactError | DatasetError} */
export function evaluateCommand(options: EvaluateOptions): Evaluation {
  const progress = options.progress ?? streamProgress(process.stdout);
  const artifact = parseArtifact(readArtifact(options.artifact).bytes, options.artifact);
  requireFeatures(artifact, FEATURE_NAMES, options.artifact);
  const card = readCard(join(options.artifact, 'card.json'));
  const recordings = findRecordings(options.dataDir);
  const known = new Set(card.data.map((file) => file.sha256));
  const seen = recordings.some(({ files }) => files.some((file) => known.has(fileSha256(file))));
  const samples = loadAll(recordings, progress);
  const boards = [
    ...evaluateRecipe(samples, card.recipe, progress),
    ...evaluateArtifact(artifact, samples, card.recipe),
  ];
  progress.print(`artifact ${artifact.header.name} ${artifact.hash}`);
  progress.print(formatBoards(boards));
  progress.print(
    seen
      ? 'left out "nothing": the artifact itself, on recordings it was trained on; every other line was trained without what it is tested on'
      : 'left out "nothing": the artifact itself, which has not seen these recordings (its baselines have)',
  );
  return { hash: artifact.hash, seen, boards };
}

export function loadAll(recordings: readonly Recording[], progress: Progress): RecordedSamples[] {
  return recordings.map((recording) => {
    progress.step('reading the recordings', recording.instrument);
    return loadRecording(recording);
  });
}

export function evaluateRecipe(samples: readonly RecordedSamples[], recipe: Recipe, progress: Progress): Board[] {
  return allFolds(samples).flatMap((fold) => evaluateFold(fold, recipe, progress));
}

function evaluateFold(fold: Fold, recipe: Recipe, progress: Progress): Board[] {
  const { kind, leftOut } = fold;
  const candidate = fitCandidate(fold.training(REGIMES, recipe.quoteStride), recipe, (detail) =>
    progress.step(`training without ${leftOut}`, detail),
  );
  return REGIMES.map((regime) => {
    const table = fold.unseen(regime);
    const forecasters = fitBaselines(fold.training([regime], recipe.quoteStride), recipe.logisticRidge);
    forecasters.set(MODEL, ofScorer(candidate.logOdds));
    return { kind, leftOut, regime, rows: table.count, scores: scoreAll(forecasters, table) };
  });
}

function evaluateArtifact(artifact: Artifact, samples: readonly RecordedSamples[], recipe: Recipe): Board[] {
  const forecast = ofModel(new ForwardPassModel(artifact));
  return everyRegime(samples).map(({ regime, table }) => {
    const forecasters = fitBaselines(table, recipe.logisticRidge);
    forecasters.set(MODEL, forecast);
    return { kind: 'artifact', leftOut: 'nothing', regime, rows: table.count, scores: scoreAll(forecasters, table) };
  });
}

function ofModel(model: ForwardPassModel): Forecaster {
  const up = new Float32Array(1);
  return (table, row) => {
    model.predict(table.rows.subarray(row * ROW_WIDTH, (row + 1) * ROW_WIDTH), 1, up);
    return up[0];
  };
}
