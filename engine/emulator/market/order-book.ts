// A limit order book by price level, on the day's grid between the price limits. Bids and asks share one array:
//
//   index   0 (lower limit) …  bestBid  (spread)  bestAsk … length − 1 (upper limit)
//   sizes   bid bid bid bid      bid      0  0      ask ask ask ask ask
//
// so the book cannot cross, and a price outside the limits has no place. Queue positions of single orders are not kept.
import { LATEST, type Market, type SecurityKind } from '../../../config/market-rules.ts';
import { priceLimits, tickIn, tickTableOn } from '../../../config/tick-table.ts';

/** Every price that an instrument can have on a day, won, ascending from the lower limit to the upper one. */
export function priceGrid(
  previousCloseWon: number,
  kind: SecurityKind = 'stock',
  date: number = LATEST,
  market: Market = 'KOSPI',
): Int32Array {
  const table = tickTableOn(kind, date, market);
  const { lower, upper } = priceLimits(previousCloseWon, kind, date, market);
  const prices: number[] = [];
  for (let price = lower; price <= upper; price += tickIn(table, price)) prices.push(price);
  return Int32Array.from(prices);
}

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

  /** An empty book on a day's grid; the books of all venues share it. */
  constructor(prices: Int32Array) {
    this.prices = prices;
    this.sizes = new Int32Array(prices.length);
    this.bestAsk = prices.length;
  }

  clear(): void {
    this.sizes.fill(0);
    this.bestBid = -1;
    this.bestAsk = this.prices.length;
    this.revision++;
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
