import { expect, it } from 'vitest';
import { FeedClock, hostClock, hostTimeUs, monotonicUs, wallTimeMs } from './clock.ts';
import { MeasuredStages } from './stage-clock.ts';

it('counts host time in UTC microseconds, never back', () => {
  const times = Array.from({ length: 1000 }, hostTimeUs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.every(Number.isSafeInteger)).toBe(true);
  // The same clock, but for whatever the system has corrected since the start of the process.
  expect(Math.abs(hostClock.nowUs() / 1000 - wallTimeMs())).toBeLessThan(60_000);
});

it('runs on from an announcement at the feed’s speed, and stands still at speed 0', () => {
  const clock = new FeedClock();
  expect(clock.announced).toBe(false);
  clock.announce(5_000_000, 0);
  expect(clock.announced).toBe(true);
  expect([clock.nowUs(), clock.nowUs()]).toEqual([5_000_000, 5_000_000]);
  const before = monotonicUs();
  clock.announce(5_000_000, 1000);
  const now = clock.nowUs();
  expect(now).toBeGreaterThanOrEqual(5_000_000);
  expect(now).toBeLessThanOrEqual(5_000_001 + (monotonicUs() - before) * 1000);
});

it('gives each stage its time, in as many parts as it has, and begins anew with each batch', () => {
  const stages = new MeasuredStages();
  const before = monotonicUs();
  stages.begin();
  stages.lap('decode');
  stages.lap('indicators');
  stages.lap('decode');
  const { decode, indicators, predict, decide } = stages.us;
  expect(decode + indicators).toBeLessThanOrEqual(monotonicUs() - before);
  expect(Math.min(decode, indicators)).toBeGreaterThanOrEqual(0);
  expect([predict, decide]).toEqual([0, 0]);
  stages.begin();
  expect(Object.values(stages.us)).toEqual([0, 0, 0, 0]);
});
