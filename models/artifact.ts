// A trained model as files (model.json, weights.bin, beside them the card) and as one blob named by its SHA-256, which
// the engine stores with its journal: blob → parseArtifact → model. Anything that does not fit is refused with the
// place, what was expected and what was found.
//
//   blob:  u32 length of model.json, little-endian │ model.json, UTF-8 │ weights.bin, float32 little-endian
//   weights.bin:  layer by layer, the kernel [inputs × outputs] row by row, then the bias [outputs]
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const ARTIFACT_FORMAT = 1;

const featureSchema = z.object({
  name: z.string().min(1),
  /** odd: changes its sign when bid and ask are swapped. */
  parity: z.enum(['odd', 'even']),
  mean: z.number(),
  deviation: z.number().positive(),
});

const headerSchema = z.object({
  format: z.literal(ARTIFACT_FORMAT),
  name: z.string().min(1),
  features: z.array(featureSchema).min(1),
  layers: z
    .array(
      z.object({
        inputs: z.int().positive(),
        outputs: z.int().positive(),
        activation: z.enum(['relu', 'linear']),
      }),
    )
    .min(1),
  /** The log-odds of a row are those of the network minus those of the mirrored row, over twice the temperature. */
  temperature: z.number().positive(),
  weightsSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Rows as the feature fold writes them, and the probabilities the trainer's own arithmetic gave for them. */
  golden: z.object({ rows: z.array(z.array(z.number())).min(1), up: z.array(z.number().min(0).max(1)) }),
});

export type ArtifactHeader = z.infer<typeof headerSchema>;

export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: 'relu' | 'linear';
  /** [inputs × outputs], row by row. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

export interface Artifact {
  readonly header: ArtifactHeader;
  readonly layers: readonly Layer[];
  /** SHA-256 of the blob. */
  readonly hash: string;
}

export interface ArtifactBytes {
  readonly bytes: Uint8Array;
  readonly hash: string;
}

export class ArtifactError extends Error {
  constructor(source: string, place: string, expected: string, found: string) {
    super(`model artifact ${source}: ${place}: expected ${expected}, found ${found}`);
    this.name = 'ArtifactError';
  }
}

/** Reads a folder into the blob; nothing is checked but that the files are there. */
export function readArtifact(directory: string): ArtifactBytes {
  return joinArtifact(readPart(directory, 'model.json'), readPart(directory, 'weights.bin'));
}

export function writeArtifact(directory: string, header: ArtifactHeader, layers: readonly Layer[]): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'model.json'), `${JSON.stringify(header, null, 1)}\n`);
  writeFileSync(join(directory, 'weights.bin'), encodeWeights(layers));
}

/**
 * @param source how messages call the artifact: a path or a hash
 * @param hash where given, what the blob's SHA-256 must be
 * @throws {ArtifactError} on anything that does not fit
 */
export function parseArtifact(bytes: Uint8Array, source = 'in memory', hash?: string): Artifact {
  const actualHash = sha256(bytes);
  if (hash !== undefined && hash !== actualHash) throw new ArtifactError(source, 'SHA-256', hash, actualHash);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerEnd = bytes.byteLength < 4 ? 0 : 4 + view.getUint32(0, true);
  if (headerEnd === 0 || headerEnd > bytes.byteLength) {
    throw new ArtifactError(
      source,
      'blob',
      `a header of ${Math.max(0, headerEnd - 4)} bytes`,
      `${bytes.byteLength} bytes`,
    );
  }
  const header = parseHeader(bytes.subarray(4, headerEnd), source);
  const weights = bytes.subarray(headerEnd);
  const weightsHash = sha256(weights);
  if (weightsHash !== header.weightsSha256) {
    throw new ArtifactError(source, 'weights.bin SHA-256', header.weightsSha256, weightsHash);
  }
  return { header, layers: decodeWeights(weights, header, source), hash: actualHash };
}

