import { expect, it } from 'vitest';
import { Absence } from './absence.ts';
import { Reconnection } from './reconnection.ts';
import { HandTimers } from './test-timers.ts';

function setUp() {
  const timers = new HandTimers();
  const bounds = { backoffFirstMs: 1_000, backoffMaxMs: 30_000, steadyMs: 10_000, random: () => 1 - 1e-9 };
  return { timers, reconnection: new Reconnection({ ...bounds, timers }) };
}

it('waits longer each time for a server that delivers a little and cuts, however often', () => {
  const { timers, reconnection } = setUp();
  const waits: number[] = [];
  for (let connection = 0; connection < 7; connection += 1) {
    reconnection.opened();
    reconnection.delivered();
    timers.advance(9_999);
    reconnection.delivered();
    reconnection.closed();
    waits.push(reconnection.nextWaitMs());
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(timers.pending).toBe(0);
});

it('begins anew after a connection that lasted and delivered, not after one that only lasted', () => {
  const { timers, reconnection } = setUp();
  for (const _ of [1, 2, 3]) reconnection.nextWaitMs();
  reconnection.opened();
  timers.advance(60_000);
  reconnection.closed();
  expect(reconnection.nextWaitMs()).toBe(8_000);
  reconnection.opened();
  timers.advance(60_000);
  reconnection.delivered();
  reconnection.closed();
  expect(reconnection.nextWaitMs()).toBe(1_000);
});

it('waits as it is told, once', () => {
  const { reconnection } = setUp();
  reconnection.prescribe(45_000);
  expect([reconnection.nextWaitMs(), reconnection.nextWaitMs()]).toEqual([45_000, 1_000]);
});

it('takes an absence for a long one after its time, from the first loss of several, or when that is known', () => {
  const timers = new HandTimers();
  let downs = 0;
  let backs = 0;
  const absence = new Absence({
    downMsMax: 30_000,
    timers,
    onChange: (down) => {
      if (down) downs += 1;
      else backs += 1;
    },
  });
  absence.begin();
  timers.advance(20_000);
  absence.begin();
  timers.advance(9_999);
  expect([absence.down, downs]).toEqual([false, 0]);
  timers.advance(1);
  absence.begin();
  absence.expect(60_000);
  expect([absence.down, downs, timers.pending]).toEqual([true, 1, 0]);
  // Let in, and thrown out again before it was answered.
  absence.pause();
  expect(absence.down).toBe(false);
  absence.begin();
  expect([absence.down, downs]).toEqual([true, 2]);
  absence.end();
  absence.begin();
  absence.expect(29_999);
  absence.end();
  timers.advance(60_000);
  expect([absence.down, downs]).toEqual([false, 2]);
  absence.expect(30_000);
  expect([absence.down, downs, backs]).toEqual([true, 3, 2]);
});
