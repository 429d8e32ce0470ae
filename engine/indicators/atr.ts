// Average true range, in won: the largest of high − low and the distances of both to the close before, smoothed with the
// weight 1 / period. J. W. Wilder, New Concepts in Technical Trading Systems (1978), section III; the first true range
// is, as in TA-Lib, that of the second sample. On single trades it is the average size of a move.
import { type IndicatorDefinition, isPrice, type PeriodParameters, requirePeriod } from './definition.ts';
import { smoothed, smoothingWeight } from './smoothing.ts';

const ATR = 0;
const MEAN = 1;
const CLOSE = 2;
const COUNT = 3;
const FRAME = 4;

export function atr({ period }: PeriodParameters): IndicatorDefinition {
  const name = `atr${requirePeriod(period)}`;
  return {
    name,
    drive: 'trade',
    outputs: [name],
    warmUp: period + 1,
    frame: FRAME,
    ring: 0,
    step(state, from, to, sample) {
      const { high, low, close } = sample;
      if (!isPrice(low) || !isPrice(high) || !isPrice(close) || high < low) return false;
      const ranges = state[from + COUNT]; // this range included, as the first sample has no close before it
      let mean = 0;
      if (ranges > 0) {
        const before = state[from + CLOSE];
        const trueRange = Math.max(high, before) - Math.min(low, before);
        mean = smoothed(state[from + MEAN], trueRange, smoothingWeight(ranges, period, 1 / period));
      }
      state[to + CLOSE] = close;
      state[to + COUNT] = ranges + 1;
      state[to + MEAN] = mean;
      state[to + ATR] = ranges < period ? Number.NaN : mean;
      return true;
    },
  };
}
