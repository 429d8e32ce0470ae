// Relative strength index, 0 … 100: the share of the gains in all movement of the close, both smoothed with the weight
// 1 / period. J. W. Wilder, New Concepts in Technical Trading Systems (1978), section VI.
import { type IndicatorDefinition, isPrice, type PeriodParameters, requirePeriod } from './definition.ts';
import { smoothed, smoothingWeight } from './smoothing.ts';

const RSI = 0;
const GAIN = 1;
const LOSS = 2;
const CLOSE = 3;
const COUNT = 4;
const FRAME = 5;

/** The value where the price has never moved: neither side leads. */
const UNMOVED = 50;

export function rsi({ period }: PeriodParameters): IndicatorDefinition {
  const name = `rsi${requirePeriod(period)}`;
  return {
    name,
    drive: 'trade',
    outputs: [name],
    warmUp: period + 1,
    frame: FRAME,
    ring: 0,
    step(state, from, to, sample) {
      const close = sample.close;
      if (!isPrice(close)) return false;
      const changes = state[from + COUNT]; // this change included, as the first close is none
      const change = changes > 0 ? close - state[from + CLOSE] : 0;
      const weight = smoothingWeight(changes, period, 1 / period);
      const gain = changes > 0 ? smoothed(state[from + GAIN], Math.max(change, 0), weight) : 0;
      const loss = changes > 0 ? smoothed(state[from + LOSS], Math.max(-change, 0), weight) : 0;
      state[to + CLOSE] = close;
      state[to + COUNT] = changes + 1;
      state[to + GAIN] = gain;
      state[to + LOSS] = loss;
      state[to + RSI] = changes < period ? Number.NaN : strength(gain, loss, change, state[from + RSI]);
      return true;
    },
  };
}

/**
 * A flat step shrinks gain and loss alike, so the value before stays, also after both have faded to 0 in a price that is
 * locked at its limit.
 */
function strength(gain: number, loss: number, change: number, before: number): number {
  if (change === 0 && before >= 0) return before;
  return gain + loss > 0 ? (100 * gain) / (gain + loss) : UNMOVED;
}
