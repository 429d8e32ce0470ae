// Price grid of domestic stocks: the KRX tick table, daily price limits and the midpoint exception. Prices are either
// whole won or scaled integers (1/100 won, as records carry them). ETFs, ETNs and ELWs have other ticks: not here.

/** Scaled prices count 1/100 won: 277,750 won is 27,775,000. */
export const WON_SCALE = 100;

/** From `fromWon` on (up to the next row) a price is a multiple of `tickWon`. KOSPI, KOSDAQ and KONEX alike. */
export const TICK_TABLE = {
  effectiveFrom: 20230125,
  source: 'KRX Business Regulations, tick sizes unified on 2023-01-25',
  rows: [
    { fromWon: 0, tickWon: 1 },
    { fromWon: 2_000, tickWon: 5 },
    { fromWon: 5_000, tickWon: 10 },
    { fromWon: 20_000, tickWon: 50 },
    { fromWon: 50_000, tickWon: 100 },
    { fromWon: 200_000, tickWon: 500 },
    { fromWon: 500_000, tickWon: 1_000 },
  ],
} as const;

/** Daily limit, percent of the base price. First listing days and liquidation trading have others. */
export const PRICE_LIMIT_PERCENT = 30;

export interface PriceLimits {
  readonly lower: number;
  readonly upper: number;
}

/** Tick size at a price, both in won. */
export function tickSize(priceWon: number): number {
  const rows = TICK_TABLE.rows;
  let row = rows.length - 1;
  while (row > 0 && priceWon < rows[row].fromWon) row--;
  return rows[row].tickWon;
}

/** Tick size at a scaled price, both in 1/100 won. */
export function tickSizeScaled(price: number): number {
  return tickSize(price / WON_SCALE) * WON_SCALE;
}

/** Largest price of the grid at or below a price, in won. */
export function floorToGrid(priceWon: number): number {
  const tick = tickSize(priceWon);
  return Math.floor(priceWon / tick) * tick;
}

/** Next price of the grid above a price of the grid, in won. */
export function nextTickUp(priceWon: number): number {
  return priceWon + tickSize(priceWon);
}

/** Next price of the grid below a price of the grid, in won: at a band's foot the tick of the band below counts. */
export function nextTickDown(priceWon: number): number {
  return priceWon - tickSize(priceWon - 1);
}

/** Limits ±30 % of the base price in won: the amount, rounded down to the base's tick, then each limit inward. */
export function priceLimits(baseWon: number): PriceLimits {
  const amount = floorToTick((baseWon * PRICE_LIMIT_PERCENT) / 100, tickSize(baseWon));
  const upper = floorToGrid(baseWon + amount);
  const raw = baseWon - amount;
  const floor = floorToGrid(raw);
  return { lower: floor === raw ? raw : nextTickUp(floor), upper };
}

/** The same in 1/100 won; the base is rounded down to whole won. */
export function priceLimitsScaled(base: number): PriceLimits {
  const { lower, upper } = priceLimits(Math.floor(base / WON_SCALE));
  return { lower: lower * WON_SCALE, upper: upper * WON_SCALE };
}

/**
 * Whether a trade at this price (won) can be: on the grid, or a midpoint of two grid prices (mid-price orders since
 * March 2025), which lies half a tick off it. Orders in the book are on the grid: pass `midpoint` false for those.
 */
export function isOnGrid(priceWon: number, midpoint = true): boolean {
  const tick = tickSize(priceWon);
  return priceWon > 0 && (priceWon * (midpoint ? 2 : 1)) % tick === 0;
}

/** The same for a scaled price. */
export function isOnGridScaled(price: number, midpoint = true): boolean {
  const tick = tickSizeScaled(price);
  return price > 0 && (price * (midpoint ? 2 : 1)) % tick === 0;
}

function floorToTick(amountWon: number, tickWon: number): number {
  return Math.floor(amountWon / tickWon) * tickWon;
}
