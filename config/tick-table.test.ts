import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  floorToGrid,
  isOnGrid,
  isOnGridScaled,
  nextTickDown,
  nextTickUp,
  priceLimits,
  priceLimitsScaled,
  tickSize,
  tickSizeScaled,
} from './tick-table.ts';

const anyGridPrice = fc.integer({ min: 100, max: 3_000_000 }).map(floorToGrid);

describe('tick table', () => {
  it.each([
    [1, 1],
    [1_999, 1],
    [2_000, 5],
    [4_995, 5],
    [5_000, 10],
    [19_990, 10],
    [20_000, 50],
    [49_950, 50],
    [50_000, 100],
    [199_900, 100],
    [200_000, 500],
    [499_500, 500],
    [500_000, 1_000],
    [2_000_000, 1_000],
  ])('at %d won the tick is %d won', (priceWon, tickWon) => {
    expect(tickSize(priceWon)).toBe(tickWon);
    expect(tickSizeScaled(priceWon * 100)).toBe(tickWon * 100);
  });

  it('steps over the foot of a band by the tick below it', () => {
    expect(nextTickDown(200_000)).toBe(199_900);
    expect(nextTickUp(199_900)).toBe(200_000);
    expect(nextTickDown(500_000)).toBe(499_500);
    expect(nextTickUp(500_000)).toBe(501_000);
  });

  it('goes up and down the grid by inverse steps', () => {
    fc.assert(
      fc.property(anyGridPrice, (price) => {
        expect(nextTickDown(nextTickUp(price))).toBe(price);
        expect(isOnGrid(nextTickUp(price), false)).toBe(true);
      }),
    );
  });
});

describe('price limits', () => {
  // 274,000 won closed the day before 2026-09-22; the rest is computed by hand from the rule.
  it.each([
    [274_000, 192_000, 356_000],
    [10_000, 7_000, 13_000],
    [1_999, 1_400, 2_595],
    [155_500, 108_900, 202_000],
  ])('of a base of %d won are %d and %d won', (base, lower, upper) => {
    expect(priceLimits(base)).toEqual({ lower, upper });
    expect(priceLimitsScaled(base * 100)).toEqual({ lower: lower * 100, upper: upper * 100 });
  });

  it('lie on the grid, within 30 %, and less than two ticks from it', () => {
    fc.assert(
      fc.property(anyGridPrice, (base) => {
        const { lower, upper } = priceLimits(base);
        expect(isOnGrid(lower, false) && isOnGrid(upper, false)).toBe(true);
        expect(lower * 10).toBeGreaterThanOrEqual(base * 7);
        expect(upper * 10).toBeLessThanOrEqual(base * 13);
        const coarsest = tickSize(base * 1.3);
        expect(base * 1.3 - upper).toBeLessThan(2 * coarsest);
        expect(lower - base * 0.7).toBeLessThan(2 * coarsest);
      }),
    );
  });
});

describe('grid', () => {
  it('takes the midpoint trades seen on the wire, but not as prices of the book', () => {
    for (const price of [277_750, 313_750, 312_250, 71_950]) {
      expect(isOnGrid(price)).toBe(true);
      expect(isOnGrid(price, false)).toBe(false);
      expect(isOnGridScaled(price * 100)).toBe(true);
    }
  });

  it('takes half a won below 2,000 won and nothing between', () => {
    expect(isOnGridScaled(150_050)).toBe(true);
    expect(isOnGridScaled(150_050, false)).toBe(false);
    expect(isOnGridScaled(150_025)).toBe(false);
    expect(isOnGrid(277_600)).toBe(false);
    expect(isOnGrid(0)).toBe(false);
  });
});
