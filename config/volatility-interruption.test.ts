import { describe, expect, it } from 'vitest';
import { interruptionOf, VOLATILITY_INTERRUPTION_RULES } from './volatility-interruption.ts';

describe('a volatility interruption', () => {
  const won = 100_000;
  it.each([
    ['3 % of a member of KOSPI200', { priceWon: 103_000, kospi200: true }, 'dynamic'],
    ['less than it', { priceWon: 102_900, kospi200: true }, null],
    ['the same down', { priceWon: 97_000, kospi200: true }, 'dynamic'],
    ['3 % of another stock', { priceWon: 103_000, kospi200: false }, null],
    ['6 % of another stock', { priceWon: 106_000, kospi200: false }, 'dynamic'],
    ['2 % of a member in the closing auction', { priceWon: 102_000, kospi200: true, closingAuction: true }, 'dynamic'],
    ['4 % of another in it', { priceWon: 104_000, kospi200: false, closingAuction: true }, 'dynamic'],
    ['10 % off the last auction', { priceWon: 101_000, referencePriceWon: 91_800, kospi200: false }, 'static'],
    ['both at once', { priceWon: 110_000, kospi200: true }, 'static'],
    ['10 % in the closing auction', { priceWon: 110_000, kospi200: false, closingAuction: true }, 'dynamic'],
    ['any move of a warrant', { priceWon: 200_000, kospi200: false, kind: 'elw' }, null],
    ['a first trade of the day', { priceWon: 105_000, lastPriceWon: 0, kospi200: true }, null],
    ['a move before there were any', { priceWon: 114_000, kospi200: true, date: 20140829 }, null],
    ['a move before there were static ones', { priceWon: 114_000, kospi200: true, date: 20150612 }, 'dynamic'],
  ] as const)('%s: %o → %s', (_case, question, interruption) => {
    expect(interruptionOf({ lastPriceWon: won, referencePriceWon: won, ...question })).toBe(interruption);
  });

  it('is a call auction of two minutes and up to half a minute more', () => {
    const { auctionSeconds, randomEndSecondsMax } = VOLATILITY_INTERRUPTION_RULES;
    expect([auctionSeconds, randomEndSecondsMax]).toEqual([120, 30]);
  });
});
