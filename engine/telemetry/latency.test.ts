import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BatchTimes } from '../messages.ts';
import { LATENCY_STAGES, LatencyRecorder, stageUs } from './latency.ts';

const T0 = 1_790_000_000_000_000;

it('gives zeros where nothing was recorded, and after each interval', () => {
  const recorder = new LatencyRecorder();
  expect(recorder.take().count).toBe(0);
  recorder.record([T0, 1, 2, 3, 4, 5]);
  expect(recorder.take().count).toBe(1);
  const { count, stages } = recorder.take();
  expect(count).toBe(0);
  for (const stage of LATENCY_STAGES) expect(stages[stage]).toEqual({ p50: 0, p99: 0, max: 0 });
});

it('gives the percentiles of each stage within a thousandth', () => {
  const us = fc.double({ min: 0.01, max: 100_000, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(us, us, us, us, us), { minLength: 1, maxLength: 200 }), (batches) => {
      const recorder = new LatencyRecorder();
      const all: BatchTimes[] = batches.map(([a, b, c, d, e]) => [
        T0,
        a,
        a + b,
        a + b + c,
        a + b + c + d,
        a + b + c + d + e,
      ]);
      for (const times of all) recorder.record(times);
      const { count, stages } = recorder.take();
      expect(count).toBe(all.length);
      for (const stage of LATENCY_STAGES) {
        const sorted = all.map((times) => stageUs(times, stage)).sort((a, b) => a - b);
        const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
        for (const [found, wanted] of [
          [stages[stage].p50, rank(0.5)],
          [stages[stage].p99, rank(0.99)],
          [stages[stage].max, sorted[sorted.length - 1]],
        ]) {
          expect(Math.abs(found - wanted)).toBeLessThanOrEqual(wanted * 0.002 + 0.002);
        }
      }
    }),
  );
});

it('takes the stages of a batch apart so that they add up', () => {
  const times: BatchTimes = [T0, 3, 7, 20, 21, 30];
  const parts = LATENCY_STAGES.filter((stage) => stage !== 'total').map((stage) => stageUs(times, stage));
  expect(parts).toEqual([3, 4, 13, 1, 9]);
  expect(stageUs(times, 'total')).toBe(30);
});
