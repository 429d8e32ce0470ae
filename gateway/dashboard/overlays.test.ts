import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlays } from './overlays.ts';

describe('overlays', () => {
  it('have one value a close, none while warming up', () => {
    const { sma, ema, upper, lower } = overlays([1, 2, 3, 4, 5], 3);
    expect(sma).toEqual([null, null, 2, 3, 4]);
    expect(ema).toEqual([null, null, 2, 3, 4]);
    // Population deviation of three neighbours is √(2/3).
    expect(upper[4]! - 4).toBeCloseTo(2 * Math.sqrt(2 / 3), 12);
    expect(4 - lower[4]!).toBeCloseTo(2 * Math.sqrt(2 / 3), 12);
  });

  it('lie on the price where it does not move', () => {
    const still = overlays(new Array(30).fill(71_200), 20);
    for (const line of Object.values(still)) expect(line.at(-1)).toBe(71_200);
  });

  it('keep their past when bars are appended, so that only new points need drawing', () => {
    const closes = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(closes, closes, (past, more) => {
        const before = overlays(past, 5);
        const after = overlays([...past, ...more], 5);
        for (const name of ['sma', 'ema', 'upper', 'lower'] as const) {
          expect(after[name].slice(0, past.length)).toEqual(before[name]);
        }
      }),
    );
  });
});
