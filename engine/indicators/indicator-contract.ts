// What every indicator keeps, registered once for the whole family: warm-up, replace, reset, save, equality with the
// naive formula, no drift. A new indicator adds a line to indicators.test.ts. That an update allocates nothing is measured
// in bench/indicators.bench.ts, since it is the compiler's doing.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IndicatorDefinition } from './definition.ts';
import { Fold } from './fold.ts';
import { Sample } from './indicator.ts';
import type { Naive } from './naive-reference.ts';

/** Exact running result of an indicator that never forgets, where the naive formula over all samples would be too slow. */
export interface Tally {
  add(sample: Sample): void;
  outputs(): number[];
}

export interface IndicatorCase {
  readonly definition: IndicatorDefinition;
  readonly naive: Naive;
  /** Outputs under an input that never changes, given its price and volume (bid size 3 × volume, ask size volume). */
  readonly constant: (priceWon: number, volume: number) => number[];
  /** What a difference of large numbers may lose, as a share of the highest price; 0 for most. */
  readonly slack?: number;
  readonly tally?: () => Tally;
}

const RELATIVE_TOLERANCE = 1e-9;
const MONDAY_9H_KST_US = 1_717_372_800_000_000;
const DRIFT_UPDATES = 10_000_000;
/** A prime, so that it fits no period. */
const CYCLE = 4_093;
/** After so many samples the smoothing of the default periods has forgotten its seed to the last bit. */
const FORGETTING = 1_500;

function sampleFrom(fields: Partial<Sample>): Sample {
  return Object.assign(new Sample(), fields);
}

const aPrice = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 700, max: 730 }).map((ticks) => ticks * 100) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1_000_000 }) },
  { weight: 1, arbitrary: fc.double({ min: 0.01, max: 1_000_000, noNaN: true }) },
);
const aSize = fc.integer({ min: 0, max: 2_000_000 });
const aDistance = fc.constantFrom(0, 0, 1, 0.5, 100, 2_500);
const aSample = fc
  .record({
    close: aPrice,
    above: aDistance,
    below: aDistance,
    volume: aSize,
    spread: fc.constantFrom(0, 1, 100),
    bidSize: aSize,
    askSize: aSize,
    hour: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ close, above, below, volume, spread, bidSize, askSize, hour }) =>
    sampleFrom({
      timeUs: MONDAY_9H_KST_US + hour * 3_600_000_000,
      open: close,
      high: close + above,
      low: Math.max(close - below, close / 2),
      close,
      volume,
      bidPrice: close,
      askPrice: close + spread,
      bidSize,
      askSize,
    }),
  );
/** A sample with one or several fields that no market can have. */
const aBadSample = fc
  .tuple(
    aSample,
    fc.subarray(Object.keys(new Sample()), { minLength: 1 }),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 0),
  )
  .map(([sample, fields, value]) => sampleFrom({ ...sample, ...Object.fromEntries(fields.map((f) => [f, value])) }));
const anySample = fc.oneof({ weight: 12, arbitrary: aSample }, { weight: 1, arbitrary: aBadSample });
const manySamples = fc.array(anySample, { minLength: 1, maxLength: 160, size: 'max' });

function outputsOf(indicator: Fold): number[] {
  return indicator.outputs.map((_, i) => indicator.value(i));
}

function expectClose(actual: readonly number[], expected: readonly number[], slack: number, at: string): void {
  expected.forEach((x, i) => {
    const near = Number.isNaN(x)
      ? Number.isNaN(actual[i])
      : Math.abs(actual[i] - x) <= RELATIVE_TOLERANCE * Math.abs(x) + slack;
    if (!near) expect.fail(`output ${i} ${at} is ${actual[i]}, should be ${x}`);
  });
}

function highestPrice(samples: readonly Sample[]): number {
  return samples.reduce((highest, { close }) => (Number.isFinite(close) ? Math.max(highest, close) : highest), 0);
}

function run(definition: IndicatorDefinition, samples: readonly Sample[]): Fold {
  const indicator = new Fold(definition);
  for (const sample of samples) indicator.update(sample);
  return indicator;
}

/** Samples of an erratic market, the same ones every time; a calm one hardly moves. */
function market(count: number, calm = false): Sample[] {
  let bits = 0x9e3779b9;
  const random = (below: number) => {
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    bits ^= bits << 5;
    return (bits >>> 0) % below;
  };
  return Array.from({ length: count }, (_, i) => {
    const close = (calm ? 1_000_000_000 - random(1_000) : 50_000_000 + random(950_000_000)) / 1_000;
    return sampleFrom({
      timeUs: MONDAY_9H_KST_US + i * 1_000,
      open: close,
      high: close,
      low: close,
      close,
      volume: random(1_000_000),
      bidPrice: close - 1,
      askPrice: close + 1,
      bidSize: random(1_000_000),
      askSize: random(1_000_000),
    });
  });
}

