import { expect, it } from 'vitest';
import { Pace } from './pace.ts';
import { HandTimers } from './test-timers.ts';

it('lets one through at once and the others in turn', () => {
  const timers = new HandTimers();
  const pace = new Pace({ perSecond: 4, timers });
  const through: string[] = [];
  for (const name of ['a', 'b', 'c']) pace.enter(() => through.push(name));
  expect(through).toEqual(['a']);
  timers.advance(249);
  expect(through).toEqual(['a']);
  timers.advance(1);
  expect(through).toEqual(['a', 'b']);
  timers.advance(500);
  expect([through, timers.pending]).toEqual([['a', 'b', 'c'], 0]);
  pace.enter(() => through.push('d'));
  expect(through).toHaveLength(4);
});

it('keeps its pace for callers that come back from within their turn', () => {
  const timers = new HandTimers();
  const pace = new Pace({ perSecond: 10, timers });
  let turns = 0;
  const again = () => {
    turns += 1;
    pace.enter(again);
  };
  pace.enter(again);
  timers.advance(1_000);
  expect(turns).toBe(11);
});
