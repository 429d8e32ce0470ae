import { expect, it } from 'vitest';
import { DailyPriceLimits } from './price-limits.ts';

const won = (price: number): number => price * 100;
const limits = new DailyPriceLimits();

it.each([
  ['the upper limit itself', 91_000, 21_000, true],
  ['a tick above', 91_100, 21_100, false],
  ['the lower limit itself', 49_000, -21_000, true],
  ['a tick below', 48_950, -21_050, false],
  ['no change', 70_000, 0, true],
  ['a price of nothing', 0, 0, false],
  ['a price of nothing that fell by all of it', 0, -70_000, false],
  ['a change beyond the price', 70_000, 80_000, false],
])('%s of a previous close: %d won, change %d', (_case, price, change, holds) => {
  expect(limits.hold(won(price), won(change))).toBe(holds);
});

it('follows the previous close from day to day', () => {
  expect(limits.hold(won(91_100), won(21_100))).toBe(false);
  expect(limits.hold(won(91_100), won(100))).toBe(true);
  expect(limits.hold(won(91_100), won(21_100))).toBe(false);
});
