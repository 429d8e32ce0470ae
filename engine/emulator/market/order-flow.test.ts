import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { Arrivals } from './arrivals.ts';
import { Ladder } from './ladder.ts';
import { OrderBook, priceGrid } from './order-book.ts';
import { EVENTS_PER_TRADE, OrderFlow, type TradeSink } from './order-flow.ts';
import { profileOf } from './profile.ts';
import { Random } from './random.ts';

const PREVIOUS_CLOSE_WON = 61_700;

class Prints implements TradeSink {
  readonly pricesWon: number[] = [];
  readonly buys: boolean[] = [];
  readonly timesUs: number[] = [];
  stops = 0;

  trade(timeUs: number, priceWon: number, size: number, buy: boolean): void {
    expect(size).toBeGreaterThan(0);
    this.timesUs.push(timeUs);
    this.pricesWon.push(priceWon);
    this.buys.push(buy);
  }

  outOfBounds(): void {
    this.stops++;
  }
}

/** A flow that arrives on its own. */
class Driven {
  readonly prints = new Prints();
  readonly flow: OrderFlow;
  private readonly arrivals: Arrivals;

  constructor(book: OrderBook, seed: number, bidIndex: number) {
    const profile = profileOf(INSTRUMENTS[0]);
    const random = new Random(seed, 0);
    this.flow = new OrderFlow({ book, profile, random, sink: this.prints });
    this.flow.fairPosition = bidIndex + 0.5;
    this.flow.fillBook(bidIndex, 0);
    this.arrivals = new Arrivals(profile.tradesPerSecond * EVENTS_PER_TRADE, random);
    this.arrivals.begin(0);
  }

  advance(untilUs: number): void {
    while (this.arrivals.nextUs < untilUs) {
      const timeUs = this.arrivals.nextUs;
      if (this.arrivals.take()) this.flow.act(timeUs);
    }
  }
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
          const book = new OrderBook(priceGrid(PREVIOUS_CLOSE_WON));
          const driven = new Driven(book, seed, book.prices.length >> 1);
          const { flow, prints } = driven;
          for (const [at, place] of path.entries()) {
            flow.fairPosition = place * (book.prices.length - 1);
            driven.advance((at + 1) * 500_000);
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
    const book = new OrderBook(priceGrid(PREVIOUS_CLOSE_WON));
    const limit = end * (book.prices.length - 1);
    const driven = new Driven(book, 5, end === 1 ? limit - 4 : 3);
    const { flow, prints } = driven;
    let locked = false;
    for (let second = 1; second <= 600; second++) {
      // Far beyond the limit: as much pressure as there can be.
      flow.fairPosition = end === 1 ? limit + 50 : -50;
      driven.advance(second * 1_000_000);
      expectSoundBook(book);
      if ((end === 1 ? book.askWon : book.bidWon) === 0) {
        locked = true;
        const ladder = new Ladder().show(book);
        const [prices, sizes] = end === 1 ? [ladder.askPrices, ladder.askSizes] : [ladder.bidPrices, ladder.bidSizes];
        expect([...prices, ...sizes]).toEqual(Array(20).fill(0));
      }
    }
    expect(locked).toBe(true);
    expect(Math.max(...prints.pricesWon)).toBeLessThanOrEqual(book.prices[book.prices.length - 1]);
    expect(Math.min(...prints.pricesWon)).toBeGreaterThanOrEqual(book.prices[0]);
  });

  it('leans towards the fair value', () => {
    const book = new OrderBook(priceGrid(PREVIOUS_CLOSE_WON));
    const middle = book.prices.length >> 1;
    const driven = new Driven(book, 1, middle);
    const { flow, prints } = driven;
    flow.fairPosition = middle + 20;
    driven.advance(120_000_000);
    expect(Math.abs((book.bestBid + book.bestAsk) / 2 - flow.fairPosition)).toBeLessThan(6);
    expect(prints.buys.filter(Boolean).length / prints.buys.length).toBeGreaterThan(0.5);
  });

  it('depends on the seed and not on the steps', () => {
    const run = (stepUs: number): string => {
      const book = new OrderBook(priceGrid(PREVIOUS_CLOSE_WON));
      const driven = new Driven(book, 99, book.prices.length >> 1);
      const { prints } = driven;
      for (let timeUs = stepUs; timeUs <= 30_000_000; timeUs += stepUs) driven.advance(timeUs);
      return JSON.stringify([prints, [...book.sizes]]);
    };
    expect(run(1_000)).toBe(run(30_000_000));
  });

  it('stops an order at the bounds, and lets the rest of it match in the auction that this begins', () => {
    const book = new OrderBook(priceGrid(PREVIOUS_CLOSE_WON));
    const middle = book.prices.length >> 1;
    const { flow, prints } = new Driven(book, 3, middle);
    flow.referenceWon = book.bidWon;
    flow.bounds = { dynamicPercent: 3, staticLowerWon: 0, staticUpperWon: Number.POSITIVE_INFINITY };
    flow.strike(1, true, book.prices.length - 1);
    expect(prints.stops).toBe(1);
    expect(Math.max(...prints.pricesWon)).toBeLessThan(flow.referenceWon * 1.03);
    expect(book.askWon).toBeGreaterThanOrEqual(flow.referenceWon * 1.03);
  });

  it('sends an order that would cross another venue there', () => {
    const prices = priceGrid(PREVIOUS_CLOSE_WON);
    const middle = prices.length >> 1;
    const books = [new OrderBook(prices), new OrderBook(prices)];
    const [here, there] = books.map((book, seed) => new Driven(book, seed, middle));
    here.flow.elsewhere = there.flow;
    there.flow.elsewhere = here.flow;
    for (let timeUs = 10_000; timeUs <= 60_000_000; timeUs += 10_000) {
      const fair = middle + 0.5 + 20 * Math.sin(timeUs / 10_000_000);
      here.flow.fairPosition = fair;
      there.flow.fairPosition = fair + 3;
      here.advance(timeUs);
      there.advance(timeUs);
      const bestBid = Math.max(...books.map((book) => book.bestBid));
      expect(bestBid).toBeLessThan(Math.min(...books.map((book) => book.bestAsk)));
    }
    expect(here.prints.timesUs.length).toBeGreaterThan(500);
  });
});
