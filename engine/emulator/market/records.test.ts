// The feed's identities (what KIS's fields say of each other), held against many simulated records and, where the real
// frames are at hand, against those too, so that the identities themselves are proven.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { Market } from './market.ts';
import { type BookFieldCount, INDEX_CODES, type MarketVenue } from './simulated-market.ts';
import {
  drainTrades,
  expectBookIdentities,
  expectTradeChain,
  expectTradeIdentities,
  fieldsOf,
  HALF_CENT,
  signOf,
} from './test-identities.ts';

const SHARED_DATA =
  process.env.KISIGNAL_SHARED_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const REAL_FRAMES = `${SHARED_DATA}/kis/frames.jsonl`;

describe('identities on simulated records', () => {
  const anyMarket = fc.record({
    seed: fc.integer(),
    second: fc.integer({ min: 9 * 3600, max: 15 * 3600 + 19 * 60 }),
    index: fc.nat(INSTRUMENTS.length - 1),
  });

  it.each(['KRX', 'NXT', 'UN'] as const)('hold on trades of %s and from trade to trade', (venue) => {
    let records = 0;
    const run = ({ seed, second, index }: { seed: number; second: number; index: number }): void => {
      const instruments = [INSTRUMENTS[index]];
      const market = new Market({ seed, instruments, startTimeUs: kstToUtcUs(20261123, second), activity: 5 });
      const { code, nxt } = instruments[0];
      market.watch(code, venue, true);
      market.advanceBy(4_000_000);
      const trades = drainTrades(market, code, venue);
      for (const [at, trade] of trades.entries()) {
        expect(trade.split('^').length).toBe(47);
        expectTradeIdentities(trade);
        if (at > 0) expectTradeChain(trades[at - 1], trade);
      }
      if (venue !== 'KRX' && !nxt) expect(trades).toEqual([]);
      const last = fieldsOf(trades[trades.length - 1] ?? '');
      const quote = market.quote(code, venue);
      if (trades.length > 0)
        expect([last[2], last[13], last[14]]).toEqual([quote.priceWon, quote.volume, quote.turnoverWon]);
      records += trades.length;
    };
    fc.assert(fc.property(anyMarket, run), { numRuns: 20 });
    expect(records).toBeGreaterThan(venue === 'NXT' ? 50 : 300);
  });

  const WIDTHS: Readonly<Record<MarketVenue, readonly BookFieldCount[]>> = {
    KRX: [59, 62, 63],
    NXT: [62, 65],
    UN: [65, 66],
  };

  it.each(['KRX', 'NXT', 'UN'] as const)('hold on books of %s in every width', (venue) => {
    const run = ({ seed, second, index }: { seed: number; second: number; index: number }): void => {
      const instruments = [INSTRUMENTS[index]];
      const [{ code, nxt }] = instruments;
      const market = new Market({ seed, instruments, startTimeUs: kstToUtcUs(20261123, second), activity: 5 });
      if (venue !== 'KRX' && !nxt) {
        expect([market.bookRevision(code, venue), market.bookPayload(code, venue)]).toEqual([0, '']);
        return;
      }
      for (let step = 0; step < 10; step++) {
        market.advanceBy(200_000);
        for (const width of WIDTHS[venue]) {
          const payload = market.bookPayload(code, venue, width);
          expect(payload.split('^').length).toBe(width);
          expectBookIdentities(payload);
        }
        const quote = market.quote(code, venue);
        const { volume, previousCloseWon, bids, asks } = quote;
        // A volatility interruption may begin with the opening trade: only its auction expects a price here.
        const expectedWon = quote.volatilityInterruption ? quote.expectedPriceWon : 0;
        const field = fieldsOf(market.bookPayload(code, venue));
        expect([field[53], field[50], field[3], field[13]]).toEqual([
          volume,
          expectedWon - previousCloseWon,
          asks[0]?.priceWon ?? 0,
          bids[0]?.priceWon ?? 0,
        ]);
        if (venue !== 'UN') continue;
        const mid = (one: MarketVenue): number => {
          const quote = market.quote(code, one);
          return quote.phase === 'continuous' ? (quote.bids[0].priceWon + quote.asks[0].priceWon) / 2 : 0;
        };
        expect([field[59], field[62], field.texts[65]]).toEqual([mid('KRX'), mid('NXT'), '1']);
      }
    };
    fc.assert(fc.property(anyMarket, run), { numRuns: 20 });
  });

  it('add both venues up in the unified feed, trade by trade and level by level', () => {
    const code = '005930';
    const instruments = INSTRUMENTS.slice(0, 1);
    const market = new Market({ seed: 5, instruments, startTimeUs: kstToUtcUs(20261123, 9 * 3600), activity: 2 });
    const venues = ['KRX', 'NXT', 'UN'] as const;
    for (const venue of venues) market.watch(code, venue, true);
    for (let second = 0; second < 120; second++) {
      market.advanceBy(1_000_000);
      const [krx, nxt, unified] = venues.map((venue) => drainTrades(market, code, venue).map(fieldsOf));
      const keyOf = (field: number[]): string => [field[1], field[2], field[12], field[21]].join(' ');
      expect(unified.map(keyOf).sort()).toEqual([...krx, ...nxt].map(keyOf).sort());
      const [one, two, both] = venues.map((venue) => market.quote(code, venue));
      for (const sum of ['volume', 'turnoverWon', 'sellTrades', 'buyTrades', 'sellVolume', 'buyVolume'] as const) {
        expect(both[sum]).toBe(one[sum] + two[sum]);
      }
      if (two.volume === 0) continue;
      expect(both.highWon).toBe(Math.max(one.highWon, two.highWon));
      expect(both.lowWon).toBe(Math.min(one.lowWon, two.lowWon));
      const sizes = new Map<number, number>();
      for (const { priceWon, size } of [...one.bids, ...two.bids]) {
        sizes.set(priceWon, (sizes.get(priceWon) ?? 0) + size);
      }
      // The deepest levels of the one book may lie below those that the other shows.
      for (const { priceWon, size } of both.bids.slice(0, 5)) expect(size).toBe(sizes.get(priceWon));
    }
    expect(market.quote(code, 'NXT').volume).toBeGreaterThan(0);
  });

  it('hold on indices, which follow their members', () => {
    const market = new Market({ seed: 3, instruments: INSTRUMENTS, startTimeUs: kstToUtcUs(20261123, 9 * 3600) });
    for (let second = 0; second < 120; second++) {
      const before = INDEX_CODES.map((code) => market.indexRevision(code));
      market.advanceBy(1_000_000);
      for (const [at, code] of INDEX_CODES.entries()) {
        expect(market.indexRevision(code)).toBe(before[at] + 1);
        const field = fieldsOf(market.indexPayload(code));
        const previousClose = field[2] - field[4];
        expect(field.length).toBe(30);
        expect(field.texts.slice(0, 2)).toEqual([
          code,
          second < 59 ? `0900${String(second + 1).padStart(2, '0')}` : field.texts[1],
        ]);
        expect(field[3]).toBe(signOf(Number(field.texts[4])));
        expect(Math.abs(field[9] - (100 * field[4]) / previousClose)).toBeLessThanOrEqual(HALF_CENT);
        for (const [value, change] of [
          [10, 13],
          [11, 15],
          [12, 17],
        ]) {
          expect(field[value] - previousClose).toBeCloseTo(field[change], 6);
          expect(field[change + 1]).toBe(signOf(field[change]));
        }
        expect(field[11]).toBeGreaterThanOrEqual(field[2]);
        expect(field[12]).toBeLessThanOrEqual(field[2]);
        const members = INSTRUMENTS.filter((one) =>
          code === '2001' ? one.kospi200 : one.market === (code === '0001' ? 'KOSPI' : 'KOSDAQ'),
        );
        expect(field.slice(22, 27).reduce((sum, count) => sum + count, 0)).toBe(members.length);
        const volume = members.reduce((sum, one) => sum + market.quote(one.code).volume, 0);
        expect(field[5]).toBe(Math.floor(volume / 1_000));
      }
    }
  });
});

