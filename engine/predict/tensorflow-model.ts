// The model on tf.js, wasm backend: rows written into its heap, one chain of fused kernels, results read out of it.
// A batch is padded to a power of two, so that only nine shapes exist and all of them are warm before the first tick.
// The module's kernel is called as tf.js would call it: what tf.js does around each call (scopes, shapes, new tensors)
// costs more than the arithmetic of a few rows, and inference needs none of it. All tensors are made once.
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { BackendWasm, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import type { Artifact } from '../../models/artifact.ts';
import { ArtifactError } from '../../models/artifact.ts';
import type { Model } from './model.ts';
import { foldNetwork, type NetworkLayer } from './network.ts';

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

/** The kernel as the wasm module has it: tensors by their ids, shapes by where they stand in its memory. */
type FusedMatMul = (
  a: number,
  aShape: number,
  aRank: number,
  b: number,
  bShape: number,
  bRank: number,
  transposeA: number,
  transposeB: number,
  activation: number,
  bias: number,
  preluWeights: number,
  leakyReluAlpha: number,
  out: number,
) => void;

/** As the module numbers them. */
const ACTIVATIONS: Record<NetworkLayer['activation'], number> = { linear: 0, relu: 1, sigmoid: 5 };
const RANK = 3;

/** One layer at one padded size: what the kernel is told. */
interface Step {
  readonly a: number;
  readonly aShape: number;
  readonly b: number;
  readonly bShape: number;
  readonly activation: number;
  readonly bias: number;
  readonly out: number;
}

/** The whole network at one padded size. */
interface Pass {
  readonly input: Tensor;
  readonly steps: readonly Step[];
  readonly output: Tensor;
}

export class TensorflowModel implements Model {
  readonly name: string;
  readonly hash: string;
  readonly featureNames: readonly string[];
  private readonly device: BackendWasm;
  private readonly tensors: Tensor[] = [];
  /** passes[b] takes 2^b rows. */
  private readonly passes: readonly Pass[];

  /**
   * Uploads the weights, warms every batch shape and holds the artifact's golden rows. Needs `initialiseBackend`.
   * @throws {ArtifactError} where a golden row comes out wrong
   */
  constructor(artifact: Artifact) {
    if (tf.getBackend() !== 'wasm') throw new Error('tf.js: initialiseBackend() comes before the first model');
    const device = tf.backend();
    if (!(device instanceof BackendWasm) || kernelOf(device) === undefined)
      throw new Error('tf.js: no fused kernel on the wasm backend');
    this.device = device;
    this.name = artifact.header.name;
    this.hash = artifact.hash;
    this.featureNames = artifact.header.features.map((feature) => feature.name);
    this.passes = this.upload(foldNetwork(artifact));
    const zeros = new Float32Array(BATCH_ROWS_MAX * this.featureNames.length);
    const up = new Float32Array(BATCH_ROWS_MAX);
    for (let bucket = 0; bucket < this.passes.length; bucket++) this.predict(zeros, 1 << bucket, up);
    this.holdGolden(artifact);
  }

  predict(rows: Float32Array, count: number, up: Float32Array): void {
    if (this.tensors.length === 0) throw new Error(`model ${this.name} is disposed`);
    const width = this.featureNames.length;
    for (let start = 0; start < count; start += BATCH_ROWS_MAX) {
      const chunk = Math.min(BATCH_ROWS_MAX, count - start);
      const { input, steps, output } = this.passes[bucketOf(chunk)];
      // Rows beyond the chunk keep what stood there before: a row's result does not depend on its neighbours.
      this.device.typedArrayFromHeap(input).set(rows.subarray(start * width, (start + chunk) * width));
      const kernel = kernelOf(this.device)!;
      for (let i = 0; i < steps.length; i++) {
        const { a, aShape, b, bShape, activation, bias, out } = steps[i];
        kernel(a, aShape, RANK, b, bShape, RANK, 0, 0, activation, bias, 0, 0, out);
      }
      // A view is made anew for each use: where the heap grows, the views of the old one are empty.
      const result = this.device.typedArrayFromHeap(output);
      for (let r = 0; r < chunk; r++) up[start + r] = result[r];
    }
  }

  dispose(): void {
    for (const tensor of this.tensors.splice(0)) tensor.dispose();
  }

  /** Weights, and for every padded size the values between layers. */
  private upload(layers: readonly NetworkLayer[]): Pass[] {
    const weights = layers.map((layer) => ({
      b: this.idOf(this.keep(tf.tensor1d(layer.kernel))),
      bShape: this.shape(layer.inputs, layer.outputs),
      bias: this.idOf(this.keep(tf.tensor1d(layer.bias))),
      activation: ACTIVATIONS[layer.activation],
    }));
    return Array.from({ length: bucketOf(BATCH_ROWS_MAX) + 1 }, (_, bucket): Pass => {
      const rows = 1 << bucket;
      const input = this.keep(tf.zeros([1, rows, layers[0].inputs]));
      let output = input;
      const steps = layers.map(({ inputs, outputs }, i): Step => {
        const a = this.idOf(output);
        output = this.keep(tf.zeros([1, rows, outputs]));
        return { ...weights[i], a, aShape: this.shape(rows, inputs), out: this.idOf(output) };
      });
      return { input, steps, output };
    });
  }

  private keep(tensor: Tensor): Tensor {
    this.tensors.push(tensor);
    return tensor;
  }

  private idOf({ dataId }: Tensor): number {
    return this.device.dataIdMap.get(dataId).id;
  }

  /** Where the shape [1, rows, columns] stands in the module's memory, which a tensor keeps for it. */
  private shape(rows: number, columns: number): number {
    return this.device.getMemoryOffset(this.keep(tf.tensor1d([1, rows, columns], 'int32')).dataId);
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

/** Looked up for each use: without its backend there is none, and the module replaces it at its first call. */
function kernelOf({ wasm }: BackendWasm): FusedMatMul | undefined {
  return (wasm as unknown as { readonly __FusedMatMul?: FusedMatMul }).__FusedMatMul;
}

/** The exponent of the smallest power of two that holds `rows`. */
function bucketOf(rows: number): number {
  return rows <= 1 ? 0 : 32 - Math.clz32(rows - 1);
}
