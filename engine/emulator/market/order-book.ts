// A limit order book by price level, on the day's grid between the price limits. Bids and asks share one array:
//
//   index   0 (lower limit) …  bestBid  (spread)  bestAsk … length − 1 (upper limit)
//   sizes   bid bid bid bid      bid      0  0      ask ask ask ask ask
//
// so the book cannot cross, and a price outside the limits has no place. Queue positions of single orders are not kept.
import { nextTickUp, priceLimits } from '../../../config/tick-table.ts';

export class OrderBook {
  /** Won, ascending. */
  readonly prices: Int32Array;
  /** Shares resting at each price. */
  readonly sizes: Int32Array;
  /** Index of the best bid, −1 without bids. */
  bestBid = -1;
  /** Index of the best ask, `prices.length` without asks. */
  bestAsk: number;
  /** Rises with each change. */
  revision = 0;

  /** An empty book for a day whose base price is the previous close. */
  constructor(previousCloseWon: number) {
    const { lower, upper } = priceLimits(previousCloseWon);
    const prices: number[] = [];
    for (let price = lower; price <= upper; price = nextTickUp(price)) prices.push(price);
    this.prices = Int32Array.from(prices);
    this.sizes = new Int32Array(prices.length);
    this.bestAsk = prices.length;
  }

  /** Best prices and sizes; 0 where a side is empty. */
  get bidWon(): number {
    return this.bestBid < 0 ? 0 : this.prices[this.bestBid];
  }
  get askWon(): number {
    return this.bestAsk === this.prices.length ? 0 : this.prices[this.bestAsk];
  }
  get bidSize(): number {
    return this.bestBid < 0 ? 0 : this.sizes[this.bestBid];
  }
  get askSize(): number {
    return this.bestAsk === this.prices.length ? 0 : this.sizes[this.bestAsk];
  }

  /** Rests shares to buy at an index below the best ask. */
  addBid(index: number, size: number): void {
    this.sizes[index] += size;
    if (index > this.bestBid) this.bestBid = index;
    this.revision++;
  }

  /** Rests shares to sell at an index above the best bid. */
  addAsk(index: number, size: number): void {
    this.sizes[index] += size;
    if (index < this.bestAsk) this.bestAsk = index;
    this.revision++;
  }

  /** Takes away up to `size` shares (traded or cancelled) from a level; returns how many it took. */
  remove(index: number, size: number): number {
    const taken = Math.min(size, this.sizes[index]);
    this.sizes[index] -= taken;
    this.revision++;
    if (this.sizes[index] === 0) {
      if (index === this.bestBid) this.bestBid = this.nextBid(index - 1);
      else if (index === this.bestAsk) this.bestAsk = this.nextAsk(index + 1);
    }
    return taken;
  }

  /** Index of the next level with bids at or below `index`; −1 without one. */
  nextBid(index: number): number {
    while (index >= 0 && this.sizes[index] === 0) index--;
    return index;
  }

  /** Index of the next level with asks at or above `index`; `prices.length` without one. */
  nextAsk(index: number): number {
    while (index < this.prices.length && this.sizes[index] === 0) index++;
    return index;
  }

  /** Shares on the ten best levels of a side, which is what KIS calls the total. */
  totalBidSize(): number {
    let total = 0;
    let index = this.bestBid;
    for (let level = 0; level < 10 && index >= 0; level++, index = this.nextBid(index - 1)) total += this.sizes[index];
    return total;
  }
  totalAskSize(): number {
    let total = 0;
    let index = this.bestAsk;
    for (let level = 0; level < 10 && index < this.sizes.length; level++, index = this.nextAsk(index + 1)) {
      total += this.sizes[index];
    }
    return total;
  }

  /** Where a price lies on the grid, as a fractional index clamped to it; the search walks from `near`. */
  position(priceWon: number, near: number): number {
    const { prices } = this;
    const last = prices.length - 1;
    let index = Math.max(0, Math.min(last - 1, Math.floor(near)));
    while (index > 0 && prices[index] > priceWon) index--;
    while (index < last - 1 && prices[index + 1] <= priceWon) index++;
    const fraction = (priceWon - prices[index]) / (prices[index + 1] - prices[index]);
    return Math.max(0, Math.min(last, index + fraction));
  }
}
