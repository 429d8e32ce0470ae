// Simple moving average of the close, in won.
import { type IndicatorDefinition, isPrice, type PeriodParameters, requirePeriod, ringStart } from './definition.ts';
import { slide } from './double-double.ts';

const MEAN = 0;
const SUM = 1; // and 2
const POSITION = 3;
const COUNT = 4;
const FRAME = 5;
const RING = ringStart(FRAME);

export function sma({ period }: PeriodParameters): IndicatorDefinition {
  const name = `sma${requirePeriod(period)}`;
  return {
    name,
    drive: 'trade',
    outputs: [name],
    warmUp: period,
    frame: FRAME,
    ring: period + 1,
    step(state, from, to, sample) {
      const close = sample.close;
      if (!isPrice(close)) return false;
      const position = state[from + POSITION] | 0;
      const next = position === period ? 0 : position + 1;
      const count = state[from + COUNT] + 1;
      const sum = slide(state, from + SUM, to + SUM, close, state[RING + next]);
      state[RING + position] = close;
      state[to + POSITION] = next;
      state[to + COUNT] = count;
      state[to + MEAN] = count < period ? Number.NaN : sum / period;
      return true;
    },
  };
}
