// One whole day of both venues, pre-market to after-market, as the feed shows it: which records flow when, under which
// codes, and that the identities hold through auctions and pauses.
import { beforeAll, describe, expect, it } from 'vitest';
import { clockDigits, kstToUtcUs } from '../../../config/calendar.ts';
import { FUND_INSTRUMENTS, findInstrument, type Instrument } from '../../../config/instruments.ts';
import { Market } from './market.ts';
import type { MarketVenue } from './simulated-market.ts';
import {
  drainTrades,
  expectBookIdentities,
  expectTradeChain,
  expectTradeIdentities,
  fieldsOf,
} from './test-identities.ts';

const DATE = 20261123;
const CODE = '055550';
const KRX_ONLY = '011170';
const [FUND] = FUND_INSTRUMENTS;
const VENUES = ['KRX', 'NXT', 'UN'] as const;
const STOCKS = [CODE, KRX_ONLY].map((code) => findInstrument(code) as Instrument);

function second(clock: string): number {
  const [hour, minute, rest = 0] = clock.split(':').map(Number);
  return hour * 3600 + minute * 60 + rest;
}

interface Seen {
  readonly second: number;
  readonly book: string;
  readonly expected: string;
  readonly expectedRevision: number;
  readonly volume: number;
}

const trades = new Map<MarketVenue, string[]>();
const seen = new Map<MarketVenue, Seen[]>();
const statuses: { code: string; venue: MarketVenue; payload: string; second: number }[] = [];
const expectedIndices: string[] = [];
let market: Market;

beforeAll(() => {
  const instruments = [...STOCKS, FUND];
  market = new Market({
    seed: 3,
    instruments,
    startTimeUs: kstToUtcUs(DATE, second('07:30')),
    sessions: 'all',
    activity: 0.3,
  });
  for (const venue of VENUES) {
    for (const code of market.codes) market.watch(code, venue, true);
    trades.set(venue, []);
    seen.set(venue, []);
  }
  let indexRevision = 0;
  for (let at = second('08:00') + 10; at < second('20:00'); at += 10) {
    market.advanceTo(kstToUtcUs(DATE, at));
    for (const venue of VENUES) {
      trades.get(venue)!.push(...drainTrades(market, CODE, venue));
      seen.get(venue)!.push({
        second: at,
        book: market.bookPayload(CODE, venue),
        expected: market.expectedPayload(CODE, venue),
        expectedRevision: market.expectedRevision(CODE, venue),
        volume: market.quote(CODE, venue).volume,
      });
    }
    for (const status of market.drainStatus()) statuses.push({ ...status, second: at });
    if (market.expectedIndexRevision('0001') !== indexRevision) {
      indexRevision = market.expectedIndexRevision('0001');
      expectedIndices.push(market.expectedIndexPayload('0001'));
    }
  }
});

/** First and last clock digits of the trades that `which` keeps. */
function span(venue: MarketVenue, which: (field: string[]) => boolean): number[] {
  const times = trades
    .get(venue)!
    .map((record) => record.split('^'))
    .filter(which)
    .map((field) => Number(field[1]));
  return [Math.min(...times), Math.max(...times)];
}

