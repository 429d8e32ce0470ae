// What interrupts trading, on command, by scenario and by price: volatility interruptions, halts, circuit breakers,
// sidecars, fat fingers and days at the limit.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import { findInstrument, INSTRUMENTS, type Instrument } from '../../../config/instruments.ts';
import { interruptionOf } from '../../../config/volatility-interruption.ts';
import { Market } from './market.ts';
import type { MarketOptions } from './market-options.ts';
import type { MarketEvent, MarketVenue } from './simulated-market.ts';
import {
  drainTrades,
  expectBookIdentities,
  expectTradeChain,
  expectTradeIdentities,
  fieldsOf,
} from './test-identities.ts';

const DATE = 20261123;
const TEN = 10 * 3600;
const CODE = '055550';
const SECOND_US = 1_000_000;
const VENUES = ['KRX', 'NXT', 'UN'] as const;
const STOCKS = [CODE, '105560'].map((code) => findInstrument(code) as Instrument);

function marketAt(second: number, options: Partial<MarketOptions> = {}): Market {
  const market = new Market({
    seed: 4,
    instruments: STOCKS,
    startTimeUs: kstToUtcUs(DATE, second),
    sessions: 'all',
    ...options,
  });
  for (const code of market.codes) for (const venue of VENUES) market.watch(code, venue, true);
  return market;
}

function statuses(market: Market, venue: MarketVenue, code = CODE): string[] {
  return market
    .drainStatus()
    .filter((one) => one.venue === venue && one.code === code)
    .map(({ payload }) => payload);
}

describe('a volatility interruption', () => {
  it('is told, collects orders without a trade, is told to end, and trades at a new reference', () => {
    const market = marketAt(TEN);
    market.advanceBy(5 * SECOND_US);
    const before = market.quote(CODE);
    market.happen({ type: 'volatility_interruption', code: CODE });
    for (const venue of VENUES) drainTrades(market, CODE, venue);
    market.advanceBy(SECOND_US);
    const told = market.drainStatus();
    expect(told.map(({ venue }) => venue)).toEqual(['KRX', 'UN', 'NXT']);
    expect(told[0].payload).toBe(`${CODE}^N^(null)^^311^^^55^Y^N`);
    expect(told[1].payload).toBe(`${CODE}^N^(null)^AB1^311^^^55^Y^N`);
    market.advanceBy(118 * SECOND_US);
    for (const venue of VENUES) {
      expect(drainTrades(market, CODE, venue)).toEqual([]);
      const book = market.bookPayload(CODE, venue);
      expectBookIdentities(book);
      expect(book.split('^')[2]).toBe('C');
      const expected = fieldsOf(market.expectedPayload(CODE, venue));
      expect([expected.texts[43], expected[45]]).toEqual(['C', before.viReferenceWon]);
      expect(expected[13]).toBeGreaterThan(0);
    }
    expect(market.quote(CODE).volatilityInterruption).toBe(true);
    market.advanceBy(32 * SECOND_US);
    expect(statuses(market, 'KRX')).toEqual([`${CODE}^N^(null)^^112^^^55^N^N`]);
    const [first, ...rest] = drainTrades(market, CODE);
    const auction = fieldsOf(first);
    expect([auction[21], auction[45]]).toEqual([3, auction[2]]);
    expect(market.quote(CODE).viReferenceWon).toBe(auction[2]);
    for (const [at, record] of rest.entries()) expectTradeChain([first, ...rest][at], record);
    // The other stock trades on.
    expect(market.quote(STOCKS[1].code).volatilityInterruption).toBe(false);
  });

  it('begins by itself where an order would trade too far from the last trade, and at the first such price', () => {
    const market = marketAt(TEN, { seed: 8 });
    // Limits and interruptions meet a market that is driven far: static ones, at a tenth from the last auction's price.
    market.happen({ type: 'limit_up', code: CODE });
    const interruptions: number[] = [];
    let last = market.quote(CODE);
    for (let step = 0; step < 1200 && market.quote(CODE).asks.length > 0; step++) {
      market.advanceBy(SECOND_US);
      const quote = market.quote(CODE);
      if (quote.volatilityInterruption && !last.volatilityInterruption) interruptions.push(quote.viReferenceWon);
      last = quote;
      for (const record of drainTrades(market, CODE)) {
        const field = fieldsOf(record);
        if (field[21] === 3) continue;
        const question = { priceWon: field[2], lastPriceWon: 0, referencePriceWon: field[45], kospi200: true };
        expect(interruptionOf(question)).toBe(null);
      }
    }
    expect(interruptions.length).toBeGreaterThanOrEqual(1);
    expect(new Set(interruptions).size).toBe(interruptions.length);
  });

  it('prolongs an opening auction that would open a tenth away', () => {
    const market = marketAt(8 * 3600 + 31 * 60);
    market.happen({ type: 'limit_up', code: CODE });
    market.advanceTo(kstToUtcUs(DATE, 9 * 3600 + 60));
    const quote = market.quote(CODE);
    expect([quote.phase, quote.volatilityInterruption, quote.volume]).toEqual(['opening_auction', true, 0]);
    expect(quote.expectedPriceWon).toBeGreaterThan(quote.previousCloseWon * 1.1);
    market.advanceTo(kstToUtcUs(DATE, 9 * 3600 + 181));
    const [first] = drainTrades(market, CODE).map(fieldsOf);
    expect(first[24]).toBeGreaterThanOrEqual(90_200);
    expect(first[7]).toBe(first[2]);
    const codes = statuses(market, 'KRX').map((payload) => payload.split('^').slice(3, 5).join(' '));
    expect(codes).toEqual([' 311', ' 112', '112 112']);
  });

  it('does nothing outside continuous trading', () => {
    const market = marketAt(8 * 3600 + 45 * 60);
    market.happen({ type: 'volatility_interruption', code: CODE });
    expect(market.quote(CODE).volatilityInterruption).toBe(false);
    expect(() => market.happen({ type: 'halt', code: '999999' })).toThrow(RangeError);
  });
});

