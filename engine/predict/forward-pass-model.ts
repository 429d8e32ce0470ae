// The model in plain typed arrays: the oracle that tests hold tf.js to. The engine predicts with it only where the
// configuration says so; it is never chosen behind the operator's back.
import type { Artifact } from '../../models/artifact.ts';
import type { Model } from './model.ts';
import type { NetworkLayer } from './network.ts';
import { foldNetwork } from './network.ts';

export class ForwardPassModel implements Model {
  readonly name: string;
  readonly hash: string;
  readonly featureNames: readonly string[];
  private readonly layers: readonly NetworkLayer[];
  /** The values between layers, two buffers in turn. */
  private readonly scratch: readonly [Float32Array, Float32Array];

  constructor(artifact: Artifact) {
    this.name = artifact.header.name;
    this.hash = artifact.hash;
    this.featureNames = artifact.header.features.map((feature) => feature.name);
    this.layers = foldNetwork(artifact);
    const width = Math.max(...this.layers.flatMap((layer) => [layer.inputs, layer.outputs]));
    this.scratch = [new Float32Array(width), new Float32Array(width)];
  }

  predict(rows: Float32Array, count: number, up: Float32Array): void {
    const width = this.featureNames.length;
    let [input, output] = this.scratch;
    for (let r = 0; r < count; r++) {
      for (let i = 0; i < width; i++) input[i] = rows[r * width + i];
      for (const layer of this.layers) {
        applyLayer(layer, input, output);
        [input, output] = [output, input];
      }
      up[r] = input[0];
    }
  }

  dispose(): void {}
}

function applyLayer(layer: NetworkLayer, input: Float32Array, output: Float32Array): void {
  const { inputs, outputs, kernel, bias, activation } = layer;
  output.set(bias);
  for (let i = 0; i < inputs; i++) {
    const value = input[i];
    if (value === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) output[o] += value * kernel[row + o];
  }
  if (activation === 'linear') return;
  for (let o = 0; o < outputs; o++) {
    output[o] = activation === 'relu' ? Math.max(0, output[o]) : 1 / (1 + Math.exp(-output[o]));
  }
}
