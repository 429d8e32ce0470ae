// What a prediction costs a row, on tf.js wasm as the engine runs it, beside the same network in plain typed arrays in
// the same run. Not a test: nothing is asserted.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../config/paths.ts';
import { monotonicUs } from '../engine/clock.ts';
import { ForwardPassModel } from '../engine/predict/forward-pass-model.ts';
import type { Model } from '../engine/predict/model.ts';
import { initialiseBackend, TensorflowModel } from '../engine/predict/tensorflow-model.ts';
import { parseArtifact, readArtifact } from '../models/artifact.ts';

export interface PredictBenchRow {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  baselineName: string;
  /** baseline ÷ value: how many times better. */
  ratio: number;
}

const BATCHES = [64, 256, 16, 4, 1];
const ROWS_PER_ROUND = 2048;
const WARM_UP_ROUNDS = 10;
const ROUNDS = 40;

/** Microseconds a row of each model: the median of rounds that take turns, so that both see the same machine. */
function usPerRow(models: readonly Model[], rows: Float32Array, batch: number): number[] {
  const up = new Float32Array(batch);
  const batches = Math.ceil(ROWS_PER_ROUND / batch);
  const times = models.map((): number[] => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    for (const [m, model] of models.entries()) {
      const start = monotonicUs();
      for (let b = 0; b < batches; b++) model.predict(rows, batch, up);
      if (round >= WARM_UP_ROUNDS) times[m].push((monotonicUs() - start) / (batches * batch));
    }
  }
  return times.map((own) => own.sort((a, b) => a - b)[ROUNDS >> 1]);
}

/** @returns µs a row for each size of batch */
export async function benchPredict(): Promise<PredictBenchRow[]> {
  const artifact = parseArtifact(readArtifact(join(packageRoot, 'models', 'artifacts', 'next-mid-move')).bytes);
  await initialiseBackend();
  const tensorflow = new TensorflowModel(artifact);
  const plain = new ForwardPassModel(artifact);
  const width = artifact.header.features.length;
  const rows = Float32Array.from({ length: Math.max(...BATCHES) * width }, (_, i) => Math.sin(i * 12.9898));
  const result = BATCHES.map((batch) => {
    const [value, baseline] = usPerRow([tensorflow, plain], rows, batch);
    const name = batch === 1 ? 'prediction, 1 row' : `prediction, ${batch} rows in one call`;
    return { name, value, unit: 'µs/row', baseline, baselineName: 'plain typed arrays', ratio: baseline / value };
  });
  tensorflow.dispose();
  return result;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit, baseline, baselineName, ratio } of await benchPredict()) {
    process.stdout.write(
      `${name.padEnd(32)} ${value.toFixed(2)} ${unit}, ${baselineName} ${baseline.toFixed(2)}, ${ratio.toFixed(2)}×\n`,
    );
  }
}