describe('a whole day', () => {
  it('keeps the identities of trades and books at every venue', () => {
    for (const venue of VENUES) {
      const records = trades.get(venue)!;
      expect(records.length).toBeGreaterThan(500);
      for (const [at, record] of records.entries()) {
        expectTradeIdentities(record);
        if (at > 0) expectTradeChain(records[at - 1], record);
      }
      for (const { book } of seen.get(venue)!) expectBookIdentities(book);
    }
  });

  it('trades each session in its hours and under its codes', () => {
    const inMarket = (code: string) => (field: string[]) => field[46] === code;
    for (const [venue, code, from, until] of [
      ['NXT', '1', 80_000, 85_000],
      ['UN', '1', 80_000, 85_000],
      ['KRX', '2', 90_000, 153_030],
      ['NXT', '2', 90_030, 152_000],
      ['KRX', '5', 154_000, 160_000],
      ['NXT', '5', 153_000, 154_000],
      ['KRX', '3', 160_000, 200_000],
      ['NXT', '3', 154_000, 200_000],
    ] as const) {
      const [first, last] = span(venue, inMarket(code));
      expect(first, `${venue} ${code}`).toBeGreaterThanOrEqual(from);
      expect(last, `${venue} ${code}`).toBeLessThan(until);
      expect(last).toBeGreaterThan(first);
    }
    const codes = new Set(trades.get('UN')!.map((record) => [34, 43, 46].map((at) => record.split('^')[at]).join(' ')));
    expect([...codes].sort()).toEqual(['10 0 1', '20 0 2', '30 0 3', '31 0 5']);
  });

  it('opens and closes with one print each, at a random second, without an aggressor', () => {
    const auctions = trades
      .get('KRX')!
      .map(fieldsOf)
      .filter((field) => field[21] === 3 && field[46] === 2);
    expect(auctions.length).toBe(2);
    const [open, close] = auctions;
    expect([open[2], open[15], open[16], open[19], open[20]]).toEqual([open[7], 0, 0, 0, 0]);
    expect(open[1]).toBeLessThan(90_030);
    expect(open[45]).toBe(open[2]);
    expect(close[1]).toBeGreaterThanOrEqual(153_000);
    expect(close[45]).toBe(open[2]);
    const closePrices = trades
      .get('KRX')!
      .map(fieldsOf)
      .filter((field) => field[46] === 5);
    expect(new Set(closePrices.map((field) => field[2]))).toEqual(new Set([close[2]]));
  });

  it('expects executions in auctions only, beside books of their hour class, and takes none for a trade', () => {
    let before = 0;
    for (const { second: at, book, expected, expectedRevision, volume } of seen.get('KRX')!) {
      const inOpening = at > second('08:30') && at <= second('09:00');
      const inClosing = at > second('15:20') && at <= second('15:30');
      const field = fieldsOf(book);
      if (inOpening || inClosing) {
        expect(field.texts[2]).toBe(inOpening ? 'B' : 'A');
        const auction = fieldsOf(expected);
        expect(auction.length).toBe(46);
        expect([auction[13], auction[14]]).toEqual([field[49], auction[2] * auction[13]]);
        expect([auction[2], auction.texts[43], auction.texts[34]]).toEqual([field[47], inOpening ? 'B' : 'A', '00']);
        expect(auction.slice(7, 10)).toEqual([0, 0, 0]);
        if (inOpening) expect(volume).toBe(0);
      } else if (
        at <= second('08:30') ||
        at > second('15:30:30') ||
        (at > second('09:00:30') && at < second('15:20'))
      ) {
        expect(field.texts[2]).toBe('0');
        expect(expectedRevision).toBe(before);
      }
      before = expectedRevision;
    }
    expect(before).toBeGreaterThan(100);
    expect(seen.get('NXT')!.every(({ expectedRevision }) => expectedRevision === 0)).toBe(true);
  });

  it('shows the unified book as that of whoever trades', () => {
    const bookAt = (venue: MarketVenue, clock: string): string => {
      return seen.get(venue)!.find((one) => one.second === second(clock))!.book;
    };
    const ladder = (book: string): string => book.split('^').slice(3, 43).join(' ');
    expect(ladder(bookAt('UN', '08:40'))).toBe(ladder(bookAt('NXT', '08:40')));
    expect(ladder(bookAt('UN', '08:55'))).toBe(ladder(bookAt('KRX', '08:55')));
    expect(bookAt('UN', '08:55').split('^')[2]).toBe('B');
    expect(ladder(bookAt('UN', '15:50'))).toBe(ladder(bookAt('NXT', '15:50')));
    const bids = VENUES.map((venue) => Number(bookAt(venue, '11:00').split('^')[44]));
    expect(bids[2]).toBeGreaterThan(Math.max(bids[0], bids[1]));
  });

  it('tells what happens at each venue, in order, in ten fields', () => {
    const told = (code: string, venue: MarketVenue): string[] => {
      return statuses
        .filter((one) => one.code === code && one.venue === venue)
        .map(({ payload }) => payload.split('^')[3]);
    };
    const regular = ['110', '112', '121', '129', '140', '149'];
    expect(told(CODE, 'KRX')).toEqual(['110', '112', '121', '129', '140', '150']);
    expect(told(CODE, 'NXT')).toEqual(['130', '139', '112', '140', '150']);
    expect(told(CODE, 'UN')).toEqual(['130', '110', '139', '112', '121', '129', '140', '150']);
    expect(told(FUND.code, 'KRX')).toEqual(regular);
    expect(told(KRX_ONLY, 'NXT')).toEqual([]);
    for (const { payload } of statuses) expect(payload.split('^').length).toBe(10);
    expect(statuses.find(({ payload }) => payload.includes('^110^'))!.payload).toBe(
      `${CODE}^N^(null)^110^311^^^55^N^N`,
    );
  });

  it('leaves funds out of the after-market, and all that NXT does not trade out of its feeds', () => {
    expect(market.quote(FUND.code).phase).toBe('closed');
    expect(market.quote(CODE).phase).toBe('after_market');
    expect(market.recentTrades(FUND.code, 'KRX', 1)[0].second).toBeLessThan(second('16:00'));
    for (const venue of ['NXT', 'UN'] as const) {
      expect(market.drainTradeRuns(KRX_ONLY, venue)).toEqual([]);
      expect(market.bookRevision(KRX_ONLY, venue)).toBe(0);
      expect(market.expectedPayload(KRX_ONLY, venue)).toBe('');
    }
    expect(market.quote(KRX_ONLY, 'UN').volume).toBe(market.quote(KRX_ONLY, 'KRX').volume);
    expect(market.quote(KRX_ONLY, 'NXT').volume).toBe(0);
  });

  it('expects indices while their members are in auctions', () => {
    expect(expectedIndices.length).toBeGreaterThan(100);
    for (const payload of expectedIndices) {
      const field = fieldsOf(payload);
      expect(field.length).toBe(15);
      expect(field[2] - field[4]).toBeCloseTo(7900, 6);
      expect(field.slice(10).reduce((sum, count) => sum + count, 0)).toBe(2);
    }
  });

  it('shifts its hours on the days on which KRX does', () => {
    const day = (date: number) => {
      const options = { seed: 1, instruments: STOCKS, startTimeUs: kstToUtcUs(date, 0), sessions: 'all' } as const;
      return new Market(options);
    };
    const late = day(20270104);
    late.advanceTo(kstToUtcUs(20270104, second('09:45')));
    expect([late.quote(CODE).phase, late.phase('KRX')]).toEqual(['opening_auction', 'opening_auction']);
    late.advanceTo(kstToUtcUs(20270104, second('10:01')));
    expect(late.quote(CODE).phase).toBe('continuous');
    expect(late.quote(CODE).volume).toBeGreaterThan(0);
    const exam = day(20271118);
    exam.advanceTo(kstToUtcUs(20271118, second('16:25')));
    expect(exam.quote(CODE).phase).toBe('closing_auction');
  });

  it('goes from the evening to the next morning, closing at the closing auction', () => {
    const close = trades
      .get('KRX')!
      .map(fieldsOf)
      .filter((field) => field[21] === 3 && field[46] === 2)[1];
    market.advanceBy(11 * 1_000_000);
    expect(market.timeUs).toBeGreaterThanOrEqual(kstToUtcUs(20261124, second('08:00')));
    expect(clockDigits(second('08:00'))).toBe(80_000);
    const quote = market.quote(CODE);
    expect([quote.previousCloseWon, quote.volume, quote.phase]).toEqual([close[2], 0, 'closed']);
  });
});
