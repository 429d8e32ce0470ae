// The model on tf.js, wasm backend: rows written into its heap, one chain of fused kernels, results read out of it.
// A batch is padded to a power of two, so that only nine shapes exist and all of them are warm before the first tick.
// The kernel is looked up once and called as the engine of tf.js would call it: what the engine does around each call
// (tensors, scopes, gradient closures) costs more than the arithmetic of a few rows, and inference needs none of it.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { KernelFunc, NamedAttrMap, Tensor, TensorInfo } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
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
  tf.enableProdMode();
  if (!(await tf.setBackend('wasm'))) throw new Error('tf.js: the wasm backend did not start');
  await tf.ready();
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
  private readonly device: BackendWasm;
  private readonly fusedMatMul: KernelFunc;
  private readonly layers: DeviceLayer[];
  private readonly input: Tensor;
  /** The one input, seen at every padded size: inputs[b] holds 2^b rows. */
  private readonly inputs: readonly TensorInfo[];

  /**
   * Uploads the weights, warms every batch shape and holds the artifact's golden rows. Needs `initialiseBackend`.
   * @throws {ArtifactError} where a golden row comes out wrong
   */
  constructor(artifact: Artifact) {
    if (tf.getBackend() !== 'wasm') throw new Error('tf.js: initialiseBackend() comes before the first model');
    const device = tf.backend();
    const fusedMatMul = tf.getKernel('_FusedMatMul', 'wasm')?.kernelFunc;
    if (!(device instanceof BackendWasm) || !fusedMatMul) throw new Error('tf.js: no fused kernel on the wasm backend');
    this.device = device;
    this.fusedMatMul = fusedMatMul;
    this.name = artifact.header.name;
    this.hash = artifact.hash;
    this.featureNames = artifact.header.features.map((feature) => feature.name);
    const width = this.featureNames.length;
    const zeros = new Float32Array(BATCH_ROWS_MAX * width);
    this.input = tf.tensor3d(zeros, [1, BATCH_ROWS_MAX, width]);
    const buckets = Array.from({ length: bucketOf(BATCH_ROWS_MAX) + 1 }, (_, bucket) => 1 << bucket);
    const { dataId } = this.input;
    this.inputs = buckets.map((rows) => ({ dataId, shape: [1, rows, width], dtype: 'float32' }));
    this.layers = foldNetwork(artifact).map((layer) => {
      const kernel = tf.tensor3d(layer.kernel, [1, layer.inputs, layer.outputs]);
      const bias = tf.tensor1d(layer.bias);
      return { kernel, bias, attributes: { transposeA: false, transposeB: false, activation: layer.activation } };
    });
    const up = new Float32Array(BATCH_ROWS_MAX);
    for (const rows of buckets) this.predict(zeros, rows, up);
    this.holdGolden(artifact);
  }

  predict(rows: Float32Array, count: number, up: Float32Array): void {
    if (this.layers.length === 0) throw new Error(`model ${this.name} is disposed`);
    const width = this.featureNames.length;
    for (let start = 0; start < count; start += BATCH_ROWS_MAX) {
      const chunk = Math.min(BATCH_ROWS_MAX, count - start);
      const input = this.inputs[bucketOf(chunk)];
      // Rows beyond the chunk keep what stood there before: a row's result does not depend on its neighbours.
      this.device.typedArrayFromHeap(input).set(rows.subarray(start * width, (start + chunk) * width));
      const output = this.run(input);
      // A view is made anew for each use: where the heap grows, the views of the old one are empty.
      const result = this.device.typedArrayFromHeap(output);
      for (let r = 0; r < chunk; r++) up[start + r] = result[r];
      this.device.disposeData(output.dataId);
    }
  }

  dispose(): void {
    for (const { kernel, bias } of this.layers.splice(0)) {
      kernel.dispose();
      bias.dispose();
    }
    this.input.dispose();
  }

  /** @returns the last layer's output, which the caller disposes of */
  private run(input: TensorInfo): TensorInfo {
    const { device, fusedMatMul } = this;
    let values = input;
    for (const { kernel, bias, attributes } of this.layers) {
      const a = values;
      try {
        values = fusedMatMul({ inputs: { a, b: kernel, bias }, backend: device, attrs: attributes }) as TensorInfo;
      } finally {
        if (a !== input) device.disposeData(a.dataId);
      }
    }
    return values;
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
