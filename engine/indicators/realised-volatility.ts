// Realised volatility: the square root of the sum of the squared log returns of the last `period` closes. Unit: log
// return over the whole window (0.01 is about one percent), neither a mean nor annualised. T. Andersen and T. Bollerslev,
// Answering the Skeptics, International Economic Review 39 (1998).
import { type IndicatorDefinition, isPrice, type PeriodParameters, requirePeriod, ringStart } from './definition.ts';
import { slide } from './double-double.ts';

const VOLATILITY = 0;
const SUM = 1; // and 2
const CLOSE = 3;
const POSITION = 4;
const COUNT = 5;
const FRAME = 6;
const RING = ringStart(FRAME);

export function realisedVolatility({ period }: PeriodParameters): IndicatorDefinition {
  const name = `rv${requirePeriod(period)}`;
  return {
    name,
    drive: 'trade',
    outputs: [name],
    warmUp: period + 1,
    frame: FRAME,
    ring: period + 1,
    step(state, from, to, sample) {
      const close = sample.close;
      if (!isPrice(close)) return false;
      const before = state[from + CLOSE];
      const returns = state[from + COUNT]; // this one included, as the first close makes none
      // Most trades repeat the price before, and their logarithm is known.
      const logReturn = returns === 0 || close === before ? 0 : Math.log(close / before);
      const square = logReturn * logReturn;
      const position = state[from + POSITION] | 0;
      const next = position === period ? 0 : position + 1;
      const sum = slide(state, from + SUM, to + SUM, square, state[RING + next]);
      state[RING + position] = square;
      state[to + POSITION] = next;
      state[to + CLOSE] = close;
      state[to + COUNT] = returns + 1;
      state[to + VOLATILITY] = returns < period ? Number.NaN : Math.sqrt(Math.max(sum, 0));
      return true;
    },
  };
}
