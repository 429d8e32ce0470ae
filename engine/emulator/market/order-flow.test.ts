import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { AsciiWriter } from './ascii-writer.ts';
import { writeBookRecord } from './book-record.ts';
import { OrderBook } from './order-book.ts';
import { OrderFlow, type TradeSink } from './order-flow.ts';
import { profileOf } from './profile.ts';
import { Random } from './random.ts';
import { TradingDay } from './trading-day.ts';

const PREVIOUS_CLOSE_WON = 61_700;

class Prints implements TradeSink {
  readonly pricesWon: number[] = [];
  readonly buys: boolean[] = [];
  readonly timesUs: number[] = [];
  shares = 0;

  trade(timeUs: number, priceWon: number, size: number, buy: boolean): void {
    expect(size).toBeGreaterThan(0);
    this.timesUs.push(timeUs);
    this.pricesWon.push(priceWon);
    this.buys.push(buy);
    this.shares += size;
  }
}

function flowOn(book: OrderBook, seed: number, bidIndex: number): { flow: OrderFlow; prints: Prints } {
  const prints = new Prints();
  const profile = profileOf(INSTRUMENTS[0]);
  const random = new Random(seed, 0);
  return { flow: new OrderFlow({ book, bidIndex, profile, activity: 1, startUs: 0, random, sink: prints }), prints };
}

/** No level holds less than nothing, none between the best prices anything, none behind them nothing. */
function expectSoundBook(book: OrderBook): void {
  expect(book.bestBid).toBeLessThan(book.bestAsk);
  expect(book.sizes.every((size) => size >= 0)).toBe(true);
  expect(book.sizes.subarray(book.bestBid + 1, book.bestAsk).every((size) => size === 0)).toBe(true);
  if (book.bestBid >= 0) expect(book.bidSize).toBeGreaterThan(0);
  if (book.bestAsk < book.prices.length) expect(book.askSize).toBeGreaterThan(0);
}

describe('order flow', () => {
  it('keeps the book sound for any seed, wherever the fair value runs', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
        (seed, path) => {
          const book = new OrderBook(PREVIOUS_CLOSE_WON);
          const { flow, prints } = flowOn(book, seed, book.prices.length >> 1);
          for (const [at, place] of path.entries()) {
            flow.fairPosition = place * (book.prices.length - 1);
            flow.advance((at + 1) * 500_000);
            expectSoundBook(book);
          }
          expect(prints.timesUs).toEqual([...prints.timesUs].sort((one, two) => one - two));
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    ['upper', 1],
    ['lower', 0],
  ])('trades on at the %s limit, where one side of the book is gone', (_, end) => {
    const book = new OrderBook(PREVIOUS_CLOSE_WON);
    const limit = end * (book.prices.length - 1);
    const { flow, prints } = flowOn(book, 5, end === 1 ? limit - 4 : 3);
    let locked = false;
    for (let second = 1; second <= 600; second++) {
      // Far beyond the limit: as much pressure as there can be.
      flow.fairPosition = end === 1 ? limit + 50 : -50;
      flow.advance(second * 1_000_000);
      expectSoundBook(book);
      if ((end === 1 ? book.askWon : book.bidWon) === 0) {
        locked = true;
        const writer = new AsciiWriter(1024);
        const state = {
          code: '035720',
          second: 0,
          askSizeChange: 0,
          bidSizeChange: 0,
          midpointInterest: flow.midpointInterest,
        };
        writeBookRecord(writer, state, new TradingDay(20261123, PREVIOUS_CLOSE_WON, 1, book.prices), book, 63);
        const fields = writer.bytes.toString('latin1', 0, writer.length - 1).split('^');
        const gone = end === 1 ? 3 : 13;
        expect(fields.slice(gone, gone + 10)).toEqual(Array(10).fill('0'));
        expect(fields.slice(gone + 20, gone + 30)).toEqual(Array(10).fill('0'));
        expect(fields[59]).toBe('0');
      }
    }
    expect(locked).toBe(true);
    expect(Math.max(...prints.pricesWon)).toBeLessThanOrEqual(book.prices[book.prices.length - 1]);
    expect(Math.min(...prints.pricesWon)).toBeGreaterThanOrEqual(book.prices[0]);
  });

  it('leans towards the fair value', () => {
    const book = new OrderBook(PREVIOUS_CLOSE_WON);
    const middle = book.prices.length >> 1;
    const { flow, prints } = flowOn(book, 1, middle);
    flow.fairPosition = middle + 20;
    flow.advance(120_000_000);
    expect(Math.abs((book.bestBid + book.bestAsk) / 2 - flow.fairPosition)).toBeLessThan(6);
    expect(prints.buys.filter(Boolean).length / prints.buys.length).toBeGreaterThan(0.5);
  });

  it('depends on the seed and not on the steps', () => {
    const run = (stepUs: number): string => {
      const book = new OrderBook(PREVIOUS_CLOSE_WON);
      const { flow, prints } = flowOn(book, 99, book.prices.length >> 1);
      for (let timeUs = stepUs; timeUs <= 30_000_000; timeUs += stepUs) flow.advance(timeUs);
      return JSON.stringify([prints, [...book.sizes]]);
    };
    expect(run(1_000)).toBe(run(30_000_000));
  });
});
