import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueQueue } from './due-queue.ts';

it('gives who is due in the order of time and number, each once, by what was said of it last', () => {
  const step = fc.oneof(
    fc.record({ number: fc.nat(8), timeUs: fc.oneof(fc.nat(30), fc.constant(Number.POSITIVE_INFINITY)) }),
    fc.record({ takeUs: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const queue = new DueQueue();
      const due = new Map<number, number>();
      for (const one of steps) {
        if ('number' in one) {
          queue.expect(one.number, one.timeUs);
          due.set(one.number, one.timeUs);
          continue;
        }
        const wanted = [...due]
          .filter(([, timeUs]) => timeUs <= one.takeUs)
          .sort(([a, aUs], [b, bUs]) => aUs - bUs || a - b)
          .map(([number]) => number);
        for (const number of wanted) due.delete(number);
        const taken: number[] = [];
        for (let number = queue.take(one.takeUs); number !== -1; number = queue.take(one.takeUs)) taken.push(number);
        expect(taken).toEqual(wanted);
      }
      const earliest = Math.min(...due.values(), Number.POSITIVE_INFINITY);
      expect(queue.nextUs).toBeLessThanOrEqual(earliest);
      queue.clear();
      expect([queue.nextUs, queue.take(100)]).toEqual([Number.POSITIVE_INFINITY, -1]);
    }),
  );
});
