import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LOT_RULES,
  lotSize,
  type Market,
  PRICE_LIMIT_RULES,
  ruleOn,
  type SecurityKind,
  TICK_TABLES,
} from './market-rules.ts';
import { isOnGrid, isOnGridScaled, nextTickDown, nextTickUp, priceLimits, tickSize } from './tick-table.ts';

const KINDS: readonly SecurityKind[] = ['stock', 'etf', 'etn', 'elw'];
const anyKind = fc.constantFrom(...KINDS);
const anyMarket = fc.constantFrom<Market>('KOSPI', 'KOSDAQ');
const anyDate = fc.constantFrom(20101004, 20140602, 20150612, 20150615, 20230120, 20230125, 20231211, 20260914);

describe('the tables', () => {
  it('have a source for each rule, and are sorted by date for those whom they are for', () => {
    for (const rules of [TICK_TABLES, LOT_RULES, PRICE_LIMIT_RULES]) {
      for (const { source, kinds, markets } of rules) {
        expect(source).not.toBe('');
        expect(kinds.length * markets.length).toBeGreaterThan(0);
      }
    }
    for (const rules of [TICK_TABLES, LOT_RULES]) {
      const dates = rules.map(({ effectiveFrom }) => effectiveFrom);
      expect(dates).toEqual([...dates].sort((a, b) => a - b));
    }
  });

  it('know every kind on every date, and say where they know nothing', () => {
    for (const kind of KINDS)
      for (const date of [0, 20101004, 20261123]) expect(tickSize(10_000, kind, date)).toBeGreaterThan(0);
    expect(() => ruleOn([], 'stock', 20261123)).toThrow(RangeError);
  });
});

describe('ticks by date and kind', () => {
  it.each([
    ['stock', 20230120, 'KOSPI', 1_500, 5],
    ['stock', 20230125, 'KOSPI', 1_500, 1],
    ['stock', 20230120, 'KOSPI', 15_000, 50],
    ['stock', 20230125, 'KOSPI', 15_000, 10],
    ['stock', 20230120, 'KOSPI', 150_000, 500],
    ['stock', 20230120, 'KOSDAQ', 150_000, 100],
    ['stock', 20230120, 'KOSDAQ', 900_000, 100],
    ['stock', 20230125, 'KOSDAQ', 900_000, 1_000],
    ['etf', 20231208, 'KOSPI', 1_500, 5],
    ['etf', 20261123, 'KOSPI', 1_500, 1],
    ['etn', 20261123, 'KOSPI', 135_000, 5],
    ['elw', 20261123, 'KOSPI', 255, 5],
  ] as const)('a %s on %d on %s at %d won moves by %d', (kind, date, market, priceWon, tickWon) => {
    expect(tickSize(priceWon, kind, date, market)).toBe(tickWon);
  });

  it('go up and down by inverse steps, and limits lie on them', () => {
    const anyPrice = fc.integer({ min: 60, max: 300_000 }).map((steps) => steps * 5);
    fc.assert(
      fc.property(anyPrice, anyKind, anyDate, anyMarket, (priceWon, kind, date, market) => {
        if (!isOnGrid(priceWon, false, kind, date, market)) return;
        const up = nextTickUp(priceWon, kind, date, market);
        expect(nextTickDown(up, kind, date, market)).toBe(priceWon);
        const { lower, upper } = priceLimits(priceWon, kind, date, market);
        if (upper === Number.POSITIVE_INFINITY) {
          expect([kind, lower]).toEqual(['elw', 0]);
          return;
        }
        for (const limit of [lower, upper]) expect(isOnGrid(limit, false, kind, date, market)).toBe(true);
        const percent = date < 20150615 ? 15 : 30;
        expect(upper * 100).toBeLessThanOrEqual(priceWon * (100 + percent));
        expect(lower * 100).toBeGreaterThanOrEqual(priceWon * (100 - percent));
      }),
    );
  });
});

