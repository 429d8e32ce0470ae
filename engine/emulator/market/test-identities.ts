// For tests: the feed's identities, what KIS's fields say of each other, as expectations on records of any venue.
import { isOnGrid, priceLimits } from '../../../config/tick-table.ts';
import type { Market } from './market.ts';
import type { MarketVenue } from './simulated-market.ts';

/** The fields of a record as numbers (an empty one is 0), and as they are written. */
export function fieldsOf(payload: string): number[] & { texts: string[] } {
  const texts = payload.split('^');
  return Object.assign(texts.map(Number), { texts });
}

/** Each record that waits, oldest first. */
export function drainTrades(market: Market, code: string, venue: MarketVenue = 'KRX'): string[] {
  return market.drainTradeRuns(code, venue, 1).map(({ payload }) => payload);
}

export function signOf(change: number): number {
  return change > 0 ? 2 : change < 0 ? 5 : 3;
}

/** Half of the last digit of two decimals, and a grain for binary fractions. */
export const HALF_CENT = 0.005 + 1e-9;

/** An expectation that is asked a million times: it costs nothing where it holds. */
function hold(record: string, ...rules: readonly [holds: boolean, rule: string][]): void {
  for (const [holds, rule] of rules) if (!holds) throw new Error(`${rule}: ${record}`);
}

function near(one: number, two: number, tolerance = HALF_CENT): boolean {
  return Math.abs(one - two) <= tolerance;
}

/** Real averages differ by up to a won from turnover / volume; ours do not. */
export function expectTradeIdentities(payload: string, averageTolerance = HALF_CENT): void {
  const field = fieldsOf(payload);
  const [, , price] = field;
  const previousClose = price - field[4];
  const limits = priceLimits(previousClose);
  const sign = price === limits.upper ? 1 : price === limits.lower ? 4 : signOf(field[4]);
  hold(
    payload,
    [field[17] === field[16] - field[15], 'net trades'],
    [near(field[5], (100 * field[4]) / previousClose), 'percent of the previous close'],
    [field[19] === 0 || near(field[18], (100 * field[20]) / field[19]), 'strength'],
    [field[22] === Math.ceil((100 * field[20]) / field[13]) / 100, 'share of buyers, rounded up'],
    [field[8] >= Math.max(price, field[7]) && field[9] <= Math.min(price, field[7]), 'extremes'],
    [field[13] >= field[19] + field[20], 'volume of both sides'],
    [field[41] === 0 || near(field[42], (100 * field[13]) / field[41]), 'volume against the day before'],
    [near(field[6], field[14] / field[13], averageTolerance), 'average price'],
    [field[3] === sign, 'sign'],
    [price >= limits.lower && price <= limits.upper && isOnGrid(price), 'price'],
    [field[10] === 0 || field[10] > field[11], 'best prices'],
  );
  for (const [extreme, at] of [
    [7, 25],
    [8, 28],
    [9, 31],
  ]) {
    const change = price - field[extreme];
    hold(payload, [field[at + 1] === change && field[at] === signOf(change), 'change against an extreme']);
  }
}

/** A trade directly after another of the same day; an auction's print or a close-price trade has no aggressor. */
export function expectTradeChain(before: string, after: string): void {
  const [one, two] = [fieldsOf(before), fieldsOf(after)];
  const [buy, sell] = [two[21] === 1, two[21] === 5];
  hold(
    `${before} then ${after}`,
    [two[13] === one[13] + two[12], 'volume'],
    [two[14] === one[14] + two[2] * two[12], 'turnover'],
    [two[15] === one[15] + (sell ? 1 : 0) && two[16] === one[16] + (buy ? 1 : 0), 'trades'],
    [two[19] === one[19] + (sell ? two[12] : 0) && two[20] === one[20] + (buy ? two[12] : 0), 'sides'],
    [two[1] >= one[1], 'time'],
    [two[8] === Math.max(one[8], two[2]) && two[9] === Math.min(one[9], two[2]), 'extremes'],
    [two[7] === one[7] && two[24] === one[24] && two[33] === one[33], 'open and date'],
    [two[2] - two[4] === one[2] - one[4], 'previous close'],
    [two[41] >= one[41], 'volume of the day before'],
  );
}

export function expectBookIdentities(payload: string): void {
  const field = fieldsOf(payload);
  const side = (first: number): number[] => Array.from(field.slice(first, first + 10));
  const [asks, bids, askSizes, bidSizes] = [side(3), side(13), side(23), side(33)];
  const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0);
  const [expected, change] = [field[47], field[50]];
  const previousClose = expected - change;
  const limits = priceLimits(previousClose);
  const running = field.texts[2] !== '0';
  const single = field.length === 62 || field.length === 63;
  hold(
    payload,
    [field[43] === sum(askSizes) && field[44] === sum(bidSizes), 'totals'],
    [asks[0] === 0 || asks[0] > bids[0], 'crossed'],
    [previousClose > 0, 'previous close'],
    [near(field[52], (100 * change) / previousClose), 'percent of the expected change'],
    [expected > 0 || (field[51] === 5 && field.texts[52] === '-100.00'), 'nothing expected'],
    [expected === 0 || (running && isOnGrid(expected, false)), 'expected price'],
    [running || field[48] === 0, 'expected size'],
    [Math.max(...asks) <= limits.upper && (bids[9] === 0 || bids[9] >= limits.lower), 'limits'],
    // The midpoint was zero in the 62-wide examples of the first months; two venues have one each.
    [!single || field[59] === 0 || field[59] === (asks[0] + bids[0]) / 2, 'midpoint'],
  );
  for (const [prices, sizes, way] of [
    [asks, askSizes, 1],
    [bids, bidSizes, -1],
  ] as const) {
    for (const [level, price] of prices.entries()) {
      hold(
        payload,
        [sizes[level] > 0 === price > 0, 'sizes where prices are'],
        [price === 0 || isOnGrid(price, false), 'grid'],
        [price === 0 || level === 0 || (price - prices[level - 1]) * way > 0, 'order of levels'],
      );
    }
  }
}
