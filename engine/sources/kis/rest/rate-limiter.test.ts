import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';
import { HandClock } from './test-http.ts';

function limiter(perSecond: number, queueMax = 1000) {
  const clock = new HandClock();
  return { clock, limiter: new RateLimiter({ perSecond, queueMax, clock, timers: clock.timers }) };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Step by step, so that whoever is let through sees the time at which that was. */
async function pass(clock: HandClock, durationMs: number): Promise<void> {
  for (let passed = 0; passed < durationMs; passed++) {
    clock.advance(1);
    await settle();
  }
}

it('lets no more through in any second than it may, and all of them in the end, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 25 }),
      async (perSecond, waitsMs) => {
        const { clock, limiter: one } = limiter(perSecond);
        const passed: { index: number; atUs: number }[] = [];
        for (const [index, waitMs] of waitsMs.entries()) {
          await pass(clock, waitMs);
          one.turn().then(() => passed.push({ index, atUs: clock.nowUs() }));
        }
        await pass(clock, Math.ceil((1000 * waitsMs.length) / perSecond) + waitsMs.length);
        expect(passed.map(({ index }) => index)).toEqual(waitsMs.map((_, index) => index));
        for (const { atUs } of passed) {
          const inSecond = passed.filter((other) => other.atUs >= atUs && other.atUs < atUs + 1_000_000);
          expect(inSecond.length).toBeLessThanOrEqual(perSecond);
        }
      },
    ),
    { numRuns: 30 },
  );
});

it('spaces requests evenly and does not save up what was not used', async () => {
  const { clock, limiter: one } = limiter(10);
  clock.advance(5000);
  const atMs: number[] = [];
  const startUs = clock.nowUs();
  for (let index = 0; index < 4; index++) one.turn().then(() => atMs.push((clock.nowUs() - startUs) / 1000));
  await pass(clock, 400);
  expect(atMs.slice(1).map((ms, index) => ms - atMs[index])).toEqual([100, 100, 100]);
});

it('turns away who finds the queue full, and counts it', async () => {
  const { limiter: one } = limiter(1, 2);
  one.turn().catch(() => {});
  one.turn().catch(() => {});
  await expect(one.turn()).rejects.toBe('queue_full');
  expect(one).toMatchObject({ refused: 1, waiting: 2 });
});

it('pauses all who wait, and ends them when it closes', async () => {
  const { clock, limiter: one } = limiter(10);
  let through = 0;
  one.pause(1000);
  const first = one.turn().then(() => {
    through += 1;
  });
  clock.advance(999);
  await settle();
  expect(through).toBe(0);
  clock.advance(1);
  await first;
  expect(through).toBe(1);
  const waiting = one.turn();
  one.close();
  await expect(waiting).rejects.toBe('closed');
  await expect(one.turn()).rejects.toBe('closed');
});
