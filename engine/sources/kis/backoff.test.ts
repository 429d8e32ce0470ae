import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';

describe('backoff', () => {
  it('doubles from the first ceiling to the last, and begins anew after a reset', () => {
    const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000, random: () => 1 - 1e-9 });
    const waits = () => Array.from({ length: 7 }, () => backoff.nextMs());
    expect(waits()).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    backoff.reset();
    expect(backoff.nextMs()).toBe(1_000);
  });

  it('spreads each wait over the upper half of its ceiling', () => {
    const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(unit, { minLength: 1, maxLength: 20 }), (randoms) => {
        let at = 0;
        let ceilingMs = 1_000;
        const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000, random: () => randoms[at++]! });
        for (const _ of randoms) {
          const waitMs = backoff.nextMs();
          expect(waitMs).toBeGreaterThanOrEqual(ceilingMs / 2);
          expect(waitMs).toBeLessThanOrEqual(ceilingMs);
          ceilingMs = Math.min(2 * ceilingMs, 30_000);
        }
      }),
    );
  });
});
