import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitBooster, mirroredLogOdds } from './gradient-boosting.ts';
import { fitLogistic, probability } from './logistic-regression.ts';
import { logLoss } from './metrics.ts';
import { fitMirrorNetwork, MirrorNetwork } from './mirror-network.ts';
import { seededRandom, shuffle } from './random.ts';

/** Two odd features and an even one: up where odd[0] is positive, but only while the even one is. */
const SIGNS = Int8Array.from([-1, -1, 1]);
const WIDTH = SIGNS.length;

function problem(count: number, seed: number): { rows: Float32Array; up: Uint8Array } {
  const random = seededRandom(seed);
  const rows = Float32Array.from({ length: count * WIDTH }, () => 2 * random() - 1);
  const up = Uint8Array.from({ length: count }, (_, r) => {
    const logOdds = rows[r * WIDTH + 2] > 0 ? 4 * Math.sign(rows[r * WIDTH]) : 0;
    return random() < 1 / (1 + Math.exp(-logOdds)) ? 1 : 0;
  });
  return { rows, up };
}

const BOOSTING = { trees: 30, depth: 3, learningRate: 0.3, rowsPerLeafMin: 40, ridge: 1 };

function meanLoss(up: Uint8Array, logOdds: (row: number) => number): number {
  return up.reduce((sum, label, r) => sum + logLoss(1 / (1 + Math.exp(-logOdds(r))), label), 0) / up.length;
}

describe('random numbers', () => {
  it('are a function of the seed, uniform and different by seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    const random = seededRandom(1);
    const mean = Array.from({ length: 20_000 }, random).reduce((sum, value) => sum + value, 0) / 20_000;
    expect(mean).toBeCloseTo(0.5, 1);
  });

  it('shuffle without losing anything', () => {
    const values = Int32Array.from({ length: 100 }, (_, i) => i);
    shuffle(values, seededRandom(3));
    expect([...values]).not.toEqual([...values].sort((a, b) => a - b));
    expect(new Set(values).size).toBe(100);
  });
});

describe('logistic regression', () => {
  it('finds the log-odds of a two by two table', () => {
    // 30 of 40 up where x = 1, 10 of 40 where x = 0: intercept ln(1/3), slope ln 9.
    const rows = Array.from({ length: 80 }, (_, r) => [1, r < 40 ? 1 : 0]).flat();
    const up = Array.from({ length: 80 }, (_, r) => (r < 30 || r >= 70 ? 1 : 0));
    const { weights } = fitLogistic(rows, 2, up, 0);
    expect(weights[0]).toBeCloseTo(Math.log(1 / 3), 6);
    expect(weights[1]).toBeCloseTo(Math.log(9), 6);
    expect(probability(weights, [1, 1], 0)).toBeCloseTo(0.75, 6);
  });

  it('stays finite where a feature is constant, doubled or separates all', () => {
    const { weights } = fitLogistic([0, 1, 1, 0, 2, 2, 0, -1, -1, 0, -2, -2], 3, [1, 1, 0, 0], 1e-3);
    expect([...weights].every(Number.isFinite)).toBe(true);
    expect(weights[1]).toBeCloseTo(weights[2], 6);
  });
});

