// Signs and ratios as the wire gives them: percentages with two decimals, in hundredths, rounded half away from zero by
// integer arithmetic, so that no binary fraction decides a digit.
import type { TradingDay } from './trading-day.ts';

/** PRDY_VRSS_SIGN without the limits: 2 up, 3 unchanged, 5 down. */
export function sign(change: number): number {
  return change > 0 ? 2 : change < 0 ? 5 : 3;
}

/** PRDY_VRSS_SIGN: 1 at the upper limit, 4 at the lower one. */
export function changeSign(priceWon: number, day: TradingDay): number {
  if (priceWon === day.upperLimitWon) return 1;
  return priceWon === day.lowerLimitWon ? 4 : sign(priceWon - day.previousCloseWon);
}

/** numerator / denominator rounded to an integer, denominator ≥ 0; 0 where nothing can be divided by. */
export function roundedQuotient(numerator: number, denominator: number): number {
  if (denominator === 0) return 0;
  const magnitude = Math.floor((2 * Math.abs(numerator) + denominator) / (2 * denominator));
  return numerator < 0 ? -magnitude : magnitude;
}

/** numerator / denominator in hundredths of a percent. */
export function roundedPercent(numerator: number, denominator: number): number {
  return roundedQuotient(numerator * 10_000, denominator);
}
