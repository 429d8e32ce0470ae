// What a ten-level book must satisfy in itself: each side ordered and without holes, every price on the grid, totals
// that are sums. Columns in, a verdict out; nothing is kept.
import { BOOK_LEVELS, type BookColumns } from '../decode/records.ts';
import type { PriceBounds } from './price-bounds.ts';

/** `hole`: a level lacks its price, its size or all of the levels before it. `unordered`: prices do not fall or rise. */
export type SideFault = 'hole' | 'unordered';

/**
 * One side of a book.
 *
 * @param first cell of its best level
 * @param direction 1 for asks, which rise from the best on; −1 for bids
 */
export function sideFault(
  prices: Float64Array,
  sizes: Float64Array,
  first: number,
  direction: 1 | -1,
): SideFault | null {
  const end = first + BOOK_LEVELS;
  let previous = prices[first];
  let emptySeen = previous === 0;
  if ((sizes[first] === 0) !== emptySeen) return 'hole';
  for (let i = first + 1; i < end; i++) {
    const price = prices[i];
    if ((price === 0) !== (sizes[i] === 0)) return 'hole';
    if (price === 0) {
      emptySeen = true;
      continue;
    }
    if (emptySeen) return 'hole';
    if ((price - previous) * direction <= 0) return 'unordered';
    previous = price;
  }
  return null;
}

/** Shares on the ten levels of a side. */
export function sumOfLevels(sizes: Float64Array, first: number): number {
  let sum = 0;
  for (let i = first; i < first + BOOK_LEVELS; i++) sum += sizes[i];
  return sum;
}

/** The first price that is not on the grid, 1/100 won; 0 where all are. */
export function priceOffGrid(columns: BookColumns, first: number, bounds: PriceBounds, date: number): number {
  for (let i = first; i < first + BOOK_LEVELS; i++) {
    const ask = columns.askPrice[i];
    const bid = columns.bidPrice[i];
    if (ask > 0 && !bounds.isOnGrid(ask, false, date)) return ask;
    if (bid > 0 && !bounds.isOnGrid(bid, false, date)) return bid;
  }
  return 0;
}
