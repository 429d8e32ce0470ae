// In a file of its own: without its backend no other model of the process can predict.
import { join } from 'node:path';
import { removeBackend } from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { parseArtifact, readArtifact } from '../../models/artifact.ts';
import { initialiseBackend, TensorflowModel } from './tensorflow-model.ts';

const artifact = parseArtifact(readArtifact(join(import.meta.dirname, '../../models/artifacts/next-mid-move')).bytes);

it('a model comes after its backend', () => {
  expect(() => new TensorflowModel(artifact)).toThrow('initialiseBackend() comes before the first model');
});

it('a lost backend makes predict throw: nothing else answers in its place', async () => {
  await initialiseBackend();
  const model = new TensorflowModel(artifact);
  const rows = new Float32Array(artifact.header.features.length);
  const up = new Float32Array([-1]);
  model.predict(rows, 1, up);
  expect(up[0]).toBeCloseTo(0.5, 6);
  removeBackend('wasm');
  expect(() => model.predict(rows, 1, up)).toThrow();
  expect(() => new TensorflowModel(artifact)).toThrow();
});
