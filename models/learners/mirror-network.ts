// A multilayer perceptron g (relu, two hidden layers) trained as the odd function (g(row) − g(mirrored row)) / 2, so
// that the mirror symmetry is built in rather than hoped for. Regression on given log-odds (distillation), with Adam
// (Kingma and Ba 2014), an L2 penalty and a learning rate that falls to zero. Same seed and rows, same weights.
import type { Layer } from '../artifact.ts';
import { seededRandom, shuffle } from './random.ts';

export interface MirrorNetworkOptions {
  readonly hidden: readonly [number, number];
  readonly epochs: number;
  readonly batchRows: number;
  readonly learningRate: number;
  /** Penalty on the squares of all kernels, against a mean squared error. */
  readonly ridge: number;
  readonly seed: number;
}

const MOMENTUM = 0.9;
const SCALE_MEMORY = 0.999;

export class MirrorNetwork {
  readonly width: number;
  readonly hidden: readonly [number, number];
  /** Kernel 1, bias 1, kernel 2, bias 2, kernel 3; the last bias would cancel in the mirror. */
  readonly parameters: Float64Array;
  readonly gradient: Float64Array;
  private readonly signs: Int8Array;
  private readonly at: {
    readonly bias1: number;
    readonly kernel2: number;
    readonly bias2: number;
    readonly kernel3: number;
  };
  /** First and second hidden values of the row and of its mirror image, and the gradients on their way back. */
  private readonly first: readonly [Float64Array, Float64Array];
  private readonly second: readonly [Float64Array, Float64Array];
  private readonly back: readonly [Float64Array, Float64Array];

  constructor(signs: Int8Array, hidden: readonly [number, number], seed: number) {
    const [h1, h2] = hidden;
    this.width = signs.length;
    this.signs = signs;
    this.hidden = hidden;
    const bias1 = this.width * h1;
    const kernel2 = bias1 + h1;
    const bias2 = kernel2 + h1 * h2;
    const kernel3 = bias2 + h2;
    this.at = { bias1, kernel2, bias2, kernel3 };
    this.parameters = new Float64Array(kernel3 + h2);
    this.gradient = new Float64Array(kernel3 + h2);
    this.first = [new Float64Array(h1), new Float64Array(h1)];
    this.second = [new Float64Array(h2), new Float64Array(h2)];
    this.back = [new Float64Array(h1), new Float64Array(h1)];
    const random = seededRandom(seed);
    const scatter = (from: number, to: number, inputs: number) => {
      const range = Math.sqrt(6 / inputs);
      for (let i = from; i < to; i++) this.parameters[i] = (2 * random() - 1) * range;
    };
    scatter(0, bias1, this.width);
    scatter(kernel2, bias2, h1);
    scatter(kernel3, kernel3 + h2, h2);
  }

  /** Log-odds of a normalised row. */
  forward(rows: Float32Array, row: number): number {
    const { parameters, width, signs, at } = this;
    const [h1, h2] = this.hidden;
    const [here, mirror] = this.first;
    for (let o = 0; o < h1; o++) here[o] = mirror[o] = parameters[at.bias1 + o];
    for (let i = 0; i < width; i++) {
      const value = rows[row * width + i];
      const mirrored = value * signs[i];
      for (let o = 0, k = i * h1; o < h1; o++, k++) {
        here[o] += value * parameters[k];
        mirror[o] += mirrored * parameters[k];
      }
    }
    let output = 0;
    for (let side = 0; side < 2; side++) {
      const inputs = this.first[side];
      const outputs = this.second[side];
      for (let o = 0; o < h2; o++) outputs[o] = parameters[at.bias2 + o];
      for (let i = 0; i < h1; i++) {
        if (inputs[i] <= 0) {
          inputs[i] = 0;
          continue;
        }
        for (let o = 0, k = at.kernel2 + i * h2; o < h2; o++, k++) outputs[o] += inputs[i] * parameters[k];
      }
      let sum = 0;
      for (let o = 0; o < h2; o++) {
        outputs[o] = Math.max(0, outputs[o]);
        sum += outputs[o] * parameters[at.kernel3 + o];
      }
      output += side === 0 ? sum / 2 : -sum / 2;
    }
    return output;
  }

