import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DailyBar } from '../sources/kis/rest/daily-bars.ts';
import { adjustedBars, corporateActions } from './corporate-actions.ts';

interface Action {
  /** Index of the first day under the new terms. */
  readonly day: number;
  readonly price: number;
  readonly volume: number;
  readonly exRightsCode?: string;
}

function bar(date: number, close: number, volume: number, exRightsCode = '00'): DailyBar {
  const prices = { open: close, high: Math.round(close * 1.02), low: Math.round(close * 0.98), close };
  return { date, ...prices, volume, turnoverWon: close * volume, exRightsCode, exRightsPercent: 0 };
}

/** Raw bars, and as KIS would adjust them: whole won, whole shares. */
function history(closes: readonly number[], actions: readonly Action[]) {
  const raw = closes.map((close, index) => {
    const of = actions.find(({ day }) => day === index);
    return bar(20260101 + index, close, 1000 + index, of?.exRightsCode);
  });
  const adjusted = raw.map((one, index) => {
    const later = actions.filter(({ day }) => day > index);
    const price = later.reduce((product, action) => product * action.price, 1);
    const volume = later.reduce((product, action) => product * action.volume, 1);
    const won = (value: number): number => Math.round(value * price);
    const prices = { open: won(one.open), high: won(one.high), low: won(one.low), close: won(one.close) };
    return { ...one, ...prices, volume: Math.round(one.volume * volume) };
  });
  return { raw, adjusted };
}

it('finds nothing where there was nothing', () => {
  const { raw, adjusted } = history([50_000, 51_000, 49_500], []);
  expect(corporateActions(raw, adjusted)).toEqual([]);
  expect(adjustedBars(raw, [])).toEqual(raw);
  expect(corporateActions([], [])).toEqual([]);
});

it('finds a split of one into fifty on its day, with prices and volumes', () => {
  const { raw, adjusted } = history([2_650_000, 2_607_000, 51_900, 52_600], [{ day: 2, price: 1 / 50, volume: 50 }]);
  const actions = corporateActions(raw, adjusted);
  expect(actions).toEqual([{ exDate: 20260103, kind: 'split', priceFactor: 0.02, volumeFactor: 50 }]);
  expect(adjustedBars(raw, actions)[1]).toMatchObject({ close: 52_140, volume: 50_050 });
});

it('finds a reverse split', () => {
  const { raw, adjusted } = history([1_000, 1_010, 10_200], [{ day: 2, price: 10, volume: 0.1 }]);
  expect(corporateActions(raw, adjusted)).toMatchObject([{ exDate: 20260103, kind: 'reverse_split', priceFactor: 10 }]);
});

it('finds an issue of rights, whose volumes stay', () => {
  const rights = { day: 3, price: 0.9313, volume: 1, exRightsCode: '01' };
  const { raw, adjusted } = history([80_000, 81_000, 82_000, 76_500, 77_000], [rights]);
  const [action, ...others] = corporateActions(raw, adjusted);
  expect(others).toEqual([]);
  expect(action).toMatchObject({ exDate: 20260104, kind: 'rights', volumeFactor: 1 });
  expect(action.priceFactor).toBeCloseTo(0.9313, 4);
});

it('invents nothing: neither for a dividend, nor for rights worth less than the rounding of prices', () => {
  const rights = { day: 2, price: 0.9996, volume: 1, exRightsCode: '01' };
  const { raw, adjusted } = history([1_900, 1_901, 300_000, 300_000, 299_000], [rights]);
  expect(corporateActions(raw, adjusted)).toHaveLength(0);
  const dividend = raw.map((one) => ({ ...one, exRightsCode: '02' }));
  expect(corporateActions(dividend, raw)).toEqual([]);
});

it('adjusts raw bars to within the rounding of what KIS adjusted, whatever happened', () => {
  const action = fc.record({
    price: fc.oneof(
      fc.integer({ min: 2, max: 50 }).map((times) => 1 / times),
      fc.integer({ min: 2, max: 10 }),
      fc.double({ min: 0.5, max: 0.97, noNaN: true }),
    ),
    withVolume: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 20_000, max: 900_000 }), { minLength: 4, maxLength: 40 }),
      fc.array(fc.tuple(fc.nat(), action), { maxLength: 2 }),
      (closes, drawn) => {
        const actions = drawn.map(([at, { price, withVolume }]) => ({
          day: 1 + (at % (closes.length - 1)),
          price,
          volume: withVolume ? 1 / price : 1,
          exRightsCode: '01',
        }));
        const { raw, adjusted } = history(closes, actions);
        const found = corporateActions(raw, adjusted);
        for (const [index, one] of adjustedBars(raw, found).entries())
          expect(Math.abs(one.close - adjusted[index].close)).toBeLessThanOrEqual(1.000_001);
        expect(found.every(({ exDate }) => actions.some(({ day }) => 20260101 + day === exDate))).toBe(true);
      },
    ),
  );
});

it('passes over days that only one list has, and days without a price', () => {
  const { raw, adjusted } = history([2_000_000, 2_000_000, 40_000], [{ day: 2, price: 1 / 50, volume: 1 }]);
  const holes = [...raw, bar(20260110, 0, 0), bar(20260111, 41_000, 5)];
  expect(corporateActions(holes, adjusted.toReversed())).toHaveLength(1);
});
