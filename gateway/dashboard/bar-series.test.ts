import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BarMessage } from '../../engine/messages.ts';
import { BarSeries } from './bar-series.ts';

const bar = (startUs: number, changed: Partial<BarMessage> = {}): BarMessage => ({
  seq: 0,
  timeUs: 0,
  startUs,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
  turnover: 1,
  trades: 1,
  complete: true,
  filled: false,
  ...changed,
});

describe('a series of bars', () => {
  it('holds the last message of each start, ordered by start, the newest of them at most', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (starts, capacity) => {
        const series = new BarSeries(capacity);
        const latest = new Map<number, BarMessage>();
        for (const [volume, startUs] of starts.entries()) {
          series.put(bar(startUs, { volume }));
          latest.set(startUs, bar(startUs, { volume }));
        }
        const ordered = [...latest.values()].sort((a, b) => a.startUs - b.startUs);
        const kept = series.toArray();
        expect(kept.length).toBeLessThanOrEqual(capacity);
        expect(kept.every(({ startUs }, i) => i === 0 || startUs > kept[i - 1].startUs)).toBe(true);
        // A bar older than all that are kept may come back after it was dropped; the newest is always there.
        if (ordered.length <= capacity) expect(kept).toEqual(ordered);
        expect(kept.at(-1)).toEqual(ordered.at(-1));
      }),
    );
  });

  it('puts the filled bar in the place of the torn one and says that the past has changed', () => {
    const series = new BarSeries(10);
    for (const startUs of [60, 120, 180]) series.put(bar(startUs, { complete: startUs !== 120 }));
    expect(series.pastRevision).toBe(0);
    series.put(bar(120, { filled: true, trades: 0, volume: 9 }));
    expect(series.toArray().map(({ startUs, complete, filled }) => [startUs, complete, filled])).toEqual([
      [60, true, false],
      [120, true, true],
      [180, true, false],
    ]);
    expect(series.pastRevision).toBe(1);
  });

  it('may take a torn bar again, and replaces the newest without touching the past', () => {
    const series = new BarSeries(10);
    series.put(bar(60));
    series.put(bar(120, { complete: false, volume: 1 }));
    series.put(bar(120, { complete: false, volume: 5 }));
    expect(series.toArray().map(({ volume }) => volume)).toEqual([1, 5]);
    expect(series.pastRevision).toBe(0);
  });
});
