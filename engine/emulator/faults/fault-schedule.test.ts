import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FaultSchedule, SCHEDULED_TYPES } from './fault-schedule.ts';
import { parseFaultRequest } from './request.ts';

const MINUTE_US = 60_000_000;

it('draws the same faults for a seed however its time is cut, and others for another', () => {
  const options = { seed: 5, faultsPerMinute: 6 };
  const whole = new FaultSchedule(options).advanceTo(30 * MINUTE_US);
  expect(whole.length).toBeGreaterThan(120);
  expect(whole.length).toBeLessThan(250);
  expect(new FaultSchedule({ ...options, seed: 6 }).advanceTo(30 * MINUTE_US)).not.toEqual(whole);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 * MINUTE_US }), { maxLength: 30 }), (times) => {
      const schedule = new FaultSchedule(options);
      const drawn = [...times.sort((a, b) => a - b), 30 * MINUTE_US].flatMap((time) => schedule.advanceTo(time));
      expect(drawn).toEqual(whole);
    }),
  );
});

it('draws every scheduled type sooner or later, only asked ones where asked, and none at a rate of nothing', () => {
  const drawn = new FaultSchedule({ seed: 1, faultsPerMinute: 1 }).advanceTo(900 * MINUTE_US);
  expect(new Set(drawn.map(({ type }) => type))).toEqual(new Set(SCHEDULED_TYPES));
  const drops = new FaultSchedule({ seed: 1, faultsPerMinute: 1, types: ['drop'] }).advanceTo(60 * MINUTE_US);
  expect(new Set(drops.map(({ type }) => type))).toEqual(new Set(['drop']));
  expect(new FaultSchedule({ seed: 1, faultsPerMinute: 0 }).advanceTo(1e15)).toEqual([]);
});

it('requests are checked, and what is wrong is said', () => {
  expect(parseFaultRequest({ type: 'drop', count: 3, trId: 'H0STCNT0' })).toEqual({
    type: 'drop',
    count: 3,
    trId: 'H0STCNT0',
  });
  expect(parseFaultRequest({ type: 'reject', code: 'OPSP0007' })).toMatchObject({ code: 'OPSP0007' });
  expect(parseFaultRequest({ type: 'explode' })).toMatch(/^type is one of drop, /);
  expect(parseFaultRequest({ type: 'drop', count: 0 })).toBe('count is 1 to 1000000');
  for (const wrong of [null, {}, [], { type: 'reject' }, { type: 'drop', code: 'OPSP0001' }, { type: 'drop', x: 1 }]) {
    expect(typeof parseFaultRequest(wrong)).toBe('string');
  }
});
