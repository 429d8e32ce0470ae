import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeedClock } from '../../clock.ts';
import { EngineTime } from './engine-time.ts';

const IGNORED = { nowUs: () => 0 };

describe('engine time', () => {
  it('never goes back, whatever its clock does', () => {
    let us = 5;
    const time = new EngineTime({ nowUs: () => us });
    expect(time.nowUs()).toBe(5);
    us = 3;
    expect(time.nowUs()).toBe(5);
    us = 9;
    expect(time.nowUs()).toBe(9);
  });

  it('waits at speed 0 for the session that is behind, unless it has fallen silent or is gone', () => {
    const time = new EngineTime(IGNORED, new FeedClock());
    time.announce('a', 1_000, 0);
    time.announce('b', 1_000, 0);
    time.announce('a', 5_000, 0);
    expect(time.nowUs()).toBe(1_000);
    time.announce('b', 4_000, 0);
    expect(time.nowUs()).toBe(4_000);
    time.announce('a', 400_000_000, 0);
    expect(time.nowUs()).toBe(400_000_000);
    time.announce('b', 400_000_001, 0);
    time.announce('b', 400_000_009, 0);
    time.forget('a');
    time.announce('b', 400_000_010, 0);
    expect(time.nowUs()).toBe(400_000_010);
  });

  it('takes at a speed what is new, and not what another session has said already', () => {
    const announced: number[] = [];
    class NotedClock extends FeedClock {
      override announce(timeUs: number, speed: number): void {
        announced.push(timeUs);
        super.announce(timeUs, speed);
      }
    }
    const time = new EngineTime(IGNORED, new NotedClock());
    for (const timeUs of [1_000, 2_000]) {
      for (const session of ['a', 'b', 'c']) expect(time.announce(session, timeUs, 2)).toBe(true);
    }
    expect(announced).toEqual([1_000, 2_000]);
    expect(time.announce('b', 1_500, 2)).toBe(false);
    expect(announced).toEqual([1_000, 2_000, 2_000]);
  });

  it('never goes back, whatever sessions announce, and is never ahead of the furthest', () => {
    const step = fc.record({
      session: fc.constantFrom('a', 'b', 'c'),
      timeUs: fc.integer({ min: 1, max: 1_000_000_000 }),
      gone: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const time = new EngineTime(IGNORED, new FeedClock());
        let lastUs = 0;
        let furthestUs = 0;
        for (const { session, timeUs, gone } of steps) {
          if (gone) time.forget(session);
          time.announce(session, timeUs, 0);
          furthestUs = Math.max(furthestUs, timeUs);
          expect(time.nowUs()).toBeGreaterThanOrEqual(lastUs);
          expect(time.nowUs()).toBeLessThanOrEqual(furthestUs);
          lastUs = time.nowUs();
        }
      }),
    );
  });
});
