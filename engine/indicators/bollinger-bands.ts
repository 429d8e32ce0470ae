// Bollinger bands of the close, in won: the simple moving average (middle, the main output) and `deviations` population
// standard deviations above and below it. J. Bollinger, Bollinger on Bollinger Bands (2001).
import { type IndicatorDefinition, isPrice, requirePeriod, ringStart } from './definition.ts';
import { productError, slide, slideSquares } from './double-double.ts';

export interface BollingerBandsParameters {
  readonly period: number;
  readonly deviations: number;
}

const MIDDLE = 0;
const UPPER = 1;
const LOWER = 2;
const SUM = 3; // and 4
const SQUARES = 5; // and 6
const POSITION = 7;
const COUNT = 8;
const FRAME = 9;
const RING = ringStart(FRAME);

export function bollingerBands({ period, deviations }: BollingerBandsParameters): IndicatorDefinition {
  if (!isPrice(deviations)) throw new RangeError(`deviations must be above 0, is ${deviations}`);
  const name = `bb${requirePeriod(period)}-${deviations}`;
  return {
    name,
    drive: 'trade',
    outputs: [name, `${name}.upper`, `${name}.lower`],
    warmUp: period,
    frame: FRAME,
    ring: period + 1,
    step(state, from, to, sample) {
      const close = sample.close;
      if (!isPrice(close)) return false;
      const position = state[from + POSITION] | 0;
      const next = position === period ? 0 : position + 1;
      const leaving = state[RING + next];
      const count = state[from + COUNT] + 1;
      const sum = slide(state, from + SUM, to + SUM, close, leaving);
      const squares = slideSquares(state, from + SQUARES, to + SQUARES, close, leaving);
      state[RING + position] = close;
      state[to + POSITION] = next;
      state[to + COUNT] = count;
      const scatter = scatterOf(period, sum, state[to + SUM + 1], squares, state[to + SQUARES + 1]);
      const middle = count < period ? Number.NaN : sum / period;
      const width = (deviations * Math.sqrt(scatter)) / period;
      state[to + MIDDLE] = middle;
      state[to + UPPER] = middle + width;
      state[to + LOWER] = middle - width;
      return true;
    },
  };
}

/**
 * period · Σx² − (Σx)², which is period² times the variance, in won². A price of a million that moves by a won cancels
 * twelve digits here: hence the low halves.
 */
function scatterOf(period: number, sum: number, sumLow: number, squares: number, squaresLow: number): number {
  const first = period * squares;
  const second = sum * sum;
  const firstLow = productError(period, squares, first) + period * squaresLow;
  const secondLow = productError(sum, sum, second) + 2 * sum * sumLow;
  return Math.max(first - second + (firstLow - secondLow), 0);
}
