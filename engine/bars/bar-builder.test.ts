import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BarBuilder, type ClosedBar } from './bar-builder.ts';

const MINUTE = 60_000_000;

it('makes of any trades in order the bars that grouping them afterwards makes', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          wait: fc.integer({ min: 0, max: 90_000_000 }),
          price: fc.integer({ min: 1, max: 1000 }),
          volume: fc.integer({ min: 1, max: 50 }),
        }),
        { minLength: 1 },
      ),
      (steps) => {
        const builder = new BarBuilder(MINUTE, 1_000_000);
        const closed: ClosedBar[] = [];
        const groups = new Map<number, { price: number; volume: number }[]>();
        let timeUs = 1_000_000 * MINUTE;
        for (const { wait, price, volume } of steps) {
          timeUs += wait;
          if (builder.endsBefore(timeUs)) closed.push(builder.close());
          expect(builder.add(timeUs, price, volume)).toBe(true);
          const start = Math.floor(timeUs / MINUTE) * MINUTE;
          groups.set(start, [...(groups.get(start) ?? []), { price, volume }]);
        }
        closed.push(builder.close());
        expect(closed).toEqual(
          [...groups].map(([startUs, trades]) => ({
            startUs,
            open: trades[0].price,
            high: Math.max(...trades.map((t) => t.price)),
            low: Math.min(...trades.map((t) => t.price)),
            close: trades[trades.length - 1].price,
            volume: trades.reduce((sum, t) => sum + t.volume, 0),
            turnover: trades.reduce((sum, t) => sum + t.price * t.volume, 0),
            trades: trades.length,
            complete: true,
            filled: false,
          })),
        );
      },
    ),
  );
});

it('closes by the clock once its lateness is over, and counts what comes even later', () => {
  const builder = new BarBuilder(MINUTE, 2_000_000);
  expect(builder.dueUs).toBe(Number.POSITIVE_INFINITY);
  builder.add(100 * MINUTE + 1, 10, 1);
  expect(builder.dueUs).toBe(101 * MINUTE + 2_000_000);
  builder.markIncomplete();
  expect(builder.close().complete).toBe(false);
  expect(builder.add(100 * MINUTE + 5, 11, 1)).toBe(false);
  expect(builder.add(99 * MINUTE, 11, 1)).toBe(false);
  expect(builder.lateTrades).toBe(2);
  expect(builder.add(101 * MINUTE, 12, 1)).toBe(true);
  expect(builder.forming).toMatchObject({ startUs: 101 * MINUTE, open: 12, complete: true });
});
