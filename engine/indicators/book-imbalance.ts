// Book imbalance, −1 … 1: (bid size − ask size) ÷ (bid size + ask size) at the top of the book as it stands now, not
// smoothed. M. Gould and J. Bonart, Queue Imbalance as a One-Tick-Ahead Price Predictor, Market Microstructure and
// Liquidity 2 (2016).
import { type IndicatorDefinition, isPrice, isSize } from './definition.ts';

const IMBALANCE = 0;
const FRAME = 1;

/** A book with one side only, or with no size on either, is skipped. */
export function bookImbalance(): IndicatorDefinition {
  return {
    name: 'bi',
    drive: 'book',
    outputs: ['bi'],
    warmUp: 1,
    frame: FRAME,
    ring: 0,
    step(state, _from, to, sample) {
      const { bidPrice, bidSize, askPrice, askSize } = sample;
      if (!isPrice(bidPrice) || !isPrice(askPrice) || !isSize(bidSize) || !isSize(askSize)) return false;
      const total = bidSize + askSize;
      if (total === 0) return false;
      state[to + IMBALANCE] = (bidSize - askSize) / total;
      return true;
    },
  };
}
