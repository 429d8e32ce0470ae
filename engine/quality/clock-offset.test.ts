// The estimate of the clocks' difference against the one that was there, and jumps of our clock.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClockOffset, ClockSteps } from './clock-offset.ts';

const SECOND = 1_000_000;
const START_US = 1_800_000_000 * SECOND;

/** One symbol's clock, with the entries of the journal around it: here every record is one that concerns all codes. */
class Clock extends ClockOffset {
  readonly steps = new ClockSteps();

  advance(timeUs: number, still: boolean): void {
    this.steps.advance(timeUs, still, true);
  }

  take(timeUs: number, exchangeTimeUs: number): number {
    return this.observe(timeUs, exchangeTimeUs, this.steps);
  }
}

interface Feed {
  readonly offsetUs: number;
  readonly wayUs: number;
}

/** Receives records at the given exchange times; the jumps that were told. */
function receive(clock: Clock, exchangeTimesUs: readonly number[], { offsetUs, wayUs }: Feed): number[] {
  return exchangeTimesUs
    .map((exactUs) => {
      const timeUs = exactUs + offsetUs + wayUs;
      clock.advance(timeUs, false);
      return clock.take(timeUs, exactUs - (exactUs % SECOND));
    })
    .filter((jump) => jump !== 0);
}

const steady = (seconds: number, periodUs: number, fromUs = START_US): number[] =>
  Array.from({ length: Math.floor((seconds * SECOND) / periodUs) }, (_, i) => fromUs + i * periodUs);

it('lies at most a second above offset and way, never below, and closer the busier the feed is', () => {
  const anyFeed = fc.record({
    offsetUs: fc.integer({ min: -20 * SECOND, max: 20 * SECOND }),
    wayUs: fc.integer({ min: 0, max: SECOND / 2 }),
  });
  fc.assert(
    fc.property(anyFeed, fc.array(fc.integer({ min: 1, max: SECOND }), { minLength: 1 }), (feed, waits) => {
      const clock = new Clock();
      let exactUs = START_US;
      const times = waits.map((wait) => (exactUs += wait));
      expect(receive(clock, times, feed)).toEqual([]);
      const error = clock.offsetUs - feed.offsetUs - feed.wayUs;
      expect(error).toBeGreaterThanOrEqual(0);
      expect(error).toBeLessThan(SECOND);
    }),
  );
  const clock = new Clock();
  receive(clock, steady(3, 10_000), { offsetUs: 5000, wayUs: 100_000 });
  expect(clock.offsetUs - 105_000).toBeLessThan(10_000);
});

it('follows a clock that drifts forward once what it was has left the window', () => {
  const clock = new Clock();
  receive(clock, steady(60, 100_000), { offsetUs: 0, wayUs: 0 });
  receive(clock, steady(31 * 60, 100_000, START_US + 60 * SECOND), { offsetUs: 2 * SECOND, wayUs: 0 });
  expect(clock.offsetUs).toBe(2 * SECOND);
});

it('tells a clock that goes back, and begins anew', () => {
  const clock = new Clock();
  receive(clock, steady(120, 100_000), { offsetUs: 0, wayUs: 0 });
  const jumps = receive(clock, steady(60, 100_000, START_US + 120 * SECOND), { offsetUs: -30 * SECOND, wayUs: 0 });
  expect(jumps).toEqual([-30 * SECOND]);
  expect(clock.offsetUs).toBe(-30 * SECOND);
});

it('tells a clock that leaps ahead, or a process that stood still, from a feed that pauses', () => {
  const fresh = () => {
    const clock = new Clock();
    receive(clock, steady(120, 100_000), { offsetUs: 0, wayUs: 0 });
    return clock;
  };
  const leapt = receive(fresh(), steady(60, 100_000, START_US + 120 * SECOND), { offsetUs: 30 * SECOND, wayUs: 0 });
  expect(leapt).toHaveLength(1);
  const paused = receive(fresh(), steady(60, 100_000, START_US + 150 * SECOND), { offsetUs: 0, wayUs: 0 });
  expect(paused).toEqual([]);
  const clock = fresh();
  for (let i = 0; i < 300; i++) clock.advance(START_US + 120 * SECOND + i * 100_000, false);
  const backlog = START_US + 150 * SECOND;
  clock.advance(backlog, false);
  expect(clock.take(backlog, START_US + 120 * SECOND)).toBe(0);
});

it('takes a night, or another feed, for no jump', () => {
  const clock = new Clock();
  receive(clock, steady(60, 100_000), { offsetUs: 0, wayUs: 0 });
  const morningUs = START_US + 18 * 3600 * SECOND;
  clock.advance(morningUs, true);
  expect(clock.take(morningUs, morningUs - 2 * SECOND)).toBe(0);
  clock.reset();
  expect(receive(clock, steady(5, 100_000), { offsetUs: 999 * SECOND, wayUs: 0 })).toEqual([]);
  expect(clock.offsetUs).toBe(999 * SECOND);
  const copy = new Clock();
  copy.load(structuredClone(clock.save()));
  expect(copy.save()).toEqual(clock.save());
});
