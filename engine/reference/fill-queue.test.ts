import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import { FillQueue, type GapToFill } from './fill-queue.ts';

const OPEN_US = kstToUtcUs(20260922, 32_400);
const MINUTE_US = 60_000_000;
const LATER_US = OPEN_US + 1000 * MINUTE_US;

function gap(code: string, fromMinute: number, toMinute: number, priority?: number): GapToFill {
  const times = { fromUs: OPEN_US + fromMinute * MINUTE_US, toUs: OPEN_US + toMinute * MINUTE_US };
  return { code, venue: 'KRX', ...times, ...(priority === undefined ? {} : { priority }) };
}

function takeAll(queue: FillQueue): string[] {
  const codes: string[] = [];
  for (let fill = queue.take(LATER_US); fill !== undefined; fill = queue.take(LATER_US)) codes.push(fill.code);
  return codes;
}

it('widens a gap to the minutes that it touches, and waits for the last of them to end', () => {
  const queue = new FillQueue(10);
  queue.add(gap('005930', 10.3, 12.2));
  expect(queue.take(OPEN_US + 13 * MINUTE_US - 1)).toBeUndefined();
  expect(queue.take(OPEN_US + 13 * MINUTE_US)).toEqual({
    ...gap('005930', 10, 13, 100),
    attempts: 0,
  });
  queue.add(gap('005930', 10.3, 10.3));
  expect(queue.take(LATER_US)).toMatchObject(gap('005930', 10, 11));
});

it('joins gaps of one instrument and day', () => {
  const queue = new FillQueue(10);
  for (const [from, to] of [
    [10, 11],
    [5, 6],
    [20, 21],
  ])
    queue.add(gap('005930', from, to));
  queue.add({ ...gap('005930', 0, 1), venue: 'NXT' });
  queue.add(gap('005930', 24 * 60, 24 * 60 + 1));
  expect(queue).toMatchObject({ size: 3, merged: 2 });
  expect(queue.take(OPEN_US + 30 * MINUTE_US)).toMatchObject({ ...gap('005930', 5, 21), venue: 'KRX' });
});

it('takes the most important first, of equals the one that ended last', () => {
  const queue = new FillQueue(10);
  queue.add(gap('A', 0, 1));
  queue.add(gap('B', 3, 4));
  queue.add(gap('C', 0, 2, 1));
  queue.add(gap('D', 3, 4));
  expect(takeAll(queue)).toEqual(['C', 'B', 'D', 'A']);
});

it('takes 2,800 gaps at once, keeps the most important that there is room for, and counts the others', () => {
  const queue = new FillQueue(1000);
  for (let index = 0; index < 2800; index++) queue.add(gap(String(index).padStart(6, '0'), 0, 5, index % 2));
  expect(queue).toMatchObject({ size: 1000, dropped: 1800 });
  expect(takeAll(queue).every((code) => Number(code) % 2 === 0)).toBe(true);
});

it('loses no minute and never grows beyond its capacity', () => {
  const arbitrary = fc.array(
    fc.tuple(fc.constantFrom('A', 'B', 'C', 'D'), fc.nat(300), fc.integer({ min: 1, max: 9 })),
  );
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 1, max: 4 }), (gaps, capacity) => {
      const queue = new FillQueue(capacity);
      for (const [code, from, length] of gaps) {
        queue.add(gap(code, from, from + length));
        expect(queue.size).toBeLessThanOrEqual(capacity);
      }
      expect(queue.size + queue.merged + queue.dropped).toBe(gaps.length);
      if (queue.dropped > 0) return;
      for (let fill = queue.take(LATER_US); fill !== undefined; fill = queue.take(LATER_US))
        for (const [code, from, length] of gaps.filter(([of]) => of === fill?.code)) {
          expect(fill.fromUs).toBeLessThanOrEqual(gap(code, from, from).fromUs);
          expect(fill.toUs).toBeGreaterThanOrEqual(gap(code, from, from + length).toUs);
        }
    }),
  );
});
