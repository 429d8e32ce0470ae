// The feed's identities (what KIS's fields say of each other), held against many simulated records and, where the real
// frames are at hand, against those too, so that the identities themselves are proven.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { isOnGrid, priceLimits } from '../../../config/tick-table.ts';
import { type BookFieldCount, INDEX_CODES, Market } from './market.ts';

const SHARED_DATA =
  process.env.KISIGNAL_SHARED_DATA ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const REAL_FRAMES = `${SHARED_DATA}/kis/frames.jsonl`;

/** The fields of a record as numbers (an empty one is 0), and as they are written. */
function fieldsOf(payload: string): number[] & { texts: string[] } {
  const texts = payload.split('^');
  return Object.assign(texts.map(Number), { texts });
}

function signOf(change: number): number {
  return change > 0 ? 2 : change < 0 ? 5 : 3;
}

/** Half of the last digit of two decimals, and a grain for binary fractions. */
const HALF_CENT = 0.005 + 1e-9;

/** Real averages differ by up to a won from turnover / volume; ours do not. */
function expectTradeIdentities(payload: string, averageTolerance = HALF_CENT): void {
  const field = fieldsOf(payload);
  const [, , price] = field;
  const previousClose = price - field[4];
  expect(field[17]).toBe(field[16] - field[15]);
  expect(Math.abs(field[5] - (100 * field[4]) / previousClose)).toBeLessThanOrEqual(HALF_CENT);
  if (field[19] > 0) expect(Math.abs(field[18] - (100 * field[20]) / field[19])).toBeLessThanOrEqual(HALF_CENT);
  expect(field[22]).toBe(Math.ceil((100 * field[20]) / field[13]) / 100);
  for (const [extreme, at] of [
    [7, 25],
    [8, 28],
    [9, 31],
  ]) {
    expect(field[at + 1]).toBe(price - field[extreme]);
    expect(field[at]).toBe(signOf(price - field[extreme]));
  }
  expect(field[8]).toBeGreaterThanOrEqual(Math.max(price, field[7]));
  expect(field[9]).toBeLessThanOrEqual(Math.min(price, field[7]));
  expect(field[13]).toBeGreaterThanOrEqual(field[19] + field[20]);
  expect(Math.abs(field[42] - (100 * field[13]) / field[41])).toBeLessThanOrEqual(HALF_CENT);
  expect(Math.abs(field[6] - field[14] / field[13])).toBeLessThanOrEqual(averageTolerance);
  const limits = priceLimits(previousClose);
  expect(field[3]).toBe(price === limits.upper ? 1 : price === limits.lower ? 4 : signOf(field[4]));
  expect(price).toBeGreaterThanOrEqual(limits.lower);
  expect(price).toBeLessThanOrEqual(limits.upper);
  expect(isOnGrid(price)).toBe(true);
  expect(field[10]).toBeGreaterThan(field[11]);
}

/** A trade directly after another of the same day. */
function expectTradeChain(before: string, after: string): void {
  const [one, two] = [fieldsOf(before), fieldsOf(after)];
  const buy = two[21] === 1;
  expect(two[13]).toBe(one[13] + two[12]);
  expect(two[14]).toBe(one[14] + two[2] * two[12]);
  expect([two[15], two[16]]).toEqual([one[15] + (buy ? 0 : 1), one[16] + (buy ? 1 : 0)]);
  expect([two[19], two[20]]).toEqual([one[19] + (buy ? 0 : two[12]), one[20] + (buy ? two[12] : 0)]);
  expect(two[1]).toBeGreaterThanOrEqual(one[1]);
  expect(two[8]).toBe(Math.max(one[8], two[2]));
  expect(two[9]).toBe(Math.min(one[9], two[2]));
  expect([two[7], two[24], two[33], two[45]]).toEqual([one[7], one[24], one[33], one[45]]);
  expect(two[2] - two[4]).toBe(one[2] - one[4]);
  expect(two[41]).toBeGreaterThanOrEqual(one[41]);
}

