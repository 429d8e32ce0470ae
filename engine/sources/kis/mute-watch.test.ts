import { expect, it } from 'vitest';
import { MuteWatch } from './mute-watch.ts';
import { HandTimers } from './test-timers.ts';

function setUp(count: number) {
  const timers = new HandTimers();
  const muted: string[] = [];
  let marketOpen = true;
  const sessions = Array.from({ length: count }, (_, at) => ({
    expectsData: true,
    frames: 0,
    mute: () => void muted.push(`${at}`),
  }));
  const watch = new MuteWatch({ sessions, marketOpen: () => marketOpen, muteMs: 60_000, muteAloneMs: 300_000, timers });
  watch.start();
  /** Passes time in which these deliver. */
  const pass = (seconds: number, ...delivering: number[]) => {
    for (let second = 0; second < seconds; second += 1) {
      for (const at of delivering) sessions[at]!.frames += 1;
      timers.advance(1_000);
    }
  };
  const close = () => {
    marketOpen = false;
  };
  return { timers, muted, sessions, watch, pass, close };
}

it('finds the one that is silent while another delivers', () => {
  const { muted, pass } = setUp(3);
  pass(59, 0, 2);
  expect(muted).toEqual([]);
  pass(1, 0, 2);
  expect(muted).toEqual(['1']);
  // It has its time again to come back.
  pass(59, 0, 2);
  expect(muted).toEqual(['1']);
});

it('takes a market that is still for what it is, for longer', () => {
  const { muted, pass } = setUp(2);
  pass(299);
  expect(muted).toEqual([]);
  pass(1);
  expect(muted).toEqual(['0', '1']);
});

it('expects nothing while the market is closed, of who has not registered, and once stopped', () => {
  const { muted, pass, sessions, close, watch, timers } = setUp(2);
  sessions[1]!.expectsData = false;
  pass(600, 0);
  sessions[1]!.expectsData = true;
  pass(45, 0);
  close();
  pass(600, 0);
  expect(muted).toEqual([]);
  watch.stop();
  expect(timers.pending).toBe(0);
});