/** @throws {ArtifactError} where the model was trained on other features than the engine folds */
export function requireFeatures(artifact: Artifact, names: readonly string[], source = artifact.header.name): void {
  const found = artifact.header.features.map((feature) => feature.name);
  const differs = Array.from({ length: Math.max(names.length, found.length) }, (_, i) => i).find(
    (i) => names[i] !== found[i],
  );
  if (differs !== undefined) {
    throw new ArtifactError(
      source,
      `model.json features[${differs}]`,
      names[differs] ?? 'none',
      found[differs] ?? 'none',
    );
  }
}

export function encodeWeights(layers: readonly Layer[]): Uint8Array {
  const values = layers.flatMap((layer) => [...layer.kernel, ...layer.bias]);
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function joinArtifact(header: Uint8Array, weights: Uint8Array): ArtifactBytes {
  const bytes = new Uint8Array(4 + header.byteLength + weights.byteLength);
  new DataView(bytes.buffer).setUint32(0, header.byteLength, true);
  bytes.set(header, 4);
  bytes.set(weights, 4 + header.byteLength);
  return { bytes, hash: sha256(bytes) };
}

function readPart(directory: string, file: string): Uint8Array {
  try {
    return readFileSync(join(directory, file));
  } catch (error) {
    throw new ArtifactError(directory, file, 'a readable file', error instanceof Error ? error.message : String(error));
  }
}

function parseHeader(bytes: Uint8Array, source: string): ArtifactHeader {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new ArtifactError(source, 'model.json', 'JSON', error instanceof Error ? error.message : String(error));
  }
  const parsed = headerSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new ArtifactError(
      source,
      `model.json ${issue?.path.join('.')}`,
      'the format of models/artifact.ts',
      `${issue?.message}`,
    );
  }
  const { features, layers, golden } = parsed.data;
  const width = features.length;
  let inputs = width;
  for (const [i, layer] of layers.entries()) {
    if (layer.inputs !== inputs) {
      throw new ArtifactError(source, `model.json layers.${i}.inputs`, `${inputs}`, `${layer.inputs}`);
    }
    inputs = layer.outputs;
  }
  if (inputs !== 1) throw new ArtifactError(source, 'model.json last layer', '1 output', `${inputs}`);
  const badRow = golden.rows.findIndex((row) => row.length !== width);
  if (badRow >= 0) {
    throw new ArtifactError(
      source,
      `model.json golden.rows.${badRow}`,
      `${width} values`,
      `${golden.rows[badRow]?.length}`,
    );
  }
  if (golden.up.length !== golden.rows.length) {
    throw new ArtifactError(source, 'model.json golden.up', `${golden.rows.length} values`, `${golden.up.length}`);
  }
  const unbalanced = features.findIndex((feature) => feature.parity === 'odd' && feature.mean !== 0);
  if (unbalanced >= 0) {
    throw new ArtifactError(
      source,
      `model.json features.${unbalanced}.mean`,
      '0 (odd)',
      `${features[unbalanced]?.mean}`,
    );
  }
  return parsed.data;
}

function decodeWeights(bytes: Uint8Array, header: ArtifactHeader, source: string): Layer[] {
  const count = header.layers.reduce((sum, layer) => sum + (layer.inputs + 1) * layer.outputs, 0);
  if (bytes.byteLength !== count * 4) {
    throw new ArtifactError(source, 'weights.bin', `${count * 4} bytes`, `${bytes.byteLength}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Float32Array.from({ length: count }, (_, i) => view.getFloat32(i * 4, true));
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new ArtifactError(source, `weights.bin value ${bad}`, 'a finite number', `${values[bad]}`);
  let end = 0;
  const next = (length: number) => {
    end += length;
    return values.slice(end - length, end);
  };
  return header.layers.map(({ inputs, outputs, activation }) => {
    const kernel = next(inputs * outputs);
    return { inputs, outputs, activation, kernel, bias: next(outputs) };
  });
}
