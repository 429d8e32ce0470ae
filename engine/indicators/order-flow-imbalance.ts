// Order-flow imbalance at the top of the book over the last `period` book events, in shares: what was added to the bid
// or taken from the ask, less what was taken from the bid or added to the ask. R. Cont, A. Kukanov and S. Stoikov, The
// Price Impact of Order Book Events, Journal of Financial Econometrics 12 (2014), section 2.1.
import {
  type IndicatorDefinition,
  isPrice,
  isSize,
  type PeriodParameters,
  requirePeriod,
  ringStart,
} from './definition.ts';
import { slide } from './double-double.ts';

const IMBALANCE = 0;
const SUM = 1; // and 2
const BID_PRICE = 3;
const BID_SIZE = 4;
const ASK_PRICE = 5;
const ASK_SIZE = 6;
const POSITION = 7;
const COUNT = 8;
const FRAME = 9;
const RING = ringStart(FRAME);

/** A book with one side only (a price locked at its limit) makes no event: it is skipped. */
export function orderFlowImbalance({ period }: PeriodParameters): IndicatorDefinition {
  const name = `ofi${requirePeriod(period)}`;
  return {
    name,
    drive: 'book',
    outputs: [name],
    warmUp: period + 1,
    frame: FRAME,
    ring: period + 1,
    step(state, from, to, sample) {
      const { bidPrice, bidSize, askPrice, askSize } = sample;
      if (!isPrice(bidPrice) || !isPrice(askPrice) || !isSize(bidSize) || !isSize(askSize)) return false;
      const events = state[from + COUNT]; // this one included, as the first book is no change
      let flow = 0;
      if (events > 0) {
        const bidBefore = state[from + BID_PRICE];
        const askBefore = state[from + ASK_PRICE];
        if (bidPrice >= bidBefore) flow += bidSize;
        if (bidPrice <= bidBefore) flow -= state[from + BID_SIZE];
        if (askPrice <= askBefore) flow -= askSize;
        if (askPrice >= askBefore) flow += state[from + ASK_SIZE];
      }
      const position = state[from + POSITION] | 0;
      const next = position === period ? 0 : position + 1;
      const sum = slide(state, from + SUM, to + SUM, flow, state[RING + next]);
      state[RING + position] = flow;
      state[to + POSITION] = next;
      state[to + BID_PRICE] = bidPrice;
      state[to + BID_SIZE] = bidSize;
      state[to + ASK_PRICE] = askPrice;
      state[to + ASK_SIZE] = askSize;
      state[to + COUNT] = events + 1;
      state[to + IMBALANCE] = events < period ? Number.NaN : sum;
      return true;
    },
  };
}