describe('the booster', () => {
  const { rows, up } = problem(4000, 1);
  const booster = fitBooster(rows, up, SIGNS, BOOSTING);
  const unseen = problem(4000, 2);

  it('learns an interaction that a constant and a linear model cannot', () => {
    const boosted = meanLoss(unseen.up, (r) => mirroredLogOdds(booster, unseen.rows, r, SIGNS));
    const { weights } = fitLogistic(rows, WIDTH, up, 1e-3);
    const linear = meanLoss(unseen.up, (r) => {
      const p = probability(weights, unseen.rows, r * WIDTH);
      return Math.log(p / (1 - p));
    });
    expect(boosted).toBeLessThan(Math.LN2 - 0.2);
    expect(boosted).toBeLessThan(linear - 0.05);
    // What is left is the noise: half the rows cost ln 2, the others 0.09.
    expect(boosted).toBeLessThan((Math.LN2 + 0.09) / 2 + 0.03);
  });

  it('is odd: the mirrored row has the log-odds negated', () => {
    const mirror = unseen.rows.map((value, i) => value * SIGNS[i % WIDTH]);
    for (let r = 0; r < 100; r++) {
      expect(mirroredLogOdds(booster, mirror, r, SIGNS)).toBeCloseTo(
        -mirroredLogOdds(booster, unseen.rows, r, SIGNS),
        12,
      );
    }
  });

  it('finds nothing in noise when leaves must be large', () => {
    const random = seededRandom(9);
    const noise = Uint8Array.from(up, () => (random() < 0.5 ? 1 : 0));
    const stiff = fitBooster(rows, noise, SIGNS, { ...BOOSTING, trees: 5, learningRate: 0.1, rowsPerLeafMin: 2000 });
    expect(meanLoss(unseen.up, (r) => mirroredLogOdds(stiff, unseen.rows, r, SIGNS))).toBeLessThan(Math.LN2 + 0.01);
  });

  it('leaves a row alone where nothing can be split', () => {
    const still = fitBooster(new Float32Array(30), new Uint8Array(10).fill(1), SIGNS, BOOSTING);
    expect(mirroredLogOdds(still, new Float32Array(3), 0, SIGNS)).toBe(0);
  });
});

describe('the mirror network', () => {
  const OPTIONS = { hidden: [8, 5] as const, epochs: 40, batchRows: 32, learningRate: 0.01, ridge: 1e-4, seed: 5 };

  it('has the gradient that finite differences give', () => {
    const network = new MirrorNetwork(SIGNS, [6, 4], 3);
    const { parameters, gradient } = network;
    const random = seededRandom(4);
    // Biases start at 0, where half of the network would be silent.
    for (let i = 0; i < parameters.length; i++) parameters[i] += (random() - 0.5) / 5;
    const row = Float32Array.from([0.7, -0.4, 0.9]);
    network.forward(row, 0);
    network.backward(row, 0, 1);
    const step = 1e-6;
    for (let i = 0; i < parameters.length; i++) {
      const value = parameters[i];
      parameters[i] = value + step;
      const above = network.forward(row, 0);
      parameters[i] = value - step;
      const below = network.forward(row, 0);
      parameters[i] = value;
      expect(gradient[i]).toBeCloseTo((above - below) / (2 * step), 6);
    }
    expect(gradient.some((value) => value !== 0)).toBe(true);
  });

  it('is odd for whatever row, before and after training', () => {
    const network = new MirrorNetwork(SIGNS, [6, 4], 3);
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -4, max: 4, noNaN: true }), { minLength: WIDTH, maxLength: WIDTH }),
        (values) => {
          const row = Float32Array.from(values);
          const mirror = row.map((value, f) => value * SIGNS[f]);
          expect(network.forward(mirror, 0)).toBeCloseTo(-network.forward(row, 0), 10);
        },
      ),
    );
  });

  it('learns a target that no linear model can', () => {
    const { rows } = problem(2000, 6);
    const targets = Float32Array.from({ length: 2000 }, (_, r) => rows[r * WIDTH] * (1 + rows[r * WIDTH + 2]));
    const network = fitMirrorNetwork(rows, targets, SIGNS, OPTIONS);
    const unseen = problem(500, 7).rows;
    let squares = 0;
    let total = 0;
    for (let r = 0; r < 500; r++) {
      const target = unseen[r * WIDTH] * (1 + unseen[r * WIDTH + 2]);
      const error = network.forward(unseen, r) - target;
      squares += error * error;
      total += target * target;
    }
    expect(squares / total).toBeLessThan(0.01);
  });

  it('ends when it is told to, and gives the same weights for the same seed', () => {
    const { rows } = problem(200, 8);
    const targets = Float32Array.from({ length: 200 }, (_, r) => rows[r * WIDTH]);
    let epochs = 0;
    const train = (seed: number) =>
      fitMirrorNetwork(rows, targets, SIGNS, { ...OPTIONS, seed }, (_network, epoch) => {
        epochs = epoch;
        return epoch < 3;
      }).parameters;
    expect(train(1)).toEqual(train(1));
    expect(epochs).toBe(3);
    expect(train(1)).not.toEqual(train(2));
  });
});
