// Volume-weighted average price of the session, in won: Σ price · volume ÷ Σ volume since the day began in Korea. The
// price of a bar is its typical price (high + low + close) / 3, which for a single trade is the trade's price.
// S. Berkowitz, D. Logue and E. Noser, The Total Cost of Transactions on the NYSE, Journal of Finance 43 (1988).
import { type IndicatorDefinition, isPrice, isSize } from './definition.ts';
import { accumulate, productError } from './double-double.ts';

const VWAP = 0;
const TURNOVER = 1; // and 2
const VOLUME = 3; // and 4
const DAY_END_US = 5; // 0 before the first sample, which thereby begins a day
const FRAME = 6;

const KST_OFFSET_US = 9 * 3_600_000_000;
const DAY_US = 24 * 3_600_000_000;

export function vwap(): IndicatorDefinition {
  return {
    name: 'vwap',
    drive: 'trade',
    outputs: ['vwap'],
    warmUp: 1,
    frame: FRAME,
    ring: 0,
    mendsGaps: true,
    step(state, from, to, sample) {
      const { timeUs, high, low, close, volume } = sample;
      if (!isPrice(high) || !isPrice(low) || !isPrice(close) || !isSize(volume) || !isSize(timeUs)) return false;
      const price = (high + low + close) / 3;
      const turnover = price * volume;
      const turnoverLow = productError(price, volume, turnover);
      let dayEndUs = state[from + DAY_END_US];
      let sumsAt = from;
      if (timeUs >= dayEndUs || timeUs < dayEndUs - DAY_US) {
        dayEndUs = dayEndAfter(timeUs);
        state.fill(0, to + TURNOVER, to + DAY_END_US);
        sumsAt = to;
      }
      const turnoverSum = accumulate(state, sumsAt + TURNOVER, to + TURNOVER, turnover, turnoverLow);
      const volumeSum = accumulate(state, sumsAt + VOLUME, to + VOLUME, volume, 0);
      state[to + DAY_END_US] = dayEndUs;
      // Before the first share of the day has changed hands there is no average.
      state[to + VWAP] = volumeSum > 0 ? turnoverSum / volumeSum : Number.NaN;
      return true;
    },
  };
}

/** The next midnight in Korea, which has no summer time, as UTC microseconds. */
function dayEndAfter(timeUs: number): number {
  return (Math.floor((timeUs + KST_OFFSET_US) / DAY_US) + 1) * DAY_US - KST_OFFSET_US;
}
