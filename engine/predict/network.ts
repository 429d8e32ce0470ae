// An artifact folded into one plain network: normalisation goes into the first layer, the mirrored row into a second
// half of every layer, the temperature into the last. What runs is matrix, bias, activation, three times over.
//
//   x ─► [ W/σ  | ±W/σ ] ─► relu ─► [ W₂  0 ] ─► relu ─► [ +w/2T ] ─► sigmoid ─► P(up)
//         row  | mirror             [ 0  W₂ ]            [ −w/2T ]
//
// So P(up | row) + P(up | mirrored row) = 1, whatever the weights are.
import type { Artifact, Layer } from '../../models/artifact.ts';

export interface NetworkLayer {
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: 'relu' | 'linear' | 'sigmoid';
  /** [inputs × outputs], row by row. */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

export function foldNetwork(artifact: Artifact): readonly NetworkLayer[] {
  const { header, layers } = artifact;
  const last = layers.length - 1;
  if (last < 1) throw new Error(`model ${header.name}: a network needs a hidden layer`);
  return layers.map((layer, i) => {
    if (i === 0) return foldFirst(artifact, layer);
    return i === last ? foldLast(layer, header.temperature) : foldHidden(layer);
  });
}

function foldFirst({ header }: Artifact, { inputs, outputs, activation, kernel, bias }: Layer): NetworkLayer {
  const folded = new Float32Array(inputs * outputs * 2);
  const shift = Float64Array.from(bias);
  for (const [i, { parity, mean, deviation }] of header.features.entries()) {
    for (let o = 0; o < outputs; o++) {
      const weight = kernel[i * outputs + o] / deviation;
      folded[i * outputs * 2 + o] = weight;
      folded[i * outputs * 2 + outputs + o] = parity === 'odd' ? -weight : weight;
      shift[o] -= mean * weight;
    }
  }
  return { inputs, outputs: outputs * 2, activation, kernel: folded, bias: twice(shift) };
}

function foldHidden({ inputs, outputs, activation, kernel, bias }: Layer): NetworkLayer {
  const folded = new Float32Array(inputs * outputs * 4);
  for (let i = 0; i < inputs; i++) {
    const row = kernel.subarray(i * outputs, (i + 1) * outputs);
    folded.set(row, i * outputs * 2);
    folded.set(row, (inputs + i) * outputs * 2 + outputs);
  }
  return { inputs: inputs * 2, outputs: outputs * 2, activation, kernel: folded, bias: twice(bias) };
}

/** The last bias cancels against the mirror's. */
function foldLast({ inputs, kernel }: Layer, temperature: number): NetworkLayer {
  const folded = new Float32Array(inputs * 2);
  for (let i = 0; i < inputs; i++) {
    folded[i] = kernel[i] / (2 * temperature);
    folded[inputs + i] = -folded[i];
  }
  return { inputs: inputs * 2, outputs: 1, activation: 'sigmoid', kernel: folded, bias: new Float32Array(1) };
}

function twice(values: ArrayLike<number>): Float32Array {
  return Float32Array.from({ length: values.length * 2 }, (_, i) => values[i % values.length]);
}
