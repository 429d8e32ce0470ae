import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentList } from './recent-list.ts';

describe('a recent list', () => {
  it('is the tail of all that was pushed, whatever the order of pushes and replacements', () => {
    const step = fc.oneof(fc.integer(), fc.array(fc.integer(), { maxLength: 12 }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
        const list = new RecentList<number>(capacity);
        let model: number[] = [];
        for (const taken of steps) {
          if (Array.isArray(taken)) {
            list.replace(taken);
            model = [...taken];
          } else {
            list.push(taken);
            model.push(taken);
          }
          expect(list.toArray()).toEqual(model.slice(-capacity));
          expect(list.length).toBe(Math.min(model.length, capacity));
          expect(list.last).toBe(model.at(-1));
        }
      }),
    );
  });

  it('holds less than twice its capacity inside', () => {
    const list = new RecentList<number>(10);
    for (let i = 0; i < 100_000; i++) list.push(i);
    expect(Object.values(list).find(Array.isArray)!.length).toBeLessThan(20);
  });
});
