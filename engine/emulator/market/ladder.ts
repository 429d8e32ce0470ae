// The ten best levels a side of one book, or of two books of one stock taken together, as records show them. A scratch
// pad: it is filled for one record and holds nothing after.
import type { OrderBook } from './order-book.ts';

export const LADDER_LEVELS = 10;

export class Ladder {
  /** Best first; price and size 0 where there is no level. */
  readonly askPrices = new Int32Array(LADDER_LEVELS);
  readonly askSizes = new Int32Array(LADDER_LEVELS);
  readonly bidPrices = new Int32Array(LADDER_LEVELS);
  readonly bidSizes = new Int32Array(LADDER_LEVELS);
  /** Shares on these levels, which is what KIS calls the total. */
  totalAskSize = 0;
  totalBidSize = 0;

  /** Two books share one grid and do not cross each other: below the asks of both there is no ask. */
  show(book: OrderBook | undefined, other?: OrderBook): this {
    if (book === undefined) return this.clear();
    const { prices, sizes } = book;
    const otherSizes = other?.sizes;
    let level = 0;
    this.totalAskSize = 0;
    this.totalBidSize = 0;
    const firstAsk = other === undefined ? book.bestAsk : Math.min(book.bestAsk, other.bestAsk);
    for (let index = firstAsk; level < LADDER_LEVELS && index < prices.length; index++) {
      const size = otherSizes === undefined ? sizes[index] : sizes[index] + otherSizes[index];
      if (size === 0) continue;
      this.askPrices[level] = prices[index];
      this.askSizes[level++] = size;
      this.totalAskSize += size;
    }
    for (; level < LADDER_LEVELS; level++) this.askPrices[level] = this.askSizes[level] = 0;
    level = 0;
    const firstBid = other === undefined ? book.bestBid : Math.max(book.bestBid, other.bestBid);
    for (let index = firstBid; level < LADDER_LEVELS && index >= 0; index--) {
      const size = otherSizes === undefined ? sizes[index] : sizes[index] + otherSizes[index];
      if (size === 0) continue;
      this.bidPrices[level] = prices[index];
      this.bidSizes[level++] = size;
      this.totalBidSize += size;
    }
    for (; level < LADDER_LEVELS; level++) this.bidPrices[level] = this.bidSizes[level] = 0;
    return this;
  }

  private clear(): this {
    for (const column of [this.askPrices, this.askSizes, this.bidPrices, this.bidSizes]) column.fill(0);
    this.totalAskSize = 0;
    this.totalBidSize = 0;
    return this;
  }
}