describe.skipIf(!existsSync(REAL_FRAMES))('identities on real frames (skipped without the shared data folder)', () => {
  interface Row {
    readonly tr_id: string;
    readonly raw: string;
    readonly note: string;
  }
  let rows: Row[] = [];
  beforeAll(() => {
    rows = readFileSync(REAL_FRAMES, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Row);
  });
  /** Whole frames and bare payloads, cut into records. */
  const recordsOf = ({ raw }: Row): string[] => {
    const [, , count = '001', payload = raw] = raw.split('|');
    const fields = payload.split('^');
    const width = fields.length / Number(count);
    return Number.isInteger(width)
      ? Array.from({ length: Number(count) }, (_, at) => fields.slice(at * width, (at + 1) * width).join('^'))
      : [];
  };

  it('hold on trades', () => {
    const frames = rows.filter(({ tr_id, note }) => tr_id === 'H0STCNT0' && !note.includes('TRUNCATED')).map(recordsOf);
    expect(frames.flat().length).toBeGreaterThan(10);
    for (const records of frames) {
      for (const [at, record] of records.entries()) {
        expectTradeIdentities(record, 1);
        if (at > 0) expectTradeChain(records[at - 1], record);
      }
    }
  });

  it('hold on books', () => {
    const books = rows.filter(({ tr_id }) => tr_id === 'H0STASP0').flatMap(recordsOf);
    expect(books.length).toBeGreaterThan(1);
    for (const book of books) expectBookIdentities(book);
  });
});
