// From the columns of a record to the message that is published of it: prices as decimal numbers in the quote currency.
import { turnoverScaleOf, type Venue } from '../config/venues.ts';
import {
  BOOK_LEVELS,
  type BookColumns,
  priceScaleOf,
  SIDE_BUY,
  SIDE_SELL,
  type TradeColumns,
} from './decode/records.ts';
import type { BookMessage, TickMessage } from './messages.ts';

const SIDES = { [SIDE_BUY]: 'buy', [SIDE_SELL]: 'sell' } as const;

export function tickMessage(
  columns: TradeColumns,
  record: number,
  venue: Venue,
  timeUs: number,
  exchangeTimeUs: number,
): TickMessage {
  const scale = priceScaleOf(venue);
  return {
    seq: 0,
    timeUs,
    exchangeTimeUs,
    price: columns.price[record] / scale,
    volume: columns.volume[record],
    side: SIDES[columns.side[record] as 1 | 5] ?? 'none',
    accumulatedVolume: columns.accumulatedVolume[record],
    accumulatedTurnover: columns.accumulatedTurnover[record] / turnoverScaleOf(venue),
    change: columns.change[record] / scale,
  };
}

export function bookMessage(
  columns: BookColumns,
  record: number,
  venue: Venue,
  timeUs: number,
  exchangeTimeUs: number,
): BookMessage {
  const scale = priceScaleOf(venue);
  const top = record * BOOK_LEVELS;
  return {
    seq: 0,
    timeUs,
    exchangeTimeUs,
    bids: levels(columns.bidPrice, columns.bidSize, top, scale),
    asks: levels(columns.askPrice, columns.askSize, top, scale),
    totalBidSize: columns.totalBidSize[record],
    totalAskSize: columns.totalAskSize[record],
  };
}

function levels(prices: Float64Array, sizes: Float64Array, top: number, scale: number): [number, number][] {
  const filled: [number, number][] = [];
  for (let i = top; i < top + BOOK_LEVELS; i++) {
    if (prices[i] > 0) filled.push([prices[i] / scale, sizes[i]]);
  }
  return filled;
}
