// `kisignal train`: recordings in, artifact and card out. The same seed, recordings and code give the same bytes.
import { basename } from 'node:path';
import { FEATURE_NAMES, MIRROR_SIGNS } from '../engine/features/order-book-features.ts';
import { ForwardPassModel } from '../engine/predict/forward-pass-model.ts';
import type { ArtifactHeader } from './artifact.ts';
import { ARTIFACT_FORMAT, encodeWeights, parseArtifact, readArtifact, sha256, writeArtifact } from './artifact.ts';
import type { Candidate } from './candidate.ts';
import { fitCandidate, sigmoid } from './candidate.ts';
import { writeCard } from './card.ts';
import { fileSha256, findRecordings } from './datasets/recordings.ts';
import { ROW_WIDTH } from './datasets/samples.ts';
import { evaluateRecipe, loadAll } from './evaluate.ts';
import { seededRandom } from './learners/random.ts';
import type { Progress } from './progress.ts';
import { streamProgress } from './progress.ts';
import { RECIPE, type Recipe } from './recipe.ts';
import { formatBoards } from './scoreboard.ts';
import { gatherRows, REGIMES, timeQuantile } from './training-rows.ts';

export interface TrainOptions {
  /** Folder of the recordings. */
  readonly dataDir: string;
  /** Folder of the artifact; what is there is overwritten. */
  readonly out: string;
  readonly name?: string;
  readonly seed?: number;
  readonly recipe?: Recipe;
  /** False: no folds, and a card without results. */
  readonly evaluate?: boolean;
  readonly progress?: Progress;
}

/** @throws {DatasetError} @returns the SHA-256 of the artifact */
export function trainCommand(options: TrainOptions): { hash: string } {
  const progress = options.progress ?? streamProgress(process.stdout);
  const name = options.name ?? 'next-mid-move';
  const recipe = { ...(options.recipe ?? RECIPE), ...(options.seed === undefined ? {} : { seed: options.seed }) };
  const recordings = findRecordings(options.dataDir);
  const samples = loadAll(recordings, progress);
  const table = gatherRows(samples, { regimes: REGIMES, quoteStride: recipe.quoteStride });
  const candidate = fitCandidate(table, recipe, (detail) => progress.step('training on everything', detail));
  const boards = options.evaluate === false ? [] : evaluateRecipe(samples, recipe, progress);
  const header = describe(name, candidate, recipe.seed);
  writeArtifact(options.out, header, candidate.layers);
  const { hash } = holdGolden(options.out);
  const files = recordings.flatMap((recording) => recording.files);
  const card = {
    name,
    hash,
    weightsSha256: header.weightsSha256,
    data: files.map((file) => ({ file: basename(file), sha256: fileSha256(file) })),
    rows: table.count,
    span: { from: isoTime(timeQuantile(table, 0)), to: isoTime(timeQuantile(table, 1)) },
    recipe,
    epochs: candidate.epochs,
    temperature: candidate.temperature,
  };
  writeCard(options.out, card, boards);
  if (boards.length > 0) progress.print(formatBoards(boards));
  progress.print(`${options.out}: artifact ${hash}`);
  return { hash };
}

const GOLDEN_ROWS = 32;

/** The golden rows are drawn from the range of the features, not taken from the recordings. */
function describe(name: string, candidate: Candidate, seed: number): ArtifactHeader {
  const { mean, deviation } = candidate.normalisation;
  const random = seededRandom(seed + 2);
  const golden = Array.from({ length: GOLDEN_ROWS }, () =>
    Array.from(mean, (centre, f) => Number((centre + 2 * (2 * random() - 1) * deviation[f]).toFixed(4))),
  );
  const rows = Float32Array.from(golden.flat());
  return {
    format: ARTIFACT_FORMAT,
    name,
    features: FEATURE_NAMES.map((feature, f) => ({
      name: feature,
      parity: MIRROR_SIGNS[f] < 0 ? 'odd' : 'even',
      mean: mean[f],
      deviation: deviation[f],
    })),
    layers: candidate.layers.map(({ inputs, outputs, activation }) => ({ inputs, outputs, activation })),
    temperature: candidate.temperature,
    weightsSha256: sha256(encodeWeights(candidate.layers)),
    golden: { rows: golden, up: golden.map((_, r) => sigmoid(candidate.logOdds(rows, r))) },
  };
}

/** Reads the artifact back as the engine will and compares it with the trainer's own arithmetic. */
function holdGolden(directory: string): { hash: string } {
  const artifact = parseArtifact(readArtifact(directory).bytes, directory);
  const { rows, up: expected } = artifact.header.golden;
  const up = new Float32Array(rows.length);
  new ForwardPassModel(artifact).predict(Float32Array.from(rows.flat()), rows.length, up);
  const off = Math.max(...expected.map((value, r) => Math.abs(value - up[r])));
  if (!(off <= 1e-5)) throw new Error(`${directory}: golden rows of width ${ROW_WIDTH} come out ${off} off`);
  return { hash: artifact.hash };
}

function isoTime(timeUs: number): string {
  return new Date(timeUs / 1000).toISOString();
}
