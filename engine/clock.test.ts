import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FeedClock, HostClock, hostClock, hostTimeUs, monotonicUs, wallTimeMs } from './clock.ts';
import { MeasuredStages } from './stage-clock.ts';

it('counts host time in UTC microseconds, never back', () => {
  const times = Array.from({ length: 1000 }, hostTimeUs);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.every(Number.isSafeInteger)).toBe(true);
  // The same clock, but for whatever the system has corrected since the start of the process.
  expect(Math.abs(hostClock.nowUs() / 1000 - wallTimeMs())).toBeLessThan(60_000);
});

it('follows the wall clock over a sleep of the machine and a step forward, and never goes back', () => {
  let monotonicMs = 500;
  let wallMs = 1_000_000;
  const clock = new HostClock(
    () => monotonicMs,
    () => wallMs,
  );
  const pass = (monotonic: number, wall: number): number => {
    monotonicMs += monotonic;
    wallMs += wall;
    return clock.nowUs() / 1000;
  };
  expect(pass(0, 0)).toBe(1_000_000);
  expect(pass(10, 10)).toBe(1_000_010);
  // A clock that is corrected smoothly is not followed, microsecond by microsecond.
  expect(pass(10, 60)).toBe(1_000_020);
  // Three hours asleep, in which monotonic time stood still.
  expect(pass(1, 3 * 3_600_000)).toBe(wallMs);
  const before = clock.nowUs() / 1000;
  expect(pass(5, -60_000)).toBe(before + 5);
  expect(pass(5, 5)).toBe(before + 10);
  // Once the wall clock has caught up, it is followed again.
  expect(pass(5, 60_200)).toBe(wallMs);
  expect(clock.steps).toBe(2);
});

it('never goes back, whatever the wall clock does, and is never behind it by a step', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1000), fc.integer({ min: -100_000, max: 100_000 }))), (passed) => {
      let [monotonicMs, wallMs] = [0, 1_000_000_000];
      const clock = new HostClock(
        () => monotonicMs,
        () => wallMs,
      );
      let last = clock.nowUs();
      for (const [monotonic, wall] of passed) {
        monotonicMs += monotonic;
        wallMs += wall;
        const nowUs = clock.nowUs();
        expect(nowUs).toBeGreaterThanOrEqual(last);
        expect(nowUs).toBeGreaterThanOrEqual((wallMs - 100) * 1000);
        last = nowUs;
      }
    }),
  );
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
