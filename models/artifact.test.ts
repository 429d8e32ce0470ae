import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FEATURE_NAMES } from '../engine/features/order-book-features.ts';
import type { ArtifactHeader, Layer } from './artifact.ts';
import {
  ArtifactError,
  encodeWeights,
  parseArtifact,
  readArtifact,
  requireFeatures,
  sha256,
  writeArtifact,
} from './artifact.ts';

const LAYERS: Layer[] = [
  {
    inputs: 2,
    outputs: 3,
    activation: 'relu',
    kernel: new Float32Array([1, 2, 3, 4, 5, 6]),
    bias: new Float32Array([7, 8, 9]),
  },
  {
    inputs: 3,
    outputs: 1,
    activation: 'linear',
    kernel: new Float32Array([0.1, 0.2, 0.3]),
    bias: new Float32Array([0]),
  },
];

const HEADER: ArtifactHeader = {
  format: 1,
  name: 'small',
  features: [
    { name: 'imbalance_1', parity: 'odd', mean: 0, deviation: 0.5 },
    { name: 'spread_level', parity: 'even', mean: 0.1, deviation: 0.2 },
  ],
  layers: LAYERS.map(({ inputs, outputs, activation }) => ({ inputs, outputs, activation })),
  temperature: 1,
  weightsSha256: sha256(encodeWeights(LAYERS)),
  golden: { rows: [[0, 0]], up: [0.5] },
};

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kisignal-artifact-'));
  writeArtifact(directory, HEADER, LAYERS);
});

afterEach(() => rmSync(directory, { recursive: true }));

/** The header as a plain tree, changed and written back. */
function tamper(change: (header: Record<string, unknown>) => void): void {
  const path = join(directory, 'model.json');
  const header = JSON.parse(readFileSync(path, 'utf8'));
  change(header);
  writeFileSync(path, JSON.stringify(header));
}

function load(): ReturnType<typeof parseArtifact> {
  return parseArtifact(readArtifact(directory).bytes, directory);
}

describe('an artifact', () => {
  it('comes back from its files and from its blob by hash, bit for bit', () => {
    const { bytes, hash } = readArtifact(directory);
    const artifact = parseArtifact(bytes, hash, hash);
    expect(artifact).toEqual({ header: HEADER, layers: LAYERS, hash });
    // Aligned or not: a blob may come out of the middle of a larger buffer.
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect(parseArtifact(shifted.subarray(1), hash, hash)).toEqual(artifact);
  });

  it('is refused under another hash, and says both', () => {
    const { bytes, hash } = readArtifact(directory);
    const other = hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    expect(() => parseArtifact(bytes, 'by hash', other)).toThrow(`by hash: SHA-256: expected ${other}, found ${hash}`);
  });

  it('is refused where one bit of the weights was changed', () => {
    const path = join(directory, 'weights.bin');
    const weights = readFileSync(path);
    weights[5] ^= 1;
    writeFileSync(path, weights);
    expect(load).toThrow(
      `${directory}: weights.bin SHA-256: expected ${HEADER.weightsSha256}, found ${sha256(weights)}`,
    );
  });

  it.each<[string, (header: ArtifactHeader & Record<string, unknown>) => void, string]>([
    ['another format', (h) => Object.assign(h, { format: 2 }), 'model.json format'],
    [
      'layers that do not fit',
      (h) => Object.assign(h.layers[1], { inputs: 4 }),
      'layers.1.inputs: expected 3, found 4',
    ],
    ['two outputs', (h) => Object.assign(h.layers[1], { outputs: 2 }), 'last layer: expected 1 output, found 2'],
    [
      'more weights than there are',
      (h) => h.layers.splice(1, 0, { inputs: 3, outputs: 3, activation: 'relu' }),
      'weights.bin: expected 100 bytes, found 52',
    ],
    [
      'a golden row of another width',
      (h) => Object.assign(h.golden, { rows: [[0]] }),
      'golden.rows.0: expected 2 values, found 1',
    ],
    [
      'golden rows without results',
      (h) => Object.assign(h.golden, { up: [] }),
      'golden.up: expected 1 values, found 0',
    ],
    [
      'an odd feature off centre',
      (h) => Object.assign(h.features[0], { mean: 0.1 }),
      'features.0.mean: expected 0 (odd), found 0.1',
    ],
    ['a deviation of zero', (h) => Object.assign(h.features[0], { deviation: 0 }), 'model.json features.0.deviation'],
    ['a temperature below zero', (h) => Object.assign(h, { temperature: -1 }), 'model.json temperature'],
  ])('is refused with %s', (_what, change, message) => {
    tamper(change as (header: Record<string, unknown>) => void);
    expect(load).toThrow(ArtifactError);
    expect(load).toThrow(message);
  });

  it('is refused where weights are not numbers, though the hash is right', () => {
    const broken = LAYERS.map((layer) => ({ ...layer, bias: layer.bias.map(() => Number.NaN) }));
    writeArtifact(directory, { ...HEADER, weightsSha256: sha256(encodeWeights(broken)) }, broken);
    expect(load).toThrow('weights.bin value 6: expected a finite number, found NaN');
  });

  it('is refused where a file is missing or no JSON', () => {
    rmSync(join(directory, 'weights.bin'));
    expect(load).toThrow(`${directory}: weights.bin: expected a readable file`);
    writeFileSync(join(directory, 'weights.bin'), '');
    writeFileSync(join(directory, 'model.json'), '{');
    expect(load).toThrow('model.json: expected JSON');
  });

  it('is refused where its features are not those of the engine, and names the first that differs', () => {
    const artifact = load();
    expect(() => requireFeatures(artifact, ['imbalance_1', 'spread_level'])).not.toThrow();
    expect(() => requireFeatures(artifact, ['imbalance_1', 'depth_level'])).toThrow(
      'features[1]: expected depth_level, found spread_level',
    );
    expect(() => requireFeatures(artifact, ['imbalance_1'])).toThrow('features[1]: expected none, found spread_level');
  });

  it('never crashes otherwise than with an ArtifactError, whatever the bytes', () => {
    const { bytes } = readArtifact(directory);
    const refuses = (damaged: Uint8Array) => {
      try {
        parseArtifact(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(ArtifactError);
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), refuses));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const damaged = bytes.slice();
        damaged[at] ^= flip;
        refuses(damaged);
      }),
    );
    fc.assert(fc.property(fc.nat(bytes.length - 1), (length) => refuses(bytes.slice(0, length))));
  });
});

describe('the shipped artifact', () => {
  const shipped = parseArtifact(readArtifact(join(import.meta.dirname, 'artifacts', 'next-mid-move')).bytes);

  it('was trained on the features that the engine folds', () => {
    expect(() => requireFeatures(shipped, FEATURE_NAMES)).not.toThrow();
  });

  it('is the one its card describes', () => {
    const card = JSON.parse(readFileSync(join(import.meta.dirname, 'artifacts', 'next-mid-move', 'card.json'), 'utf8'));
    expect(card.hash).toBe(shipped.hash);
    expect(card.weightsSha256).toBe(shipped.header.weightsSha256);
  });
});
