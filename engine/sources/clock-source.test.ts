import { Subscription } from 'rxjs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { InputBatch } from '../input.ts';
import { clockSource } from './clock-source.ts';

const running = new Subscription();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  running.unsubscribe();
  vi.useRealTimers();
});

it('makes one clock entry a period, none before the clock knows the time, and none while it stands or goes back', () => {
  const clock = { ready: false, us: 100 };
  const batches: InputBatch[] = [];
  const source = clockSource({ clock: { nowUs: () => clock.us }, ready: () => clock.ready, periodMs: 50 });
  running.add(source.subscribe((batch) => batches.push(batch)));
  const after = (us: number): number => {
    clock.us = us;
    vi.advanceTimersByTime(50);
    return batches.length;
  };
  expect(after(100)).toBe(0);
  clock.ready = true;
  expect(after(100)).toBe(1);
  expect(after(100)).toBe(1);
  expect(after(90)).toBe(1);
  expect(after(200)).toBe(2);
  expect(batches.map(({ inputs }) => inputs)).toEqual([
    [{ kind: 'clock', engineTimeUs: 100 }],
    [{ kind: 'clock', engineTimeUs: 200 }],
  ]);
});
