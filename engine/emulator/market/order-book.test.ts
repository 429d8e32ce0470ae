import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOnGrid, priceLimits } from '../../../config/tick-table.ts';
import { OrderBook } from './order-book.ts';

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
      const { prices } = new OrderBook(base);
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
        const book = new OrderBook(10_000);
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
        expect(book.totalBidSize()).toBe(ten([...naive.bids].sort(([one], [two]) => two - one)));
        expect(book.totalAskSize()).toBe(ten([...naive.asks].sort(([one], [two]) => one - two)));
      }),
    );
  });

  it('finds a price on the grid from anywhere near', () => {
    const book = new OrderBook(200_000);
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
