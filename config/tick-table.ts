// Price grid of domestic stocks, ETFs, ETNs and ELWs: what a price may be on a date by the tables of `market-rules.ts`,
// the daily limits, and the midpoint exception. Prices are either whole won or scaled integers (1/100 won, as records
// carry them). Where kind, date and market are left out, they are those of a KOSPI stock now.
import {
  LATEST,
  type Market,
  MIDPOINT_ORDERS,
  priceLimitPercent,
  ruleOn,
  type SecurityKind,
  TICK_TABLES,
  type TickTable,
  type TradingRegime,
} from './market-rules.ts';

/** Scaled prices count 1/100 won: 277,750 won is 27,775,000. */
export const WON_SCALE = 100;

/** In force for stocks now, on KOSPI, KOSDAQ and KONEX alike. */
export const TICK_TABLE = ruleOn(TICK_TABLES, 'stock');

/** A midpoint is taken for one where the book's spread is at most so many ticks. */
const MIDPOINT_SPREAD_TICKS_MAX = 20;

/** Without a limit `lower` is 0 and `upper` infinite. */
export interface PriceLimits {
  readonly lower: number;
  readonly upper: number;
}

/** The table in force: for one who asks it for many prices. */
export function tickTableOn(kind: SecurityKind = 'stock', date: number = LATEST, market: Market = 'KOSPI'): TickTable {
  return kind === 'stock' && date === LATEST ? TICK_TABLE : ruleOn(TICK_TABLES, kind, date, market);
}

/** Tick size at a price, both in won. */
export function tickSize(priceWon: number, kind?: SecurityKind, date?: number, market?: Market): number {
  return tickIn(tickTableOn(kind, date, market), priceWon);
}

/** The same, in a table. */
export function tickIn({ rows }: TickTable, priceWon: number): number {
  let row = rows.length - 1;
  while (row > 0 && priceWon < rows[row].fromWon) row--;
  return rows[row].tickWon;
}

/** Tick size at a scaled price, both in 1/100 won. */
export function tickSizeScaled(price: number, kind?: SecurityKind, date?: number, market?: Market): number {
  return tickSize(price / WON_SCALE, kind, date, market) * WON_SCALE;
}

/** Largest price of the grid at or below a price, in won. */
export function floorToGrid(priceWon: number, kind?: SecurityKind, date?: number, market?: Market): number {
  return floorToTick(priceWon, tickSize(priceWon, kind, date, market));
}

/** Next price of the grid above a price of the grid, in won. */
export function nextTickUp(priceWon: number, kind?: SecurityKind, date?: number, market?: Market): number {
  return priceWon + tickSize(priceWon, kind, date, market);
}

/** Next price of the grid below a price of the grid, in won: at a band's foot the tick of the band below counts. */
export function nextTickDown(priceWon: number, kind?: SecurityKind, date?: number, market?: Market): number {
  return priceWon - tickSize(priceWon - 1, kind, date, market);
}

/** Daily limits of the base price in won: the amount, rounded down to the base's tick, then each limit inward. */
export function priceLimits(
  baseWon: number,
  kind?: SecurityKind,
  date?: number,
  market?: Market,
  regime?: TradingRegime,
): PriceLimits {
  const percent = priceLimitPercent(kind, date, market, regime);
  if (percent === null) return { lower: 0, upper: Number.POSITIVE_INFINITY };
  const table = tickTableOn(kind, date, market);
  const tick = tickIn(table, baseWon);
  const highest = baseWon + floorToTick((baseWon * (percent.upper - 100)) / 100, tick);
  const upper = floorToTick(highest, tickIn(table, highest));
  const lowest = baseWon - floorToTick((baseWon * (100 - percent.lower)) / 100, tick);
  const lowestTick = tickIn(table, lowest);
  return { lower: Math.ceil(lowest / lowestTick) * lowestTick, upper };
}

/** The same in 1/100 won; the base is rounded down to whole won. */
export function priceLimitsScaled(
  base: number,
  kind?: SecurityKind,
  date?: number,
  market?: Market,
  regime?: TradingRegime,
): PriceLimits {
  const { lower, upper } = priceLimits(Math.floor(base / WON_SCALE), kind, date, market, regime);
  return { lower: lower * WON_SCALE, upper: upper * WON_SCALE };
}

/** Whether trades may lie half way between two prices of the book. */
export function hasMidpoints(date: number = LATEST): boolean {
  return date >= MIDPOINT_ORDERS.effectiveFrom;
}

/**
 * Whether a trade at this price (won) can be: on the grid, or, since March 2025, a midpoint of two grid prices, which
 * lies half a tick off it. Orders in the book are on the grid: pass `midpoint` false for those.
 */
export function isOnGrid(
  priceWon: number,
  midpoint = true,
  kind?: SecurityKind,
  date?: number,
  market?: Market,
): boolean {
  return isOnGridIn(tickTableOn(kind, date, market), priceWon, midpoint && hasMidpoints(date));
}

/** The same for a scaled price. */
export function isOnGridScaled(
  price: number,
  midpoint = true,
  kind?: SecurityKind,
  date?: number,
  market?: Market,
): boolean {
  return isOnGrid(price / WON_SCALE, midpoint, kind, date, market);
}

/** The same, in a table; `midpoint` says whether midpoints are allowed. */
export function isOnGridIn(table: TickTable, priceWon: number, midpoint: boolean): boolean {
  const tick = tickIn(table, priceWon);
  if (priceWon <= 0) return false;
  if (priceWon % tick === 0) return true;
  if (!midpoint) return false;
  // Just above a band's foot the bid may still lie in the band below, whose ticks are finer.
  const bidTick = tickIn(table, priceWon - (tick * MIDPOINT_SPREAD_TICKS_MAX) / 2);
  return (priceWon * 2) % bidTick === 0;
}

function floorToTick(amountWon: number, tickWon: number): number {
  return Math.floor(amountWon / tickWon) * tickWon;
}