function expectBookIdentities(payload: string): void {
  const field = fieldsOf(payload);
  const side = (first: number): number[] => Array.from(field.slice(first, first + 10));
  const [asks, bids, askSizes, bidSizes] = [side(3), side(13), side(23), side(33)];
  const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0);
  expect(field[43]).toBe(sum(askSizes));
  expect(field[44]).toBe(sum(bidSizes));
  expect(asks[0]).toBeGreaterThan(bids[0]);
  for (let level = 0; level < 10; level++) {
    for (const [prices, sizes] of [
      [asks, askSizes],
      [bids, bidSizes],
    ]) {
      expect(sizes[level] > 0).toBe(prices[level] > 0);
      if (prices[level] > 0) expect(isOnGrid(prices[level], false)).toBe(true);
    }
    if (level > 0 && asks[level] > 0) expect(asks[level]).toBeGreaterThan(asks[level - 1]);
    if (level > 0 && bids[level] > 0) expect(bids[level]).toBeLessThan(bids[level - 1]);
  }
  expect([field[47], field[51], field[52]]).toEqual([0, 5, -100]);
  expect(field[50]).toBeLessThan(0);
  const limits = priceLimits(-field[50]);
  expect(Math.max(...asks)).toBeLessThanOrEqual(limits.upper);
  expect(bids[9]).toBeGreaterThanOrEqual(limits.lower);
  // The midpoint was zero in the 62-wide examples of the first months.
  if (field.length >= 62 && field[59] > 0) expect(field[59]).toBe((asks[0] + bids[0]) / 2);
}

describe('identities on simulated records', () => {
  const anyMarket = fc.record({
    seed: fc.integer(),
    second: fc.integer({ min: 9 * 3600, max: 15 * 3600 + 19 * 60 }),
    index: fc.nat(INSTRUMENTS.length - 1),
  });

  it('hold on trades and from trade to trade', () => {
    let records = 0;
    const run = ({ seed, second, index }: { seed: number; second: number; index: number }): void => {
      const instruments = [INSTRUMENTS[index]];
      const market = new Market({ seed, instruments, startTimeUs: kstToUtcUs(20261123, second), activity: 5 });
      market.advanceBy(4_000_000);
      const { code } = instruments[0];
      const trades = market.drainTrades(code);
      for (const [at, trade] of trades.entries()) {
        expect(trade.split('^').length).toBe(47);
        expectTradeIdentities(trade);
        if (at > 0) expectTradeChain(trades[at - 1], trade);
      }
      const last = fieldsOf(trades[trades.length - 1] ?? '');
      const quote = market.quote(code);
      if (trades.length > 0)
        expect([last[2], last[13], last[14]]).toEqual([quote.priceWon, quote.volume, quote.turnoverWon]);
      records += trades.length;
    };
    fc.assert(fc.property(anyMarket, run), { numRuns: 30 });
    expect(records).toBeGreaterThan(500);
  });

  it('hold on books of every width', () => {
    const widths: BookFieldCount[] = [59, 62, 63, 65, 66];
    const run = ({ seed, second, index }: { seed: number; second: number; index: number }): void => {
      const instruments = [INSTRUMENTS[index]];
      const market = new Market({ seed, instruments, startTimeUs: kstToUtcUs(20261123, second), activity: 5 });
      for (let step = 0; step < 10; step++) {
        market.advanceBy(200_000);
        for (const width of widths) {
          const payload = market.bookPayload(instruments[0].code, width);
          expect(payload.split('^').length).toBe(width);
          expectBookIdentities(payload);
        }
        const { volume, previousCloseWon, bids, asks } = market.quote(instruments[0].code);
        const field = fieldsOf(market.bookPayload(instruments[0].code));
        expect([field[53], field[50], field[3], field[13]]).toEqual([
          volume,
          -previousCloseWon,
          asks[0].priceWon,
          bids[0].priceWon,
        ]);
      }
    };
    fc.assert(fc.property(anyMarket, run), { numRuns: 25 });
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
