import { describe, expect, it } from 'vitest';
import {
  DEFAULT_UNIVERSE,
  FUND_INSTRUMENTS,
  findInstrument,
  INSTRUMENTS,
  instrumentsForLoad,
  SECTORS,
} from './instruments.ts';
import { isOnGrid } from './tick-table.ts';

describe('instruments', () => {
  it('are at least 45, of both markets, each with a code of its own', () => {
    expect(INSTRUMENTS.length).toBeGreaterThanOrEqual(45);
    expect(new Set(INSTRUMENTS.map(({ code }) => code)).size).toBe(INSTRUMENTS.length);
    expect(new Set(INSTRUMENTS.map(({ market }) => market)).size).toBe(2);
    expect(new Set(INSTRUMENTS.map(({ sector }) => sector)).size).toBe(SECTORS.length - 1);
    expect(INSTRUMENTS.every(({ kind }) => kind === 'stock')).toBe(true);
    expect(FUND_INSTRUMENTS.every(({ kind, kospi200, nxt }) => kind === 'etf' && !kospi200 && !nxt)).toBe(true);
  });

  it('have codes of six characters and reference prices on the grid', () => {
    for (const { code, referencePriceWon, listedShares } of instrumentsForLoad(400)) {
      expect(code).toMatch(/^[0-9A-Z]{6}$/);
      expect(isOnGrid(referencePriceWon, false)).toBe(true);
      expect(listedShares).toBeGreaterThan(1_000_000);
    }
  });

  it('include the whole default universe, which fits a KIS session with trades and books', () => {
    expect(new Set(DEFAULT_UNIVERSE).size).toBe(20);
    for (const code of DEFAULT_UNIVERSE) expect(findInstrument(code)?.code).toBe(code);
    expect(DEFAULT_UNIVERSE.length * 2).toBeLessThanOrEqual(41);
  });

  it('grow to any number for a load run, the made-up ones saying so', () => {
    const instruments = instrumentsForLoad(400);
    expect(new Set(instruments.map(({ code }) => code)).size).toBe(400);
    expect(
      instruments
        .slice(INSTRUMENTS.length + FUND_INSTRUMENTS.length)
        .every(({ nameKo }) => nameKo.startsWith('모의종목')),
    ).toBe(true);
    const nxt = instrumentsForLoad(2_800).filter((one) => one.nxt).length;
    expect(nxt).toBeGreaterThan(600);
    expect(nxt).toBeLessThan(800);
    expect(instrumentsForLoad(3)).toEqual(INSTRUMENTS.slice(0, 3));
  });
});