describe('a halt', () => {
  it('stops both venues until it is lifted, and ends in an auction', () => {
    const market = marketAt(TEN);
    market.happen({ type: 'halt', code: CODE });
    for (const venue of ['KRX', 'UN'] as const) drainTrades(market, CODE, venue);
    market.advanceBy(300 * SECOND_US);
    const [told] = statuses(market, 'KRX');
    expect(told.split('^').slice(0, 3)).toEqual([CODE, 'Y', '매매거래정지']);
    expect(market.quote(CODE).halted).toBe(true);
    expect(drainTrades(market, CODE, 'UN')).toEqual([]);
    market.happen({ type: 'resume', code: CODE });
    market.advanceBy(599 * SECOND_US);
    expect([market.quote(CODE).halted, drainTrades(market, CODE).length]).toEqual([false, 0]);
    market.advanceBy(20 * SECOND_US);
    const [first] = drainTrades(market, CODE).map(fieldsOf);
    expect([first[21], first[45]]).toEqual([3, first[2]]);
    expect(market.quote(CODE, 'NXT').phase).toBe('continuous');
  });
});

describe('a circuit breaker and a sidecar', () => {
  it('stop all stocks for twenty minutes and an auction of ten, or nobody', () => {
    const market = marketAt(TEN, {
      events: [
        { second: TEN + 10, event: { type: 'sidecar', side: 'sell' } },
        { date: DATE, second: TEN + 400, event: { type: 'circuit_breaker' } },
        { date: 20261124, second: TEN + 20, event: { type: 'halt', code: CODE } },
      ],
    });
    market.advanceBy(399 * SECOND_US);
    expect(drainTrades(market, CODE).length).toBeGreaterThan(10);
    expect(statuses(market, 'KRX').map((payload) => payload.split('^')[3])).toEqual(['387', '388']);
    market.advanceBy(2 * SECOND_US);
    for (const venue of ['KRX', 'NXT'] as const) drainTrades(market, CODE, venue);
    market.advanceBy(1797 * SECOND_US);
    for (const venue of ['KRX', 'NXT'] as const) expect(drainTrades(market, CODE, venue)).toEqual([]);
    market.advanceBy(20 * SECOND_US);
    expect(drainTrades(market, CODE).length).toBeGreaterThan(0);
    expect(statuses(market, 'KRX', STOCKS[1].code).map((payload) => payload.split('^')[3])).toEqual([
      '174',
      '175',
      '184',
      '185',
    ]);
    market.advanceTo(kstToUtcUs(20261124, TEN + 21));
    expect(market.quote(CODE).halted).toBe(true);
  });
});

describe('a fat finger', () => {
  it.each(['buy', 'sell'] as const)(
    '%ss through many levels without an interruption, and the price comes back',
    (side) => {
      const market = marketAt(TEN);
      const before = market.quote(CODE).priceWon;
      drainTrades(market, CODE);
      market.happen({ type: 'fat_finger', code: CODE, side });
      const prints = drainTrades(market, CODE).map(fieldsOf);
      expect(new Set(prints.map((field) => field[2])).size).toBeGreaterThan(8);
      const moved = market.quote(CODE).priceWon / before - 1;
      expect(Math.abs(moved)).toBeGreaterThan(0.015);
      expect(Math.abs(moved)).toBeLessThan(0.03);
      expect(moved > 0).toBe(side === 'buy');
      expect(market.quote(CODE).volatilityInterruption).toBe(false);
      market.advanceBy(600 * SECOND_US);
      expect(Math.abs(market.quote(CODE).priceWon / before - 1)).toBeLessThan(0.012);
    },
  );
});

