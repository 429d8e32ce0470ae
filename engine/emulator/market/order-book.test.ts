import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOnGrid, priceLimits } from '../../../config/tick-table.ts';
import { Ladder } from './ladder.ts';
import { OrderBook, priceGrid } from './order-book.ts';

/** The same book the slow way: a map of sizes for each side. */
class NaiveBook {
  readonly bids = new Map<number, number>();
  readonly asks = new Map<number, number>();

  get bestBid(): number {
    return Math.max(-1, ...this.bids.keys());
  }
  bestAsk(length: number): number {
    return Math.min(length, ...this.asks.keys());
  }
}

describe('order book', () => {
  it('holds every grid price between the limits', () => {
    for (const base of [1_400, 4_990, 15_820, 274_000, 480_000, 1_640_000]) {
      const { prices } = new OrderBook(priceGrid(base));
      expect([prices[0], prices[prices.length - 1]]).toEqual(Object.values(priceLimits(base)));
      expect(prices.every((price) => isOnGrid(price, false))).toBe(true);
    }
  });

  it('agrees with a naive book after any orders, and never crosses', () => {
    const order = fc.record({
      bid: fc.boolean(),
      add: fc.boolean(),
      distance: fc.nat(12),
      size: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(order, { maxLength: 300 }), (orders) => {
        const book = new OrderBook(priceGrid(10_000));
        const naive = new NaiveBook();
        for (const { bid, add, distance, size } of orders) {
          const side = bid ? naive.bids : naive.asks;
          const middle = book.prices.length >> 1;
          const best = bid
            ? Math.max(book.bestBid, Math.min(middle, book.bestAsk - 1))
            : Math.min(book.bestAsk, Math.max(middle, book.bestBid + 1));
          const index = bid ? best - distance : best + distance;
          if (add) {
            if (bid) book.addBid(index, size);
            else book.addAsk(index, size);
            side.set(index, (side.get(index) ?? 0) + size);
          } else {
            const resting = side.get(index) ?? 0;
            expect(book.remove(index, size)).toBe(Math.min(size, resting));
            if (resting > size) side.set(index, resting - size);
            else side.delete(index);
          }
          expect(book.bestBid).toBe(naive.bestBid);
          expect(book.bestAsk).toBe(naive.bestAsk(book.prices.length));
          expect(book.bestBid).toBeLessThan(book.bestAsk);
        }
        const ten = (levels: [number, number][]): number =>
          levels.slice(0, 10).reduce((sum, [, size]) => sum + size, 0);
        const ladder = new Ladder().show(book);
        const [bids, asks] = [
          [...naive.bids].sort(([one], [two]) => two - one),
          [...naive.asks].sort(([one], [two]) => one - two),
        ];
        expect([ladder.totalBidSize, ladder.totalAskSize]).toEqual([ten(bids), ten(asks)]);
        const prices = (levels: [number, number][]): number[] => {
          return Array.from({ length: 10 }, (_, level) => (level in levels ? book.prices[levels[level][0]] : 0));
        };
        expect([[...ladder.bidPrices], [...ladder.askPrices]]).toEqual([prices(bids), prices(asks)]);
      }),
    );
  });

  it('has the grid of its kind', () => {
    expect(priceGrid(38_000, 'etf').slice(0, 3)).toEqual(Int32Array.of(26_600, 26_605, 26_610));
  });

  it('shows two books as one', () => {
    const prices = priceGrid(10_000);
    const [one, two] = [new OrderBook(prices), new OrderBook(prices)];
    for (const [book, size] of [
      [one, 5],
      [two, 7],
    ] as const) {
      book.addBid(100, size);
      book.addAsk(102, size);
    }
    two.addBid(101, 3);
    const ladder = new Ladder().show(one, two);
    expect([...ladder.bidSizes.slice(0, 3)]).toEqual([3, 12, 0]);
    expect([ladder.askPrices[0], ladder.askSizes[0], ladder.totalBidSize]).toEqual([prices[102], 12, 15]);
    expect([...new Ladder().show(undefined).askPrices]).toEqual(Array(10).fill(0));
  });

  it('finds a price on the grid from anywhere near', () => {
    const book = new OrderBook(priceGrid(200_000));
    const anyPrice = fc.integer({ min: book.prices[0], max: book.prices[book.prices.length - 1] });
    fc.assert(
      fc.property(anyPrice, fc.double({ min: -10, max: 2_000, noNaN: true }), (price, near) => {
        const position = book.position(price, near);
        const index = Math.min(Math.floor(position), book.prices.length - 2);
        expect(book.prices[index]).toBeLessThanOrEqual(price);
        expect(book.prices[index + 1]).toBeGreaterThanOrEqual(price);
      }),
    );
    expect(book.position(0, 5)).toBe(0);
    expect(book.position(1e9, 5)).toBe(book.prices.length - 1);
  });
});
