// The records of an index future: H0IFCNT0 (50 fields) and H0IFASP0 (38). What the exchange derives from other fields is
// derived here. Comments number the fields.
import { clockText } from './key-stream.ts';

/** Prices in hundredths of a point, volumes in contracts. */
export interface FutureDay {
  readonly date: number;
  readonly previousClose: number;
  last: number;
  open: number;
  high: number;
  low: number;
  openSecond: number;
  highSecond: number;
  lowSecond: number;
  volume: number;
  /** Thousand won. */
  turnover: number;
  sellTrades: number;
  buyTrades: number;
  sellVolume: number;
  buyVolume: number;
  openInterest: number;
  readonly openInterestAtOpen: number;
}

export interface FutureQuote {
  readonly second: number;
  readonly index: number;
  readonly theory: number;
  readonly bid: number;
  readonly ask: number;
  /** Five levels, best first. */
  readonly askSizes: readonly number[];
  readonly bidSizes: readonly number[];
}

const TICK = 5;
/** Real-time limits, of the price. */
const DYNAMIC_LIMIT = 0.01;
/** Contracts of an order in the book. */
const ORDER_CONTRACTS = 8;

export function futureTradeRecord(code: string, size: number, day: FutureDay, quote: FutureQuote): string {
  const price = day.last;
  const change = price - day.previousClose;
  return [
    code,
    clockText(quote.second),
    points(change), // 2
    sign(change),
    percent(change, day.previousClose),
    points(price), // 5
    points(day.open),
    points(day.high),
    points(day.low),
    size, // 9
    day.volume,
    Math.floor(day.turnover),
    points(quote.theory), // 12
    points(price - quote.index),
    percent(price - quote.theory, quote.theory),
    ...['0.00', '0.00', '0.00'], // 15–17: spreads of months
    day.openInterest, // 18
    day.openInterest - day.openInterestAtOpen,
    ...extreme(day.openSecond, price - day.open), // 20–22
    ...extreme(day.highSecond, price - day.high),
    ...extreme(day.lowSecond, price - day.low),
    (day.buyVolume / day.volume).toFixed(2), // 29
    percent(day.buyVolume, day.sellVolume),
    points(price - quote.theory),
    0, // 32
    points(quote.theory - quote.index),
    points(quote.ask), // 34
    points(quote.bid),
    quote.askSizes[0],
    quote.bidSizes[0],
    day.sellTrades, // 38
    day.buyTrades,
    day.buyTrades - day.sellTrades,
    day.sellVolume,
    day.buyVolume,
    sum(quote.askSizes), // 43
    sum(quote.bidSizes),
    '100.00',
    0,
    points(onTick(price * (1 + DYNAMIC_LIMIT))), // 47
    points(onTick(price * (1 - DYNAMIC_LIMIT))),
    2,
  ].join('^');
}

export function futureBookRecord(code: string, { second, ask, bid, askSizes, bidSizes }: FutureQuote): string {
  const orders = (sizes: readonly number[]) => sizes.map((size) => Math.ceil(size / ORDER_CONTRACTS));
  return [
    code,
    clockText(second),
    ...askSizes.map((_, level) => points(ask + TICK * level)), // 2–6
    ...bidSizes.map((_, level) => points(bid - TICK * level)), // 7–11
    ...orders(askSizes), // 12–16
    ...orders(bidSizes),
    ...askSizes, // 22–26
    ...bidSizes,
    sum(orders(askSizes)), // 32
    sum(orders(bidSizes)),
    sum(askSizes),
    sum(bidSizes),
    0, // 36–37: changes
    0,
  ].join('^');
}

function extreme(second: number, distance: number): (string | number)[] {
  return [clockText(second), sign(distance), points(distance)];
}

function points(hundredths: number): string {
  return (hundredths / 100).toFixed(2);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0.00' : ((100 * part) / whole).toFixed(2);
}

function sign(change: number): 2 | 3 | 5 {
  return change > 0 ? 2 : change < 0 ? 5 : 3;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function onTick(hundredths: number): number {
  return Math.round(hundredths / TICK) * TICK;
}