describe('limits', () => {
  it('have widened, are others on a first day, and none in liquidation', () => {
    expect(priceLimits(10_000, 'stock', 20150612)).toEqual({ lower: 8_500, upper: 11_500 });
    expect(priceLimits(10_000, 'stock', 20150615)).toEqual({ lower: 7_000, upper: 13_000 });
    expect(priceLimits(10_000, 'stock', 20261123, 'KONEX')).toEqual({ lower: 8_500, upper: 11_500 });
    expect(priceLimits(10_000, 'stock', 20230626, 'KOSDAQ', 'first_day')).toEqual({ lower: 6_000, upper: 40_000 });
    expect(priceLimits(10_000, 'stock', 20230623, 'KOSDAQ', 'first_day')).toEqual({ lower: 6_300, upper: 26_000 });
    expect(priceLimits(10_000, 'stock', 20261123, 'KOSPI', 'liquidation').upper).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('midpoints', () => {
  it('are prices since March 2025', () => {
    expect([isOnGrid(277_750, true, 'stock', 20250228), isOnGrid(277_750, true, 'stock', 20250304)]).toEqual([
      false,
      true,
    ]);
    expect(isOnGrid(10_002.5, true, 'etf')).toBe(true);
  });

  it('of any two prices of the book, also across the foot of a band, are on the grid', () => {
    const anyBid = fc.integer({ min: 100, max: 900_000 });
    fc.assert(
      fc.property(anyBid, fc.integer({ min: 1, max: 20 }), anyKind, (price, ticks, kind) => {
        const bid = price - (price % tickSize(price, kind));
        let ask = bid;
        for (let i = 0; i < ticks; i++) ask = nextTickUp(ask, kind);
        expect(isOnGridScaled(((bid + ask) / 2) * 100, true, kind)).toBe(true);
      }),
    );
    expect([isOnGrid(200_200), isOnGrid(206_100)]).toEqual([true, false]);
  });
});

it.each([
  ['stock', 20140530, 'KOSPI', 49_900, 10],
  ['stock', 20140530, 'KOSPI', 50_000, 1],
  ['stock', 20140602, 'KOSPI', 49_900, 1],
  ['stock', 20140530, 'KOSDAQ', 5_000, 1],
  ['stock', 20141114, 'KONEX', 5_000, 100],
  ['stock', 20141117, 'KONEX', 5_000, 1],
  ['etf', 20261123, 'KOSPI', 10_000, 1],
  ['elw', 20261123, 'KOSPI', 255, 10],
] as const)('a lot of a %s on %d on %s at %d won is %d', (kind, date, market, baseWon, shares) => {
  expect(lotSize(kind, date, market, baseWon)).toBe(shares);
});

const DAILY = join(process.env.KISIGNAL_SHARED_DATA ?? join(import.meta.dirname, '../../shared/data'), 'krx-daily');

/** Up to these days the prices are adjusted for a split or a spin-off, so that they were never traded at. */
const ADJUSTED_UNTIL: Readonly<Record<string, number>> = { '009540.csv': 20180131, '035420.csv': 20130829 };

it.skipIf(!existsSync(DAILY))(
  'hold for real closing prices from 2010 to 2018 (skipped where ../shared/data/krx-daily is absent)',
  () => {
    let days = 0;
    const wrong: string[] = [];
    for (const file of readdirSync(DAILY).filter((name) => /^\d{6}\.csv$/.test(name))) {
      let previous = 0;
      for (const line of readFileSync(join(DAILY, file), 'utf8').split('\n')) {
        const [day, , high, low, close] = [...line.matchAll(/"([^"]*)"|([^,]+)/g)].map(
          ([, quoted, plain]) => quoted ?? plain,
        );
        const date = Number(day?.replace(/\D/g, ''));
        if (!(date >= 20101004) || date <= (ADJUSTED_UNTIL[file] ?? 0)) continue;
        const [highWon, lowWon, closeWon] = [high, low, close].map((text) => Number(text?.replaceAll(',', '')));
        days += 1;
        if (![highWon, lowWon, closeWon].every((price) => isOnGrid(price, true, 'stock', date)))
          wrong.push(`${file} ${line}`);
        const limits = previous === 0 ? null : priceLimits(previous, 'stock', date);
        if (limits !== null && (highWon > limits.upper || lowWon < limits.lower)) wrong.push(`${file} ${line} beyond`);
        previous = closeWon;
      }
    }
    expect(days).toBeGreaterThan(10_000);
    expect(wrong).toEqual([]);
  },
);
