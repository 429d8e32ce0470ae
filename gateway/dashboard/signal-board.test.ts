import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScoreMessage, SignalMessage } from '../../engine/messages.ts';
import { SignalBoard, summarise } from './signal-board.ts';

const signal = (id: string, timeUs: number) => ({ id, timeUs, side: 'buy' }) as SignalMessage;
const score = (signalId: string, timeUs: number, netBp = 0) =>
  ({ signalId, timeUs, netBp, hit: netBp > 0 }) as ScoreMessage;

describe('the signal board', () => {
  it('joins a score with its signal in whichever order they come', () => {
    const board = new SignalBoard(10);
    board.addScore('A', score('A-1', 20, 5));
    expect(board.newest()).toEqual([]);
    board.addSignal('A', signal('A-1', 10));
    board.addSignal('B', signal('B-1', 15));
    board.addScore('B', score('B-1', 25, -3));
    expect(board.newest().map((entry) => [entry.id, entry.score?.netBp])).toEqual([
      ['B-1', -3],
      ['A-1', 5],
    ]);
  });

  it('keeps the newest and never more than twice its capacity', () => {
    const capacity = 5;
    const times = fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 80 });
    fc.assert(
      fc.property(times, (arrival) => {
        const board = new SignalBoard(capacity);
        for (const timeUs of arrival) board.addSignal('A', signal(`A-${timeUs}`, timeUs));
        const newest = [...arrival].sort((a, b) => b - a).slice(0, capacity);
        expect(board.newest().map((entry) => entry.signal.timeUs)).toEqual(newest);
        const entries = Object.values(board).find((field) => field instanceof Map) as Map<string, unknown>;
        expect(entries.size).toBeLessThan(2 * capacity);
      }),
    );
  });

  it('sums up the scored ones only', () => {
    const board = new SignalBoard(10);
    expect(summarise(board.newest())).toEqual({ scored: 0, hitRate: null, netBpMean: null });
    for (const id of ['1', '2', '3']) board.addSignal('A', signal(id, Number(id)));
    board.addScore('A', score('1', 11, 6));
    board.addScore('A', score('2', 12, -2));
    expect(summarise(board.newest())).toEqual({ scored: 2, hitRate: 0.5, netBpMean: 2 });
  });
});
