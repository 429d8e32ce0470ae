// Both ways to run the model, held to each other, to the artifact's golden rows and to the mirror symmetry.
import { join } from 'node:path';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor } from '@tensorflow/tfjs-core';
import { backend, engine, memory, tensor1d, tensor3d, tidy, zeros } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Artifact } from '../../models/artifact.ts';
import { ArtifactError, parseArtifact, readArtifact } from '../../models/artifact.ts';
import { MIRROR_SIGNS } from '../features/order-book-features.ts';
import { ForwardPassModel } from './forward-pass-model.ts';
import type { Model } from './model.ts';
import { foldNetwork } from './network.ts';
import { BATCH_ROWS_MAX, initialiseBackend, TensorflowModel } from './tensorflow-model.ts';

const artifact = parseArtifact(readArtifact(join(import.meta.dirname, '../../models/artifacts/next-mid-move')).bytes);
const WIDTH = artifact.header.features.length;

let tensorflow: TensorflowModel;
let oracle: ForwardPassModel;

beforeAll(async () => {
  await initialiseBackend();
  tensorflow = new TensorflowModel(artifact);
  oracle = new ForwardPassModel(artifact);
});

afterAll(() => tensorflow.dispose());

/** Rows within the range of the features, a different one for each index. */
function exampleRows(count: number): Float32Array {
  return Float32Array.from({ length: count * WIDTH }, (_, i) => 3 * Math.sin(i * 12.9898 + Math.floor(i / WIDTH)));
}

function predict(model: Model, rows: Float32Array, count = rows.length / WIDTH): Float32Array {
  const up = new Float32Array(count);
  model.predict(rows, count, up);
  return up;
}

/** The same network by way of the engine of tf.js, with a tensor for everything. */
function predictByEngine(rows: Float32Array): Float32Array {
  const count = rows.length / WIDTH;
  return tidy(() => {
    let values: Tensor = tensor3d(rows, [1, count, WIDTH]);
    for (const layer of foldNetwork(artifact)) {
      const b = tensor3d(layer.kernel, [1, layer.inputs, layer.outputs]);
      const attributes = { transposeA: false, transposeB: false, activation: layer.activation };
      values = engine().runKernel('_FusedMatMul', { a: values, b, bias: tensor1d(layer.bias) }, attributes);
    }
    return values.dataSync<'float32'>();
  });
}

const rowsArbitrary = fc
  .array(fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: WIDTH, maxLength: WIDTH }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((rows) => Float32Array.from(rows.flat()));

describe('the prediction', () => {
  it('agrees between tf.js wasm and the plain forward pass to 1e-5', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const expected = predict(oracle, rows);
        for (const [r, value] of predict(tensorflow, rows).entries()) {
          expect(Math.abs(value - expected[r])).toBeLessThanOrEqual(1e-5);
        }
      }),
    );
  });

  it('meets the golden rows of the artifact to 1e-5', () => {
    const rows = Float32Array.from(artifact.header.golden.rows.flat());
    for (const model of [tensorflow, oracle]) {
      for (const [r, value] of predict(model, rows).entries()) {
        expect(Math.abs(value - artifact.header.golden.up[r])).toBeLessThanOrEqual(1e-5);
      }
    }
  });

  it('has the same bits for a row whatever batch it stands in, alone or among 2 … 257', () => {
    const rows = exampleRows(BATCH_ROWS_MAX + 1);
    const alone = Float32Array.from(
      { length: BATCH_ROWS_MAX + 1 },
      (_, r) => predict(tensorflow, rows.subarray(r * WIDTH, (r + 1) * WIDTH))[0],
    );
    for (let count = 1; count <= BATCH_ROWS_MAX + 1; count++) {
      expect(predict(tensorflow, rows, count)).toEqual(alone.slice(0, count));
    }
    const reversed = new Float32Array(rows.length);
    for (let r = 0; r <= BATCH_ROWS_MAX; r++) {
      reversed.set(rows.subarray(r * WIDTH, (r + 1) * WIDTH), (BATCH_ROWS_MAX - r) * WIDTH);
    }
    expect(predict(tensorflow, reversed).reverse()).toEqual(alone);
  });

  it('cuts a batch larger than the largest shape into several', () => {
    const rows = exampleRows(3 * BATCH_ROWS_MAX + 5);
    const expected = predict(oracle, rows);
    for (const [r, value] of predict(tensorflow, rows).entries()) expect(value).toBeCloseTo(expected[r], 5);
  });

  it('writes as many results as it was told, and no further', () => {
    const up = new Float32Array(8).fill(-1);
    tensorflow.predict(exampleRows(8), 3, up);
    expect(up.subarray(0, 3).every((value) => value > 0 && value < 1)).toBe(true);
    expect([...up.subarray(3)]).toEqual([-1, -1, -1, -1, -1]);
    tensorflow.predict(exampleRows(8), 0, up);
  });

  it('of a row and of its mirror image add up to one', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const mirror = rows.map((value, i) => value * MIRROR_SIGNS[i % WIDTH]);
        for (const model of [tensorflow, oracle]) {
          const up = predict(model, rows);
          for (const [r, value] of predict(model, mirror).entries()) expect(value + up[r]).toBeCloseTo(1, 6);
        }
      }),
    );
  });

  it('is sure of itself where every feature points one way', () => {
    const buyers = Float32Array.from(artifact.header.features, ({ name }) =>
      /imbalance_\d|near|order_flow/.test(name) ? 0.8 : 0,
    );
    expect(predict(oracle, buyers)[0]).toBeGreaterThan(0.7);
  });
});

describe('tf.js', () => {
  it('has the same bits through its engine as where its kernel is called without it', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        expect(predict(tensorflow, rows)).toEqual(predictByEngine(rows));
      }),
    );
  });

  it('keeps its tensors and its buffers over thousands of batches', () => {
    const rows = exampleRows(64);
    const before = { ...memory(), buffers: backend().numDataIds() };
    for (let i = 0; i < 3000; i++) predict(tensorflow, rows, 1 + (i % 64));
    expect({ ...memory(), buffers: backend().numDataIds() }).toEqual(before);
  });

  it('predicts the same after its heap has grown, which empties every view of the old one', () => {
    const rows = exampleRows(BATCH_ROWS_MAX);
    const before = predict(tensorflow, rows);
    const heap = () => tidy(() => (backend() as BackendWasm).typedArrayFromHeap(zeros([1])).buffer.byteLength);
    const bytes = heap();
    zeros([bytes / Float32Array.BYTES_PER_ELEMENT]).dispose();
    expect(heap()).toBeGreaterThan(bytes);
    expect(predict(tensorflow, rows)).toEqual(before);
  });

  it('gives its tensors back on dispose, and refuses to predict after it', () => {
    const before = memory().numTensors;
    const buffers = backend().numDataIds();
    const model = new TensorflowModel(artifact);
    expect(memory().numTensors).toBeGreaterThan(before);
    model.dispose();
    expect(memory().numTensors).toBe(before);
    expect(backend().numDataIds()).toBe(buffers);
    expect(() => predict(model, exampleRows(1))).toThrow('disposed');
  });

  it('refuses an artifact whose golden rows come out otherwise, and leaks nothing', () => {
    const before = memory().numTensors;
    const golden = { ...artifact.header.golden, up: artifact.header.golden.up.map((value) => 1 - value) };
    const wrong: Artifact = { ...artifact, header: { ...artifact.header, golden } };
    expect(() => new TensorflowModel(wrong)).toThrow(ArtifactError);
    expect(memory().numTensors).toBe(before);
  });
});
