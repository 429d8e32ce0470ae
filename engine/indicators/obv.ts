// On-balance volume, in shares: the volume so far, counted up when the close has risen and down when it has fallen. Only
// its changes mean anything; it begins, as TA-Lib's, with the first volume. J. Granville, New Key to Stock Market
// Profits (1963).
import { type IndicatorDefinition, isPrice, isSize } from './definition.ts';
import { accumulate } from './double-double.ts';

const OBV = 0;
const SUM = 1; // and 2
const CLOSE = 3; // 0 before the first sample, so that the first one counts as a rise
const FRAME = 4;

export function obv(): IndicatorDefinition {
  return {
    name: 'obv',
    drive: 'trade',
    outputs: ['obv'],
    warmUp: 1,
    frame: FRAME,
    ring: 0,
    step(state, from, to, sample) {
      const { close, volume } = sample;
      if (!isPrice(close) || !isSize(volume)) return false;
      const before = state[from + CLOSE];
      let signed = 0;
      if (close > before) signed = volume;
      else if (close < before) signed = -volume;
      state[to + OBV] = accumulate(state, from + SUM, to + SUM, signed, 0);
      state[to + CLOSE] = close;
      return true;
    },
  };
}
