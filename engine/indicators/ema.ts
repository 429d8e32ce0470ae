// Exponential moving average of the close, in won: weight 2 / (period + 1), seeded with the mean of the first `period`
// closes, as TA-Lib's EMA.
import { type IndicatorDefinition, isPrice, type PeriodParameters, requirePeriod } from './definition.ts';
import { smoothed, smoothingWeight } from './smoothing.ts';

const EMA = 0;
const MEAN = 1;
const COUNT = 2;
const FRAME = 3;

export function ema({ period }: PeriodParameters): IndicatorDefinition {
  const name = `ema${requirePeriod(period)}`;
  const weight = 2 / (period + 1);
  return {
    name,
    drive: 'trade',
    outputs: [name],
    warmUp: period,
    frame: FRAME,
    ring: 0,
    step(state, from, to, sample) {
      const close = sample.close;
      if (!isPrice(close)) return false;
      const count = state[from + COUNT] + 1;
      const mean = smoothed(state[from + MEAN], close, smoothingWeight(count, period, weight));
      state[to + COUNT] = count;
      state[to + MEAN] = mean;
      state[to + EMA] = count < period ? Number.NaN : mean;
      return true;
    },
  };
}
