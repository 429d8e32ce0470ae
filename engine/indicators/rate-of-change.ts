// Rate of change of the close over `period` samples, in percent: 100 · (close − close then) ÷ close then, as TA-Lib's ROC.
import { type IndicatorDefinition, isPrice, type PeriodParameters, requirePeriod, ringStart } from './definition.ts';

const ROC = 0;
const POSITION = 1;
const FRAME = 2;
const RING = ringStart(FRAME);

export function rateOfChange({ period }: PeriodParameters): IndicatorDefinition {
  const name = `roc${requirePeriod(period)}`;
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
      const position = state[from + POSITION] | 0;
      const next = position === period ? 0 : position + 1;
      const then = state[RING + next];
      state[RING + position] = close;
      state[to + POSITION] = next;
      // A slot that has never been written holds 0, which no price is.
      state[to + ROC] = then > 0 ? (100 * (close - then)) / then : Number.NaN;
      return true;
    },
  };
}