describe('a day at the limit', () => {
  it('is driven at both venues together, as orders go where the price is better', () => {
    const market = marketAt(TEN, { activity: 0.03 });
    market.happen({ type: 'limit_up', code: CODE });
    let farthest = 1;
    for (let second = 0; second < 600; second++) {
      market.advanceBy(SECOND_US);
      const { volatilityInterruption, asks } = market.quote(CODE);
      const [nxt] = market.quote(CODE, 'NXT').asks;
      if (volatilityInterruption || asks.length === 0 || nxt === undefined) continue;
      farthest = Math.max(farthest, nxt.priceWon / asks[0].priceWon);
    }
    expect(market.quote(CODE).priceWon).toBeGreaterThan(1.05 * market.quote(CODE).previousCloseWon);
    expect(farthest).toBeLessThan(1.03);
  });

  it.each(['limit_up', 'limit_down'] as const)('%s: goes there and stays locked, the records sound', (type) => {
    const market = marketAt(TEN, { instruments: [findInstrument('403870') as Instrument], seed: 2 });
    const code = '403870';
    market.happen({ type, code });
    const records: string[] = [];
    for (let minute = 0; minute < 60; minute++) {
      market.advanceBy(60 * SECOND_US);
      records.push(...drainTrades(market, code));
      for (const venue of VENUES) expectBookIdentities(market.bookPayload(code, venue));
    }
    const { priceWon, upperLimitWon, lowerLimitWon, asks, bids } = market.quote(code);
    expect(priceWon).toBe(type === 'limit_up' ? upperLimitWon : lowerLimitWon);
    expect(type === 'limit_up' ? asks : bids).toEqual([]);
    const last = fieldsOf(records[records.length - 1]);
    expect(last[3]).toBe(type === 'limit_up' ? 1 : 4);
    for (const [at, record] of records.entries()) {
      expectTradeIdentities(record);
      if (at > 0) expectTradeChain(records[at - 1], record);
    }
    market.advanceTo(kstToUtcUs(20261124, TEN));
    expect(market.quote(code).previousCloseWon).toBe(priceWon);
    expect(market.quote(code).bids.length).toBe(10);
  });
});

describe('anything at any time', () => {
  it('leaves records and books sound at every venue', () => {
    const code = fc.constantFrom(...STOCKS.map((one) => one.code));
    const side = fc.constantFrom<'buy' | 'sell'>('buy', 'sell');
    const event: fc.Arbitrary<MarketEvent> = fc.oneof(
      fc.record({ type: fc.constant('volatility_interruption' as const), code }),
      fc.record({ type: fc.constantFrom('halt' as const, 'resume' as const), code }),
      fc.record({ type: fc.constantFrom('limit_up' as const, 'limit_down' as const), code }),
      fc.record({ type: fc.constant('fat_finger' as const), code, side }),
      fc.constant({ type: 'circuit_breaker' as const }),
    );
    const steps = fc.array(fc.record({ event, seconds: fc.integer({ min: 0, max: 900 }) }), { maxLength: 8 });
    const start = fc.integer({ min: 8 * 3600, max: 19 * 3600 });
    fc.assert(
      fc.property(fc.integer(), start, steps, (seed, second, script) => {
        const market = marketAt(second, { seed, activity: 0.3, pendingTradesMax: 1e6 });
        const last = new Map<MarketVenue, string>();
        const date = market.businessDate;
        for (const { event: happening, seconds } of script) {
          market.happen(happening);
          market.advanceBy(seconds * SECOND_US);
          if (market.businessDate !== date) return;
          for (const venue of VENUES) {
            expectBookIdentities(market.bookPayload(CODE, venue));
            for (const record of drainTrades(market, CODE, venue)) {
              expectTradeIdentities(record);
              const before = last.get(venue);
              if (before !== undefined) expectTradeChain(before, record);
              last.set(venue, record);
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('of an unknown code is refused in a scenario', () => {
    const events = [{ second: TEN, event: { type: 'halt', code: '999999' } as const }];
    expect(() => new Market({ seed: 1, instruments: INSTRUMENTS.slice(0, 1), startTimeUs: 0, events })).toThrow(
      RangeError,
    );
  });
});
