// The one FeatureFold: order-book and trade features of one instrument, for the live engine and for training alike.
// Everything is relative: sizes to sizes, prices to the spread; no price, size or tick value of its own reaches a row,
// so that what is learned on one instrument means the same on another. Every feature is bounded.
//
// The conflation trap: KIS conflates books to about 5 a second and batches trades, so a sum that decays within less
// than a frame is noise live, and a sum normalised by itself alone becomes ±1 after a single event. Hence the decays
// start at one frame's length, and each sum is normalised by itself plus one typical quantity (depth, spread, trade).
import type { BookColumns } from '../decode/records.ts';
import { BOOK_LEVELS } from '../decode/records.ts';
import type { FeatureFold } from './features.ts';

/** Time constants of the decayed sums, in microseconds: about one, five and twenty-five KIS frames. */
const DECAY_US = [200_000, 1_000_000, 5_000_000] as const;
const DECAYS = DECAY_US.length;
/** Time constant of what counts as typical: depth, spread, trade size, interval of books. */
const TYPICAL_US = 10_000_000;
/** Two-sided books before the first row: with two there is one change to learn from, and the rest are ratios. */
const WARM_UP_BOOKS = 2;
/** Logarithms, and distances in spreads, end here. */
const LIMIT = 3;

/** Odd features change their sign when bid and ask (and buyers and sellers) are swapped; even ones stay. */
type Parity = 'odd' | 'even';

const DEFINITIONS: readonly (readonly [name: string, parity: Parity])[] = [
  // Sizes: (bid − ask) / (bid + ask) of the first 1, 3, 5 and 10 levels. Imbalance 1 is also the microprice, which lies
  // imbalance / 2 spreads off the mid. The last two: logarithm of the ratio at the top, levels weighted by nearness.
  ['imbalance_1', 'odd'],
  ['imbalance_3', 'odd'],
  ['imbalance_5', 'odd'],
  ['imbalance_10', 'odd'],
  ['log_imbalance_1', 'odd'],
  ['near_imbalance', 'odd'],
  // Prices: empty room above the best ask against room below the best bid, to the second and to the fifth level.
  ['room_2', 'odd'],
  ['room_5', 'odd'],
  // Imbalance 1 against its own mean of the last second and the last five: has it just turned?
  ['imbalance_turn_1s', 'odd'],
  ['imbalance_turn_5s', 'odd'],
  // Order-flow imbalance of the best quotes (Cont, Kukanov and Stoikov 2014) over its absolute value and depth.
  ['order_flow_200ms', 'odd'],
  ['order_flow_1s', 'odd'],
  ['order_flow_5s', 'odd'],
  // Moves of the mid over their absolute value and the spread.
  ['return_200ms', 'odd'],
  ['return_1s', 'odd'],
  ['return_5s', 'odd'],
  // Signs of trades over their number, and signed volume over volume.
  ['trade_sign_200ms', 'odd'],
  ['trade_sign_1s', 'odd'],
  ['trade_sign_5s', 'odd'],
  ['trade_volume_200ms', 'odd'],
  ['trade_volume_1s', 'odd'],
  ['trade_volume_5s', 'odd'],
  // The last trade since the newest book against its mid, in spreads: books and trades come in frames of their own, and
  // a trade outside the known quotes shows the next book before it comes.
  ['trade_outside', 'odd'],
  // The regime, as logarithms: spread and depth at the top, now over typical; how often books come (conflated or not).
  ['spread_level', 'even'],
  ['depth_level', 'even'],
  ['book_interval', 'even'],
];

export const FEATURE_NAMES: readonly string[] = DEFINITIONS.map(([name]) => name);
/** Row × these signs = the row of the mirrored market (bid and ask swapped, prices reflected, buys become sells). */
export const MIRROR_SIGNS: Int8Array = Int8Array.from(DEFINITIONS, ([, parity]) => (parity === 'odd' ? -1 : 1));

// The state, slot by slot.
const BOOKS = 0; // two-sided books in a row
const TIME_US = 1; // up to which all sums are decayed
const BOOK_TIME_US = 2;
const BID = 3;
const ASK = 4;
const BID_SIZE = 5;
const ASK_SIZE = 6;
const TYPICAL_DEPTH = 7;
const TYPICAL_SPREAD = 8;
const TYPICAL_TRADE = 9;
const TYPICAL_INTERVAL_US = 10;
const MEAN_IMBALANCE = 11; // two slots: 1 s and 5 s
const TRADE_OUTSIDE = 13;
const BOOK_FEATURES = 14; // the odd ones that only a new book changes
const BOOK_FEATURE_COUNT = 8;
const SUMS = BOOK_FEATURES + BOOK_FEATURE_COUNT;
const FLOW = SUMS; // sums below: DECAYS slots each, in the order of DECAY_US
const FLOW_SIZE = SUMS + DECAYS;
const MOVE = SUMS + 2 * DECAYS;
const MOVE_SIZE = SUMS + 3 * DECAYS;
const TRADE = SUMS + 4 * DECAYS;
const TRADE_COUNT = SUMS + 5 * DECAYS;
const VOLUME = SUMS + 6 * DECAYS;
const VOLUME_SIZE = SUMS + 7 * DECAYS;
const SUM_COUNT = 8;
const STATE_LENGTH = SUMS + SUM_COUNT * DECAYS;

