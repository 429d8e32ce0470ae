// Moving average convergence/divergence, in won: fast EMA less slow EMA of the close, its own EMA (signal), and the
// difference of the two (histogram). G. Appel; seeded as TA-Lib's MACD: both averages have their first value together,
// after `slow` closes, each the mean of its last closes.
import { type IndicatorDefinition, isPrice, requirePeriod } from './definition.ts';
import { smoothed, smoothingWeight } from './smoothing.ts';

export interface MacdParameters {
  readonly fast: number;
  readonly slow: number;
  readonly signal: number;
}

const MACD = 0;
const SIGNAL = 1;
const HISTOGRAM = 2;
const FAST_MEAN = 3;
const SLOW_MEAN = 4;
const SIGNAL_MEAN = 5;
const COUNT = 6;
const FRAME = 7;

export function macd({ fast, slow, signal }: MacdParameters): IndicatorDefinition {
  const name = `macd${requirePeriod(fast, 'fast')}-${requirePeriod(slow, 'slow')}-${requirePeriod(signal, 'signal')}`;
  if (fast >= slow) throw new RangeError(`fast must be below slow, are ${fast} and ${slow}`);
  const fastWeight = 2 / (fast + 1);
  const slowWeight = 2 / (slow + 1);
  const signalWeight = 2 / (signal + 1);
  return {
    name,
    drive: 'trade',
    outputs: [name, `${name}.signal`, `${name}.histogram`],
    warmUp: slow,
    frame: FRAME,
    ring: 0,
    step(state, from, to, sample) {
      const close = sample.close;
      if (!isPrice(close)) return false;
      const count = state[from + COUNT] + 1;
      const fastCount = count - (slow - fast);
      const signalCount = count - (slow - 1);
      const slowMean = smoothed(state[from + SLOW_MEAN], close, smoothingWeight(count, slow, slowWeight));
      let fastMean = 0;
      if (fastCount > 0) {
        fastMean = smoothed(state[from + FAST_MEAN], close, smoothingWeight(fastCount, fast, fastWeight));
      }
      const difference = fastMean - slowMean;
      let signalMean = 0;
      if (signalCount > 0) {
        const weight = smoothingWeight(signalCount, signal, signalWeight);
        signalMean = smoothed(state[from + SIGNAL_MEAN], difference, weight);
      }
      state[to + COUNT] = count;
      state[to + SLOW_MEAN] = slowMean;
      state[to + FAST_MEAN] = fastMean;
      state[to + SIGNAL_MEAN] = signalMean;
      state[to + MACD] = signalCount < 1 ? Number.NaN : difference;
      state[to + SIGNAL] = signalCount < signal ? Number.NaN : signalMean;
      state[to + HISTOGRAM] = signalCount < signal ? Number.NaN : difference - signalMean;
      return true;
    },
  };
}
