// What is known of one instrument beyond its folds, as plain numbers, and all of it as a snapshot keeps it.
import type { SavedBars } from './bars/instrument-bars.ts';
import type { SavedFrame } from './indicator-frames.ts';
import type { TradingState } from './market/trading-state.ts';
import type { SavedSequence } from './quality/sequence.ts';
import type { TradePlausibility } from './quality/trade-plausibility.ts';
import type { SavedGivenSignals } from './signals/scoring.ts';

/** Plain numbers, so that a snapshot is a copy. Prices in 1/100 won, times in UTC microseconds of the engine. */
export interface InstrumentValues {
  bid: number;
  ask: number;
  bidSize: number;
  askSize: number;
  bookTimeUs: number;
  /** False in auctions: the book is then no market to trade on. */
  bookInSession: boolean;
  lastPrice: number;
  /** The exchange's own time of the newest trade. */
  lastTradeUs: number;
  /** Since when its trades are registered; 0 where they are not. */
  expectedSinceUs: number;
  lastGapUs: number;
}

export interface SavedInstrument {
  readonly values: InstrumentValues;
  readonly trading: TradingState['values'];
  readonly sequence: SavedSequence;
  readonly plausibility: TradePlausibility['state'];
  readonly features: Float64Array;
  readonly indicators: SavedFrame[];
  readonly bars: SavedBars;
  readonly given: SavedGivenSignals;
}

export function newValues(): InstrumentValues {
  return {
    bid: 0,
    ask: 0,
    bidSize: 0,
    askSize: 0,
    bookTimeUs: 0,
    bookInSession: false,
    lastPrice: 0,
    lastTradeUs: 0,
    expectedSinceUs: 0,
    lastGapUs: 0,
  };
}
