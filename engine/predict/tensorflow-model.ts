// The model on tf.js, wasm backend: one upload, one chain of fused kernels, one read back for a batch of rows.
// A batch is padded to a power of two, so that only nine shapes exist and all of them are warm before the first tick.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';
import { enableProdMode, engine, getBackend, ready, setBackend, tensor1d, tensor3d } from '@tensorflow/tfjs-core';
import type { Artifact } from '../../models/artifact.ts';
import { ArtifactError } from '../../models/artifact.ts';
import type { Model } from './model.ts';
import { foldNetwork } from './network.ts';

/** Rows of one call at most; a larger batch is cut into several. */
export const BATCH_ROWS_MAX = 256;
/** How far single-precision backends may differ from the trainer's arithmetic. */
const GOLDEN_TOLERANCE = 1e-5;

let backend: Promise<void> | undefined;

/**
 * Loads the wasm backend, once for the process.
 * @throws where wasm cannot be loaded; no other backend takes its place
 */
export function initialiseBackend(): Promise<void> {
  backend ??= loadBackend();
  return backend;
}

async function loadBackend(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(dirname(entry) + sep);
  enableProdMode();
  if (!(await setBackend('wasm'))) throw new Error('tf.js: the wasm backend did not start');
  await ready();
}

interface DeviceLayer {
  readonly kernel: Tensor;
  readonly bias: Tensor;
  readonly attributes: NamedAttrMap;
}

export class TensorflowModel implements Model {
  readonly name: string;
  readonly hash: string;
  readonly featureNames: readonly string[];
  private readonly layers: DeviceLayer[];
  /** The one input buffer, seen at every padded size: views[b] holds 2^b rows. */
  private readonly views: readonly Float32Array[];
  private readonly shapes: readonly [number, number, number][];

  /**
   * Uploads the weights, warms every batch shape and holds the artifact's golden rows. Needs `initialiseBackend`.
   * @throws {ArtifactError} where a golden row comes out wrong
   */
  constructor(artifact: Artifact) {
    if (getBackend() !== 'wasm') throw new Error('tf.js: initialiseBackend() comes before the first model');
    this.name = artifact.header.name;
    this.hash = artifact.hash;
    this.featureNames = artifact.header.features.map((feature) => feature.name);
    const width = this.featureNames.length;
    const input = new Float32Array(BATCH_ROWS_MAX * width);
    const buckets = Array.from({ length: bucketOf(BATCH_ROWS_MAX) + 1 }, (_, bucket) => 1 << bucket);
    this.views = buckets.map((rows) => input.subarray(0, rows * width));
    this.shapes = buckets.map((rows) => [1, rows, width]);
    this.layers = foldNetwork(artifact).map((layer) => {
      const kernel = tensor3d(layer.kernel, [1, layer.inputs, layer.outputs]);
      const bias = tensor1d(layer.bias);
      return { kernel, bias, attributes: { transposeA: false, transposeB: false, activation: layer.activation } };
    });
    const up = new Float32Array(BATCH_ROWS_MAX);
    for (const rows of buckets) this.predict(input, rows, up);
    this.holdGolden(artifact);
  }

  predict(rows: Float32Array, count: number, up: Float32Array): void {
    const width = this.featureNames.length;
    for (let start = 0; start < count; start += BATCH_ROWS_MAX) {
      const chunk = Math.min(BATCH_ROWS_MAX, count - start);
      const bucket = bucketOf(chunk);
      // Rows beyond the chunk keep what stood there before: a row's result does not depend on its neighbours.
      this.views[bucket].set(rows.subarray(start * width, (start + chunk) * width));
      this.run(bucket, chunk, up, start);
    }
  }

  dispose(): void {
    for (const { kernel, bias } of this.layers.splice(0)) {
      kernel.dispose();
      bias.dispose();
    }
  }

  private run(bucket: number, count: number, up: Float32Array, offset: number): void {
    if (this.layers.length === 0) throw new Error(`model ${this.name} is disposed`);
    const tf = engine();
    let values = tf.makeTensor(this.views[bucket], this.shapes[bucket], 'float32');
    for (const { kernel, bias, attributes } of this.layers) {
      const a = values;
      try {
        values = tf.runKernel<Tensor>('_FusedMatMul', { a, b: kernel, bias }, attributes);
      } finally {
        a.dispose();
      }
    }
    const result = values.dataSync<'float32'>();
    values.dispose();
    for (let r = 0; r < count; r++) up[offset + r] = result[r];
  }

  private holdGolden(artifact: Artifact): void {
    const { rows, up: expected } = artifact.header.golden;
    const up = new Float32Array(rows.length);
    this.predict(Float32Array.from(rows.flat()), rows.length, up);
    const wrong = expected.findIndex((value, r) => !(Math.abs(value - up[r]) <= GOLDEN_TOLERANCE));
    if (wrong < 0) return;
    this.dispose();
    throw new ArtifactError(this.name, `golden row ${wrong} on tf.js wasm`, `${expected[wrong]}`, `${up[wrong]}`);
  }
}

/** The exponent of the smallest power of two that holds `rows`. */
function bucketOf(rows: number): number {
  return rows <= 1 ? 0 : 32 - Math.clz32(rows - 1);
}
