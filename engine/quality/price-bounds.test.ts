// What prices an instrument may have, against the market's rules: the fast way through a band is the slow one's.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SecurityKind } from '../../config/market-rules.ts';
import { isOnGridScaled, priceLimitsScaled } from '../../config/tick-table.ts';
import type { InstrumentReference } from '../reference/reference.ts';
import { PriceBounds } from './price-bounds.ts';

const DATE = 20261123;
const KINDS: readonly SecurityKind[] = ['stock', 'etf', 'etn', 'elw'];
const won = (price: number): number => price * 100;

function reference(change: Partial<InstrumentReference>): InstrumentReference {
  return {
    code: '005930',
    nameKo: '',
    market: 'KOSPI',
    kind: 'stock',
    basePriceWon: 70_000,
    upperLimitWon: 0,
    lowerLimitWon: 0,
    lotSize: 1,
    listedShares: 0,
    previousVolume: 0,
    kospi200: false,
    nxt: false,
    halted: false,
    liquidation: false,
    listedDate: 0,
    ...change,
  };
}

it('is on the grid where the rules say so, whatever was asked before', () => {
  const price = fc.oneof(
    fc.integer({ min: 1, max: 60_000_000 }),
    fc.integer({ min: 1, max: 1_200_000 }).map((half) => half * 50),
  );
  const asked = fc.array(fc.tuple(price, fc.boolean(), fc.constantFrom(DATE, 20240603)), { maxLength: 40 });
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), asked, (kind, all) => {
      const bounds = new PriceBounds();
      bounds.describeKind(kind, 'KOSPI');
      for (const [one, midpoint, date] of all) {
        expect(bounds.isOnGrid(one, midpoint, date)).toBe(isOnGridScaled(one, midpoint, kind, date));
      }
    }),
  );
});

it('accuses nobody of a grid while the kind is not known', () => {
  const bounds = new PriceBounds();
  expect([won(30_005), won(30_050), won(30_003)].map((price) => bounds.isOnGrid(price, false, DATE))).toEqual([
    true,
    true,
    false,
  ]);
});

it('derives the limits of a stock from its previous close', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 900_000 }), fc.integer({ min: 1, max: 1_300_000 }), (base, price) => {
      const bounds = new PriceBounds();
      const { lower, upper } = priceLimitsScaled(won(base));
      const holds = won(price) >= lower && won(price) <= upper;
      expect(bounds.hold(won(price), won(price) - won(base), DATE)).toBe(holds);
      if (!holds) expect([lower, upper]).toContain(bounds.nearestLimit(won(price)));
    }),
  );
});

it.each<[string, Partial<InstrumentReference>, number, boolean]>([
  ['an ordinary day', {}, 91_100, false],
  ['limits that a source states', { upperLimitWon: 112_000, lowerLimitWon: 28_000 }, 111_900, true],
  ['above such limits', { upperLimitWon: 112_000, lowerLimitWon: 28_000 }, 112_100, false],
  ['a first day of listing', { listedDate: DATE }, 279_500, true],
  ['above four times the issue price', { listedDate: DATE }, 280_500, false],
  ['liquidation trading', { liquidation: true }, 350_000, true],
  ['a fund whose limits no source states', { kind: 'etf' }, 105_000, true],
  ['a price of nothing in liquidation', { liquidation: true }, 0, false],
])('knows %s', (_case, change, price, holds) => {
  const bounds = new PriceBounds();
  bounds.describe(reference(change), DATE);
  expect(bounds.hold(won(price), won(price) - won(70_000), DATE)).toBe(holds);
  const copy = new PriceBounds();
  copy.load(structuredClone(bounds.save()));
  expect(copy.hold(won(price), won(price) - won(70_000), DATE)).toBe(holds);
});

it('forgets the limits of yesterday', () => {
  const bounds = new PriceBounds();
  bounds.describe(reference({ upperLimitWon: 112_000, lowerLimitWon: 28_000 }), DATE);
  expect(bounds.hold(won(111_900), won(41_900), DATE)).toBe(true);
  expect(bounds.hold(won(111_900), won(41_900), 20261124)).toBe(false);
});
