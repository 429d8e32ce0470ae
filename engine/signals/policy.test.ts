import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SignalMessage } from '../messages.ts';
import { candidateOf, reasonsOf } from './policy.ts';
import { exitOf, GivenSignals, scoreOf } from './scoring.ts';

it('follows the likelier direction, mirrored in itself, and only from the threshold on', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      (up, threshold) => {
        const candidate = candidateOf(up, threshold);
        const confidence = Math.max(up, 1 - up);
        expect(candidate !== null).toBe(confidence >= threshold);
        if (candidate === null) return;
        expect(candidate.side).toBe(up >= 0.5 ? 'buy' : 'sell');
        expect(candidate.strength).toBeGreaterThanOrEqual(0);
        expect(candidate.strength).toBeLessThanOrEqual(1);
        if (up !== 0.5) expect(candidateOf(1 - up, threshold)?.side ?? null).not.toBe(candidate.side);
      },
    ),
  );
  expect(candidateOf(Number.NaN, 0.7)).toBeNull();
});

it('says why in numbers', () => {
  expect(reasonsOf(candidateOf(0.2, 0.75)!, 0.75, -0.5, 1)).toEqual([
    'probability_down 0.8000 >= 0.7500',
    'book_imbalance -0.5000',
    'spread 1.0 ticks',
  ]);
});

const signal = {
  id: 'x',
  side: 'sell',
  confidence: 0.8,
  mid: 100_000,
  spread: 100,
  timeUs: 1_000_000,
  horizonMs: 5000,
} as SignalMessage;

it('scores the move in the direction of the signal, before and after half of both spreads', () => {
  expect(scoreOf(signal, { mid: 99_900, spread: 300 })).toMatchObject({
    moveBp: 10,
    netBp: 10 - 20,
    hit: true,
    entryMid: 100_000,
    exitMid: 99_900,
  });
  expect(scoreOf({ ...signal, side: 'buy' }, { mid: 99_900, spread: 100 })).toMatchObject({
    moveBp: -10,
    netBp: -20,
    hit: false,
  });
  expect(scoreOf(signal, { mid: 100_000, spread: 100 }).hit).toBe(false);
});

it.each([
  ['a book of two sides', 99_900, 100_100, { mid: 100_000, spread: 200 }],
  ['no asks, at the upper limit', 99_900, 0, { mid: 99_900, spread: 0 }],
  ['no bids, at the lower limit', 0, 100_100, { mid: 100_100, spread: 0 }],
  ['no book', 0, 0, { mid: 99_500, spread: 0 }],
  ['a book crossed in an auction', 100_100, 99_900, { mid: 100_000, spread: 0 }],
])('leaves at %s', (_case, bid, ask, exit) => {
  expect(exitOf(bid, ask, 99_500)).toEqual(exit);
});

it('waits for the oldest first', () => {
  const pending = new GivenSignals();
  const rateMax = 2;
  expect(pending.dueUs).toBe(Number.POSITIVE_INFINITY);
  for (const [id, timeUs] of [
    ['x', signal.timeUs],
    ['y', 2_000_000],
    ['z', 3_000_000],
  ] as const)
    pending.add({ ...signal, id, timeUs }, rateMax);
  expect(pending.timesUs).toEqual([2_000_000, 3_000_000]);
  const loaded = new GivenSignals();
  loaded.load(structuredClone(pending.save()));
  expect(loaded).toEqual(pending);
  expect(pending.dueUs).toBe(6_000_000);
  expect(pending.take().id).toBe('x');
  expect(pending.dueUs).toBe(7_000_000);
  pending.take();
  pending.take();
  expect(() => pending.take()).toThrow();
});
