import { describe, expect, it } from 'vitest';
import { blockBootstrap, expectedCalibrationError, fitTemperature, logLoss } from './metrics.ts';
import { seededRandom } from './random.ts';

describe('expected calibration error', () => {
  it('is 0.38333 for the reference vector (15 equal-width bins)', () => {
    const probabilities = [
      [0.6, 0.2, 0.2],
      [0, 0.95, 0.05],
      [0.7, 0.1, 0.2],
    ].flat();
    expect(expectedCalibrationError([0, 1, 2], probabilities, 3)).toBeCloseTo(0.38333, 5);
  });

  it('is zero where confidence and success agree, and for no rows', () => {
    const labels = Array.from({ length: 100 }, (_, r) => (r < 80 ? 1 : 0));
    expect(
      expectedCalibrationError(
        labels,
        labels.flatMap(() => [0.2, 0.8]),
        2,
      ),
    ).toBeCloseTo(0, 10);
    expect(expectedCalibrationError([], [], 2)).toBe(0);
  });
});

describe('log loss', () => {
  it('is in nats, the same for up and down, and finite for a certainty that failed', () => {
    expect(logLoss(0.5, 1)).toBeCloseTo(Math.LN2, 12);
    expect(logLoss(0.8, 1)).toBeCloseTo(logLoss(0.2, 0), 12);
    expect(Number.isFinite(logLoss(0, 1))).toBe(true);
  });
});

describe('the temperature', () => {
  it('undoes log-odds that were stretched', () => {
    const random = seededRandom(11);
    const honest = Array.from({ length: 20_000 }, () => 4 * random() - 2);
    const up = honest.map((value) => (random() < 1 / (1 + Math.exp(-value)) ? 1 : 0));
    expect(fitTemperature(honest, up)).toBeCloseTo(1, 1);
    expect(
      fitTemperature(
        honest.map((value) => value * 3),
        up,
      ) / 3,
    ).toBeCloseTo(1, 1);
  });
});

describe('the block bootstrap', () => {
  const random = seededRandom(12);
  const rows = 2000;

  it('holds the mean, and covers the true one', () => {
    const values = Float64Array.from({ length: rows }, () => random() - 0.4);
    const times = Float64Array.from(values, (_, r) => r * 100_000);
    const { mean, low, high } = blockBootstrap(values, times, new Uint8Array(rows));
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
    expect(low < 0.1 && 0.1 < high).toBe(true);
    expect(high - low).toBeLessThan(0.05);
  });

  it('is wider where neighbours say the same thing', () => {
    const independent = Float64Array.from({ length: rows }, () => random() - 0.5);
    const repeated = independent.map((_, r) => independent[Math.floor(r / 50)]);
    const times = Float64Array.from(independent, (_, r) => r * 100_000);
    const width = (values: Float64Array) => {
      const { low, high } = blockBootstrap(values, times, new Uint8Array(rows));
      return high - low;
    };
    expect(width(repeated)).toBeGreaterThan(3 * width(independent));
  });

  it('keeps instruments of the same time apart, and is the same on every run', () => {
    const values = Float64Array.from({ length: 100 }, (_, r) => (r % 2 === 0 ? 1 : -1));
    const times = new Float64Array(100);
    const instruments = Uint8Array.from(values, (_, r) => r % 2);
    expect(blockBootstrap(values, times, new Uint8Array(100))).toEqual({ mean: 0, low: 0, high: 0 });
    expect(blockBootstrap(values, times, instruments)).toMatchObject({ mean: 0, low: -1, high: 1 });
    expect(blockBootstrap(values, times, instruments)).toEqual(blockBootstrap(values, times, instruments));
  });
});
