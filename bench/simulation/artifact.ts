// A small model for simulations: the shipped one's inputs, a hidden layer of four, drawn weights. What it says of the market means
// nothing; that it says the same again does.
import { join } from 'node:path';
import { Random } from '../../engine/emulator/market/random.ts';
import { ARTIFACT_FOLDER } from '../../engine/test-market.ts';
import {
  encodeWeights,
  type Layer,
  parseArtifact,
  readArtifact,
  sha256,
  writeArtifact,
} from '../../models/artifact.ts';

const HIDDEN = 4;

export function writeSmallArtifact(folder: string): string {
  const { header } = parseArtifact(readArtifact(ARTIFACT_FOLDER).bytes);
  const inputs = header.features.length;
  const random = new Random(1, 0);
  const weights = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  const layer = (inputs: number, outputs: number, activation: Layer['activation']): Layer => {
    return { inputs, outputs, activation, kernel: weights(inputs * outputs), bias: weights(outputs) };
  };
  const layers = [layer(inputs, HIDDEN, 'relu'), layer(HIDDEN, 1, 'linear')];
  const to = join(folder, 'artifact');
  writeArtifact(
    to,
    {
      ...header,
      name: 'simulation',
      layers: layers.map(({ inputs, outputs, activation }) => ({ inputs, outputs, activation })),
      weightsSha256: sha256(encodeWeights(layers)),
      temperature: 1,
      golden: { rows: [header.features.map(() => 0)], up: [0.5] },
    },
    layers,
  );
  return to;
}