  /** Adds the gradient of `error` × output for the row that `forward` has just seen. */
  backward(rows: Float32Array, row: number, error: number): void {
    const { parameters, gradient, width, signs, at } = this;
    const [h1, h2] = this.hidden;
    for (let side = 0; side < 2; side++) {
      const slope = side === 0 ? error / 2 : -error / 2;
      const inputs = this.first[side];
      const outputs = this.second[side];
      const back = this.back[side].fill(0);
      for (let o = 0; o < h2; o++) {
        if (outputs[o] === 0) continue;
        gradient[at.kernel3 + o] += slope * outputs[o];
        const delta = slope * parameters[at.kernel3 + o];
        gradient[at.bias2 + o] += delta;
        for (let i = 0, k = at.kernel2 + o; i < h1; i++, k += h2) {
          if (inputs[i] === 0) continue;
          gradient[k] += delta * inputs[i];
          back[i] += delta * parameters[k];
        }
      }
    }
    const [here, mirror] = this.back;
    for (let o = 0; o < h1; o++) gradient[at.bias1 + o] += here[o] + mirror[o];
    for (let i = 0; i < width; i++) {
      const value = rows[row * width + i];
      if (value === 0) continue;
      for (let o = 0, k = i * h1; o < h1; o++, k++) gradient[k] += value * (here[o] + signs[i] * mirror[o]);
    }
  }

  /** The weights as an artifact holds them, rounded to single precision. */
  layers(): Layer[] {
    const { parameters, at, width } = this;
    const [h1, h2] = this.hidden;
    const part = (from: number, to: number) => Float32Array.from(parameters.subarray(from, to));
    return [
      { inputs: width, outputs: h1, activation: 'relu', kernel: part(0, at.bias1), bias: part(at.bias1, at.kernel2) },
      {
        inputs: h1,
        outputs: h2,
        activation: 'relu',
        kernel: part(at.kernel2, at.bias2),
        bias: part(at.bias2, at.kernel3),
      },
      {
        inputs: h2,
        outputs: 1,
        activation: 'linear',
        kernel: part(at.kernel3, parameters.length),
        bias: new Float32Array(1),
      },
    ];
  }
}

/**
 * @param rows normalised, [targets.length × signs.length]
 * @param targets log-odds to learn
 * @param onEpoch called after each epoch with the network so far; false ends the training
 */
export function fitMirrorNetwork(
  rows: Float32Array,
  targets: Float32Array,
  signs: Int8Array,
  options: MirrorNetworkOptions,
  onEpoch?: (network: MirrorNetwork, epoch: number) => boolean,
): MirrorNetwork {
  const network = new MirrorNetwork(signs, options.hidden, options.seed);
  const { parameters, gradient } = network;
  const mean = new Float64Array(parameters.length);
  const scale = new Float64Array(parameters.length);
  const order = Int32Array.from(targets, (_, i) => i);
  const random = seededRandom(options.seed + 1);
  const steps = options.epochs * Math.ceil(order.length / options.batchRows);
  let step = 0;
  let meanBias = 1;
  let scaleBias = 1;
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    shuffle(order, random);
    for (let start = 0; start < order.length; start += options.batchRows) {
      const end = Math.min(order.length, start + options.batchRows);
      for (let i = 0; i < gradient.length; i++) gradient[i] = options.ridge * parameters[i];
      for (let r = start; r < end; r++) {
        const error = network.forward(rows, order[r]) - targets[order[r]];
        network.backward(rows, order[r], error / (end - start));
      }
      meanBias *= MOMENTUM;
      scaleBias *= SCALE_MEMORY;
      const rate = options.learningRate * (1 - step / steps);
      step++;
      for (let i = 0; i < parameters.length; i++) {
        mean[i] = MOMENTUM * mean[i] + (1 - MOMENTUM) * gradient[i];
        scale[i] = SCALE_MEMORY * scale[i] + (1 - SCALE_MEMORY) * gradient[i] * gradient[i];
        parameters[i] -= (rate * mean[i]) / (1 - meanBias) / (Math.sqrt(scale[i] / (1 - scaleBias)) + 1e-8);
      }
    }
    if (onEpoch?.(network, epoch) === false) break;
  }
  return network;
}
