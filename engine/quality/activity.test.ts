// For how long a symbol may be silent, given how often it was heard.
import { expect, it } from 'vitest';
import { Activity } from './activity.ts';

const SECOND = 1_000_000;
const SILENT_MS = 60_000;

/** One that was heard so often, every so many seconds, from its first second on. */
function heard(times: number, everySeconds: number): Activity {
  const activity = new Activity(SILENT_MS);
  activity.silence(SECOND, true);
  for (let at = 0; at < times; at++) activity.hear((2 + at * everySeconds) * SECOND);
  return activity;
}

it('of one that nobody knows is ten times the setting', () => {
  expect(heard(0, 1).limitUs).toBe(600 * SECOND);
  expect(heard(5, 1).limitUs).toBe(600 * SECOND);
});

it('of a busy one is the setting', () => {
  expect(heard(100, 0.5).limitUs).toBe(60 * SECOND);
});

it('of a quiet one is sixty mean intervals, also before much is known of it', () => {
  expect(heard(100, 30).limitUs).toBe(1800 * SECOND);
  expect(heard(6, 30).limitUs).toBe(1800 * SECOND);
});

it('finds a silence once it is over the limit, and what lasts of it each time', () => {
  const activity = heard(100, 0.5);
  const lastUs = 51.5 * SECOND;
  expect(activity.silence(lastUs + 60 * SECOND, true)).toBe(0);
  expect(activity.silence(lastUs + 61 * SECOND, true)).toBe(61 * SECOND);
  expect(activity.silence(lastUs + 100 * SECOND, true)).toBe(0);
  expect(activity.silence(lastUs + 122 * SECOND, true)).toBe(61 * SECOND);
  expect(activity.silence(lastUs + 500 * SECOND, false)).toBe(0);
});
