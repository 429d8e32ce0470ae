import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignalMessage } from '../../engine/messages.ts';
import { markedBars, placedSignals, resumeIndex } from './chart-points.ts';
import type { ChartBar } from './forming-bar.ts';

const bar = (startUs: number): ChartBar => ({
  startUs,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
  complete: true,
  filled: false,
});
const MAX = 1000;

describe('drawing of the chart', () => {
  it('resumes at the last drawn bar, also where the oldest bars have gone', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(5000), { minLength: 1, maxLength: 60 }),
        fc.nat(59),
        fc.nat(59),
        (starts, drawnAt, gone) => {
          const all = starts.sort((a, b) => a - b).map(bar);
          const last = Math.min(drawnAt, all.length - 1);
          const from = Math.min(gone, last);
          const kept = all.slice(from);
          const index = resumeIndex(kept, { lastStartUs: all[last].startUs, count: last + 1 }, MAX);
          expect(index).toBe(last - from);
        },
      ),
    );
  });

  it('starts anew where the past changed, nothing was drawn, or too much was', () => {
    const bars = [bar(1), bar(2), bar(3)];
    expect(resumeIndex(bars, { lastStartUs: 0, count: 0 }, MAX)).toBe(-1);
    // The third bar was drawn alone; two older ones have come since.
    expect(resumeIndex(bars, { lastStartUs: 3, count: 1 }, MAX)).toBe(-1);
    // The drawn bar is no more.
    expect(resumeIndex(bars, { lastStartUs: 9, count: 3 }, MAX)).toBe(-1);
    expect(resumeIndex(bars, { lastStartUs: 3, count: 3 }, 2)).toBe(-1);
  });

  it('counts bars that are torn and bars that were filled', () => {
    const torn = { ...bar(2), complete: false };
    const filled = { ...bar(3), filled: true };
    expect(markedBars([bar(1), torn, torn, filled])).toEqual({ torn: 2, filled: 1 });
  });

  it('places signals of the instrument on their bars, oldest first', () => {
    const entry = (id: string, timeUs: number, instrument = 'A') => ({
      id,
      instrument,
      signal: { id, timeUs, side: 'sell' } as SignalMessage,
      score: null,
    });
    const bars = [bar(10_000_000), bar(12_000_000)];
    const entries = [
      entry('late', 99_900_000),
      entry('second', 12_400_000),
      entry('other', 12_400_000, 'B'),
      entry('before', 9_000_000),
      entry('first', 10_999_999),
    ];
    expect(placedSignals(entries, 'A', bars, '1s')).toEqual([
      { id: 'first', startUs: 10_000_000, side: 'sell' },
      { id: 'late', startUs: 12_000_000, side: 'sell' },
      { id: 'second', startUs: 12_000_000, side: 'sell' },
    ]);
    expect(placedSignals(entries, 'A', [], '1s')).toEqual([]);
  });
});
