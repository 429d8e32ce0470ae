import { describe, expect, it } from 'vitest';
import { hostTimeUs } from '../../clock.ts';
import type { ClockInput, InputBatch } from '../../input.ts';
import { BATCH_INPUTS_MAX, InputBatcher } from './input-batcher.ts';
import { HandTimers } from './test-timers.ts';

const input = (engineTimeUs: number): ClockInput => ({ kind: 'clock', engineTimeUs });

describe('input batcher', () => {
  it('makes one batch of one turn, in order, and none of a quiet one', () => {
    const timers = new HandTimers();
    const batches: InputBatch[] = [];
    const batcher = new InputBatcher({ timers, onBatch: (batch) => batches.push(batch) });
    timers.endTurn();
    const beforeUs = hostTimeUs();
    for (const at of [1, 2, 3]) batcher.add('kis-1', input(at));
    expect(batches).toEqual([]);
    timers.endTurn();
    batcher.add('kis-1', input(4));
    timers.endTurn();
    expect(batches.map(({ inputs }) => inputs.map(({ engineTimeUs }) => engineTimeUs))).toEqual([[1, 2, 3], [4]]);
    expect(batches[0]!.receivedUs).toBeGreaterThanOrEqual(beforeUs);
    expect(batches[1]!.receivedUs).toBeGreaterThanOrEqual(batches[0]!.receivedUs);
  });

  it('never lets a batch exceed its bound', () => {
    const timers = new HandTimers();
    const sizes: number[] = [];
    const batcher = new InputBatcher({ timers, onBatch: ({ inputs }) => sizes.push(inputs.length) });
    for (let at = 0; at < 2 * BATCH_INPUTS_MAX + 7; at += 1) batcher.add('kis-1', input(at));
    timers.endTurn();
    expect(sizes).toEqual([BATCH_INPUTS_MAX, BATCH_INPUTS_MAX, 7]);
  });
});