export function describeIndicatorContract({ definition, naive, constant, slack = 0, tally }: IndicatorCase): void {
  describe(definition.name, () => {
    it('has no value before its warm-up and one from there on', () => {
      const indicator = new Fold(definition);
      for (const sample of market(definition.warmUp)) {
        expect(indicator.value(0)).toBeNaN();
        indicator.update(sample);
      }
      expect(indicator.value(0)).not.toBeNaN();
    });

    it('equals the naive formula after every sample', () => {
      fc.assert(
        fc.property(manySamples, (samples) => {
          const indicator = new Fold(definition);
          samples.forEach((sample, i) => {
            indicator.update(sample);
            const seen = samples.slice(0, i + 1);
            expectClose(outputsOf(indicator), naive(seen), slack * highestPrice(seen), `after ${i + 1} samples`);
          });
        }),
        { numRuns: 60 },
      );
    });

    it('keeps no trace of what was replaced', () => {
      const steps = fc.array(fc.record({ replace: fc.boolean(), sample: anySample }), { maxLength: 160, size: 'max' });
      fc.assert(
        fc.property(steps, manySamples, (taken, later) => {
          const indicator = new Fold(definition);
          const kept: Sample[] = [];
          for (const { replace, sample } of taken) {
            if (replace) kept.pop();
            kept.push(sample);
            if (replace) indicator.replace(sample);
            else indicator.update(sample);
          }
          const fresh = run(definition, kept);
          expect(outputsOf(indicator)).toEqual(outputsOf(fresh));
          for (const sample of later) {
            indicator.update(sample);
            fresh.update(sample);
            expect(outputsOf(indicator)).toEqual(outputsOf(fresh));
          }
        }),
      );
    });

    it('ignores what it cannot use', () => {
      fc.assert(
        fc.property(manySamples, (samples) => {
          const indicator = run(definition, samples);
          const before = outputsOf(indicator);
          const unknown = sampleFrom({ close: Number.NaN, volume: -1, high: 0, low: 1, bidSize: Number.NaN });
          indicator.update(unknown);
          indicator.replace(unknown);
          expect(outputsOf(indicator)).toEqual(before);
        }),
      );
    });

    it('is as new after a reset', () => {
      fc.assert(
        fc.property(manySamples, (samples) => {
          const indicator = run(definition, samples);
          indicator.reset();
          expect(indicator.state).toEqual(new Float64Array(new Fold(definition).state));
        }),
      );
    });

    it('goes on with equal bits from a saved state', () => {
      fc.assert(
        fc.property(manySamples, manySamples, fc.boolean(), (before, after, replacing) => {
          const original = run(definition, before);
          const restored = run(definition, after);
          restored.state.set(original.state.slice());
          if (replacing) {
            original.replace(after[0]);
            restored.replace(after[0]);
          }
          for (const sample of after) {
            original.update(sample);
            restored.update(sample);
          }
          expect(new BigUint64Array(restored.state.buffer)).toEqual(new BigUint64Array(original.state.buffer));
        }),
      );
    });

    it('stays at its value under a constant input', () => {
      const priceWon = 71_300.37;
      const volume = 250;
      const sample = sampleFrom({ timeUs: MONDAY_9H_KST_US, open: priceWon, high: priceWon, low: priceWon });
      Object.assign(sample, { close: priceWon, volume, bidPrice: priceWon, askPrice: priceWon + 100 });
      Object.assign(sample, { bidSize: 3 * volume, askSize: volume });
      const indicator = new Fold(definition);
      const expected = constant(priceWon, volume);
      for (let i = 0; i < 20_000; i++) {
        indicator.update(sample);
        if (i < 100 || Number.isNaN(indicator.value(0))) continue;
        for (let k = 0; k < expected.length; k++) {
          const distance = Math.abs(indicator.value(k) - expected[k]);
          if (!(distance <= 4 * Number.EPSILON * Math.abs(expected[k]))) expect(indicator.value(k)).toBe(expected[k]);
        }
      }
    });

    it(`does not drift over ${DRIFT_UPDATES.toLocaleString('en')} updates`, () => {
      const cycle = market(CYCLE);
      // The end is calm: what the erratic prices before have left behind would show most.
      const tail = [...market(FORGETTING), ...market(200, true)];
      const indicator = new Fold(definition);
      const exact = tally?.();
      const add = (sample: Sample) => {
        indicator.update(sample);
        exact?.add(sample);
      };
      for (let i = 0; i < DRIFT_UPDATES; i++) add(cycle[i % CYCLE]);
      for (const sample of tail) add(sample);
      expectClose(outputsOf(indicator), exact ? exact.outputs() : naive(tail), slack * 1_000_000, 'at the end');
    });
  });
}