export class OrderBookFeatures implements FeatureFold {
  readonly names = FEATURE_NAMES;
  readonly state = new Float64Array(STATE_LENGTH);

  book(columns: BookColumns, record: number, timeUs: number): void {
    const { state } = this;
    const top = record * BOOK_LEVELS;
    const bid = columns.bidPrice[top];
    const ask = columns.askPrice[top];
    const bidSize = columns.bidSize[top];
    const askSize = columns.askSize[top];
    if (!(bid > 0 && ask > bid && bidSize > 0 && askSize > 0)) {
      // One-sided, crossed (an auction) or empty: what came before it says nothing about what comes after.
      this.reset();
      return;
    }
    this.decayTo(timeUs);
    const spread = ask - bid;
    const depth = (bidSize + askSize) / 2;
    if (state[BOOKS] === 0) {
      state[TYPICAL_DEPTH] = depth;
      state[TYPICAL_SPREAD] = spread;
      state[MEAN_IMBALANCE] = state[MEAN_IMBALANCE + 1] = imbalance(bidSize, askSize);
    } else {
      this.addChange(bid, ask, bidSize, askSize, timeUs);
    }
    state[BID] = bid;
    state[ASK] = ask;
    state[BID_SIZE] = bidSize;
    state[ASK_SIZE] = askSize;
    state[BOOK_TIME_US] = timeUs;
    state[TRADE_OUTSIDE] = 0;
    state[BOOKS] = Math.min(state[BOOKS] + 1, WARM_UP_BOOKS);
    this.readLevels(columns, top, spread);
  }

  trade(price: number, volume: number, sign: number, timeUs: number): void {
    const { state } = this;
    if (state[BOOKS] === 0 || !(volume > 0)) return;
    this.decayTo(timeUs);
    state[TRADE_OUTSIDE] = bounded((price - (state[BID] + state[ASK]) / 2) / (state[ASK] - state[BID]));
    // A running mean over about 64 trades: trades cluster, so a mean in time would follow every burst.
    state[TYPICAL_TRADE] += state[TYPICAL_TRADE] === 0 ? volume : (volume - state[TYPICAL_TRADE]) / 64;
    for (let d = 0; d < DECAYS; d++) {
      state[TRADE + d] += sign;
      state[TRADE_COUNT + d] += 1;
      state[VOLUME + d] += sign * volume;
      state[VOLUME_SIZE + d] += volume;
    }
  }

  write(row: Float32Array, offset: number, timeUs: number): boolean {
    const { state } = this;
    if (state[BOOKS] < WARM_UP_BOOKS) return false;
    this.decayTo(timeUs);
    const depth = state[TYPICAL_DEPTH];
    const spread = state[TYPICAL_SPREAD];
    let at = offset;
    for (let f = 0; f < BOOK_FEATURE_COUNT; f++) row[at++] = state[BOOK_FEATURES + f];
    const top = state[BOOK_FEATURES];
    row[at++] = top - state[MEAN_IMBALANCE];
    row[at++] = top - state[MEAN_IMBALANCE + 1];
    for (let d = 0; d < DECAYS; d++) row[at++] = state[FLOW + d] / (state[FLOW_SIZE + d] + depth);
    for (let d = 0; d < DECAYS; d++) row[at++] = state[MOVE + d] / (state[MOVE_SIZE + d] + spread);
    for (let d = 0; d < DECAYS; d++) row[at++] = state[TRADE + d] / (state[TRADE_COUNT + d] + 1);
    const trade = state[TYPICAL_TRADE];
    for (let d = 0; d < DECAYS; d++) {
      row[at++] = trade === 0 ? 0 : state[VOLUME + d] / (state[VOLUME_SIZE + d] + trade);
    }
    row[at++] = state[TRADE_OUTSIDE];
    row[at++] = boundedLog((state[ASK] - state[BID]) / spread);
    row[at++] = boundedLog((state[BID_SIZE] + state[ASK_SIZE]) / (2 * depth));
    row[at++] = state[TYPICAL_INTERVAL_US] === 0 ? 0 : boundedLog(state[TYPICAL_INTERVAL_US] / DECAY_US[0]);
    return true;
  }

  reset(): void {
    this.state.fill(0);
  }

  /** What changed from the previous book to this one: flow, move, and the typical values, weighted by time held. */
  private addChange(bid: number, ask: number, bidSize: number, askSize: number, timeUs: number): void {
    const { state } = this;
    const lastBid = state[BID];
    const lastAsk = state[ASK];
    const bidFlow = (bid >= lastBid ? bidSize : 0) - (bid <= lastBid ? state[BID_SIZE] : 0);
    const askFlow = (ask <= lastAsk ? askSize : 0) - (ask >= lastAsk ? state[ASK_SIZE] : 0);
    const flow = bidFlow - askFlow;
    const flowSize = Math.abs(bidFlow) + Math.abs(askFlow);
    const move = (bid - lastBid + (ask - lastAsk)) / 2;
    for (let d = 0; d < DECAYS; d++) {
      state[FLOW + d] += flow;
      state[FLOW_SIZE + d] += flowSize;
      state[MOVE + d] += move;
      state[MOVE_SIZE + d] += Math.abs(move);
    }
    const intervalUs = timeUs - state[BOOK_TIME_US];
    if (intervalUs <= 0) return;
    state[TYPICAL_INTERVAL_US] +=
      state[TYPICAL_INTERVAL_US] === 0
        ? intervalUs
        : (intervalUs - state[TYPICAL_INTERVAL_US]) * -Math.expm1(-intervalUs / TYPICAL_US);
  }

  /** Brings sums and means forward: sums decay, means move towards the quotes that stood since then. */
  private decayTo(timeUs: number): void {
    const { state } = this;
    const elapsedUs = timeUs - state[TIME_US];
    if (elapsedUs <= 0) return;
    state[TIME_US] = timeUs;
    if (state[BOOKS] === 0) return;
    for (let d = 0; d < DECAYS; d++) {
      const kept = Math.exp(-elapsedUs / DECAY_US[d]);
      for (let sum = SUMS + d; sum < STATE_LENGTH; sum += DECAYS) state[sum] *= kept;
      if (d > 0) {
        const mean = MEAN_IMBALANCE + d - 1;
        const now = state[BOOK_FEATURES];
        state[mean] = now + (state[mean] - now) * kept;
      }
    }
    const kept = Math.exp(-elapsedUs / TYPICAL_US);
    const depth = (state[BID_SIZE] + state[ASK_SIZE]) / 2;
    const spread = state[ASK] - state[BID];
    state[TYPICAL_DEPTH] = depth + (state[TYPICAL_DEPTH] - depth) * kept;
    state[TYPICAL_SPREAD] = spread + (state[TYPICAL_SPREAD] - spread) * kept;
  }

  private readLevels(columns: BookColumns, top: number, spread: number): void {
    const { state } = this;
    const { bidPrice, bidSize, askPrice, askSize } = columns;
    const bid = bidPrice[top];
    const ask = askPrice[top];
    let bids = 0;
    let asks = 0;
    let nearBids = 0;
    let nearAsks = 0;
    for (let level = 0; level < BOOK_LEVELS; level++) {
      const bidHere = bidPrice[top + level] > 0 ? bidSize[top + level] : 0;
      const askHere = askPrice[top + level] > 0 ? askSize[top + level] : 0;
      bids += bidHere;
      asks += askHere;
      if (bidHere > 0) nearBids += (bidHere * spread) / (spread + bid - bidPrice[top + level]);
      if (askHere > 0) nearAsks += (askHere * spread) / (spread + askPrice[top + level] - ask);
      if (level === 0) state[BOOK_FEATURES] = imbalance(bids, asks);
      else if (level === 2) state[BOOK_FEATURES + 1] = imbalance(bids, asks);
      else if (level === 4) state[BOOK_FEATURES + 2] = imbalance(bids, asks);
    }
    state[BOOK_FEATURES + 3] = imbalance(bids, asks);
    state[BOOK_FEATURES + 4] = bounded(Math.log(bidSize[top]) - Math.log(askSize[top]));
    state[BOOK_FEATURES + 5] = imbalance(nearBids, nearAsks);
    state[BOOK_FEATURES + 6] = room(columns, top, 1);
    state[BOOK_FEATURES + 7] = room(columns, top, 4);
  }
}

function imbalance(bid: number, ask: number): number {
  return (bid - ask) / (bid + ask);
}

/** Room above the best ask against room below the best bid, as far as `level`; 0 where either level is empty. */
function room(columns: BookColumns, top: number, level: number): number {
  const bid = columns.bidPrice[top + level];
  const ask = columns.askPrice[top + level];
  if (!(bid > 0 && ask > 0)) return 0;
  const above = ask - columns.askPrice[top];
  const below = columns.bidPrice[top] - bid;
  return above + below > 0 ? (above - below) / (above + below) : 0;
}

function bounded(value: number): number {
  return Math.max(-LIMIT, Math.min(LIMIT, value));
}

function boundedLog(ratio: number): number {
  return bounded(Math.log(ratio));
}
