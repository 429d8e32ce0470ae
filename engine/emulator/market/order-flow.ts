// What arrives at one book: a queue-reactive draw – limit order, cancellation, market order – that leans with the
// imbalance of the best queues and towards the fair value (after Huang, Lehalle and Rosenbaum, "Simulating and analyzing
// order book data: the queue-reactive model", 2015). When it arrives is `arrivals.ts`.
import type { OrderBook } from './order-book.ts';
import { drawSize, type Profile } from './profile.ts';
import type { Random } from './random.ts';
import { NO_BOUNDS, type TradeBounds } from './trade-bounds.ts';

/** Share of each kind of event; the rest are cancellations. */
const MARKET_SHARE = 0.12;
const LIMIT_SHARE = 0.46;
const MIDPOINT_SHARE = 0.004;
/** Trades that a market order makes on average: it fixes how many events a trade needs. */
const TRADES_PER_MARKET_ORDER = 4.4;
/** Events that one trade a second needs. */
export const EVENTS_PER_TRADE = 1 / (MARKET_SHARE * TRADES_PER_MARKET_ORDER);
/** One in seven market orders is of a limit order's size and may sweep a level. */
const LARGE_ORDER_SHARE = 0.14;
const SWEEP_LEVELS_MAX = 2;
const TRADES_PER_ORDER_MAX = 40;
/** An order sent on to another venue takes so many usual trades there; it is withdrawn if it would still cross. */
const ROUTED_TRADES = 4;
/** While the spread is wider than a tick, so many of the limit orders step into it. */
const SPREAD_FILL_SHARE = 0.35;
/** Orders further from the best than this are rare and left out. */
const DISTANCES = distances(0.72, 13, 256);

/** Leanings, each a change of the probability of the buying side. */
const LEAN_TRADE_IMBALANCE = 0.38;
const LEAN_TRADE_FAIR = 0.3;
const LEAN_TRADE_HABIT = 0.12;
const LEAN_LIMIT_FAIR = 0.3;
const LEAN_CANCEL_IMBALANCE = 0.1;
const LEAN_CANCEL_FAIR = 0.3;
const LEAN_FILL_FAIR = 0.42;
const LEAN_FILL_IMBALANCE = 0.2;
/** How much larger cancellations become when the fair value has run two ticks away. */
const FLIGHT = 5;
/** Of the market orders under pressure, so many go its way, and they are this much larger. */
const PRESSED_SHARE = 0.93;
const PRESSED_SIZE = 6;

/** Takes the trades of a flow, after the book has changed. */
export interface TradeSink {
  trade(timeUs: number, priceWon: number, size: number, buy: boolean): void;
  /** An order would trade outside the bounds: it stops there. */
  outOfBounds(timeUs: number): void;
}

export interface OrderFlowOptions {
  readonly book: OrderBook;
  readonly profile: Profile;
  readonly random: Random;
  readonly sink: TradeSink;
}

export class OrderFlow {
  /** Where the fair value lies on the book's grid, as a fractional index. */
  fairPosition = 0;
  /** Resting mid-price interest in shares: positive buys, negative sells. */
  midpointInterest = 0;
  /** What the last event put on (positive) or took off each side, and when. */
  bidSizeChange = 0;
  askSizeChange = 0;
  lastEventUs = 0;
  /** In a call auction orders match in advance, at no midpoint, and within no bounds. */
  auction = false;
  /** Whether mid-price orders are allowed. */
  midpoints = true;
  /** +1: buyers take all there is, up to the limit; −1: sellers; 0: a usual market. */
  pressure: -1 | 0 | 1 = 0;
  /** Last trade's price. */
  referenceWon = 0;
  bounds: TradeBounds = NO_BOUNDS;
  /** The same stock's flow at another venue, while both trade: an order that would cross its quotes trades there. */
  elsewhere: OrderFlow | undefined;

  private readonly book: OrderBook;
  private readonly profile: Profile;
  private readonly random: Random;
  private readonly sink: TradeSink;
  /** Direction of the last market order: +1, −1. */
  private habit = 1;

  constructor({ book, profile, random, sink }: OrderFlowOptions) {
    this.book = book;
    this.profile = profile;
    this.random = random;
    this.sink = sink;
  }

  /** Puts orders on every level around a new book's best bid, fewer near the best prices, as a call auction leaves it. */
  fillBook(bidIndex: number, timeUs: number): void {
    const { book, profile, random } = this;
    book.clear();
    this.midpointInterest = 0;
    this.beginOrder(timeUs);
    for (let index = 0; index < book.prices.length; index++) {
      const distance = index <= bidIndex ? bidIndex - index : index - bidIndex - 1;
      const size = drawSize(profile.queueSize * Math.min(1, 0.5 + 0.2 * distance), random.int32());
      if (index <= bidIndex) book.addBid(index, size);
      else book.addAsk(index, size);
    }
  }

  /** One order or cancellation. */
  act(timeUs: number): void {
    const { book, random } = this;
    const { bidSize, askSize } = book;
    this.beginOrder(timeUs);
    const fairLean = Math.max(-1, Math.min(1, (this.fairPosition - (book.bestBid + book.bestAsk) / 2) * 0.5));
    const lean = this.pressure === 0 ? fairLean : this.pressure;
    const imbalance = (bidSize - askSize) / Math.max(1, bidSize + askSize);
    const kind = random.unit();
    if (kind < MARKET_SHARE) this.marketOrder(timeUs, lean, imbalance);
    else if (kind < MARKET_SHARE + LIMIT_SHARE) this.limitOrder(timeUs, lean, imbalance);
    else if (kind < MARKET_SHARE + LIMIT_SHARE + MIDPOINT_SHARE) this.midpointOrder(timeUs, lean);
    else this.cancellation(lean, imbalance);
  }

  /** Trades up to `wanted` shares through at most so many levels, no further than `lastIndex`; returns what was left. */
  sweep(timeUs: number, buy: boolean, wanted: number, levelsMax: number, lastIndex = buy ? 1e9 : 0): number {
    const { book, profile, random, bounds, referenceWon } = this;
    const { dynamicPercent, staticLowerWon, staticUpperWon } = this.auction ? NO_BOUNDS : bounds;
    const lowerWon = Math.max(staticLowerWon, (referenceWon * (100 - dynamicPercent)) / 100);
    const upperWon = Math.min(staticUpperWon, (referenceWon * (100 + dynamicPercent)) / 100);
    let left = wanted;
    for (let trades = 1, levels = 0; left > 0 && levels < levelsMax; trades++) {
      const index = buy ? book.bestAsk : book.bestBid;
      if (index < 0 || index >= book.prices.length || (buy ? index > lastIndex : index < lastIndex)) break;
      const priceWon = book.prices[index];
      if (priceWon >= upperWon || priceWon <= lowerWon) {
        this.sink.outOfBounds(timeUs);
        // The rest of the order goes into the auction that this has begun.
        return this.auction ? this.sweep(timeUs, buy, left, levelsMax, lastIndex) : left;
      }
      const print = trades < TRADES_PER_ORDER_MAX ? Math.min(left, drawSize(profile.tradeSize, random.int32())) : left;
      const size = book.remove(index, print);
      if (buy) this.askSizeChange -= size;
      else this.bidSizeChange -= size;
      left -= size;
      if (book.sizes[index] === 0) levels++;
      this.sink.trade(timeUs, priceWon, size, buy);
    }
    return left;
  }

  /** One order that takes all there is up to an index. */
  strike(timeUs: number, buy: boolean, lastIndex: number): void {
    const { sizes, bestBid, bestAsk } = this.book;
    const resting = buy ? sizes.subarray(bestAsk, lastIndex + 1) : sizes.subarray(lastIndex, bestBid + 1);
    this.beginOrder(timeUs);
    this.sweep(
      timeUs,
      buy,
      resting.reduce((sum, size) => sum + size, 0),
      resting.length,
      lastIndex,
    );
  }

  private beginOrder(timeUs: number): void {
    this.bidSizeChange = 0;
    this.askSizeChange = 0;
    this.lastEventUs = timeUs;
  }

  private limitOrder(timeUs: number, lean: number, imbalance: number): void {
    const { book, profile, random } = this;
    const bits = random.int32();
    const size = drawSize(profile.limitSize, bits);
    const spread = book.bestAsk - book.bestBid;
    if (spread > 1 && random.unit() < SPREAD_FILL_SHARE) {
      const buy = random.unit() < 0.5 + LEAN_FILL_FAIR * lean + LEAN_FILL_IMBALANCE * imbalance;
      if (buy) this.restBid(timeUs, book.bestBid + 1, 2 * size);
      else this.restAsk(timeUs, book.bestAsk - 1, 2 * size);
      return;
    }
    const distance = DISTANCES[(bits >>> 8) & 255];
    const buy = random.unit() < 0.5 + LEAN_LIMIT_FAIR * lean;
    if (buy) this.restBid(timeUs, book.bestBid - distance, size);
    else this.restAsk(timeUs, book.bestAsk + distance, size);
  }

  private restBid(timeUs: number, index: number, wanted: number): void {
    if (index < 0) return;
    const { elsewhere } = this;
    let size = wanted;
    if (elsewhere !== undefined && index >= elsewhere.book.bestAsk) {
      size = elsewhere.takeRouted(timeUs, true, wanted, index);
      if (size === 0 || index >= elsewhere.book.bestAsk) return;
    }
    this.book.addBid(index, size);
    this.bidSizeChange += size;
  }

  private restAsk(timeUs: number, index: number, wanted: number): void {
    if (index >= this.book.prices.length) return;
    const { elsewhere } = this;
    let size = wanted;
    if (elsewhere !== undefined && index <= elsewhere.book.bestBid) {
      size = elsewhere.takeRouted(timeUs, false, wanted, index);
      if (size === 0 || index <= elsewhere.book.bestBid) return;
    }
    this.book.addAsk(index, size);
    this.askSizeChange += size;
  }

  /** An order that another venue's router sends here, a part of it; returns what is left of the whole. */
  private takeRouted(timeUs: number, buy: boolean, size: number, lastIndex: number): number {
    this.beginOrder(timeUs);
    const routed = Math.min(size, ROUTED_TRADES * this.profile.tradeSize);
    return size - routed + this.sweep(timeUs, buy, routed, SWEEP_LEVELS_MAX, lastIndex);
  }

  /** Queues lose in proportion to what rests in them, which keeps them near their usual size; behind the best price at most half a level goes, so that the ladder has no holes. */
  private cancellation(lean: number, imbalance: number): void {
    const { book, profile, random } = this;
    const bits = random.int32();
    const distance = DISTANCES[(bits >>> 8) & 255];
    const ask = random.unit() < 0.5 + LEAN_CANCEL_FAIR * lean + LEAN_CANCEL_IMBALANCE * imbalance;
    const index = ask ? book.bestAsk + distance : book.bestBid - distance;
    if (index < 0 || index >= book.prices.length) return;
    const resting = book.sizes[index];
    const fullness = resting / profile.queueSize;
    if (random.unit() > fullness) return;
    // Quotes on the wrong side of the fair value are pulled in larger pieces.
    const flight = ask === lean > 0 ? 1 + FLIGHT * Math.abs(lean) : 1;
    const wanted = drawSize(profile.limitSize * Math.max(1, fullness) * flight, bits);
    const taken = book.remove(index, distance === 0 ? wanted : Math.min(wanted, resting >> 1));
    if (ask) this.askSizeChange -= taken;
    else this.bidSizeChange -= taken;
  }

  private marketOrder(timeUs: number, fairLean: number, imbalance: number): void {
    const { book, profile, random, pressure, elsewhere } = this;
    const lean = LEAN_TRADE_IMBALANCE * imbalance + LEAN_TRADE_FAIR * fairLean + LEAN_TRADE_HABIT * this.habit;
    const towards = pressure === 0 ? 0.5 + lean : pressure > 0 ? PRESSED_SHARE : 1 - PRESSED_SHARE;
    const buy = random.unit() < towards;
    this.habit = buy ? 1 : -1;
    const large = random.unit() < LARGE_ORDER_SHARE;
    const pressed = pressure !== 0 && buy === pressure > 0;
    const mean = pressed ? PRESSED_SIZE * profile.limitSize : large ? profile.limitSize : 2 * profile.tradeSize;
    let left = drawSize(mean, random.int32());
    // Resting mid-price interest gives a better price than the book, so it trades first.
    if (this.midpointInterest !== 0 && this.midpointInterest > 0 !== buy) left -= this.tradeMidpoint(timeUs, left, buy);
    // Who must have it goes where it is cheapest, so that no venue runs away from the other.
    const lastIndex = pressed ? (buy ? elsewhere?.book.bestAsk : elsewhere?.book.bestBid) : undefined;
    left = this.sweep(timeUs, buy, left, SWEEP_LEVELS_MAX, lastIndex);
    // At the limit, what finds no other side waits in the queue.
    const limit = buy ? book.prices.length - 1 : 0;
    if (pressed && left > 0 && (buy ? book.bestAsk > limit : book.bestBid < 0)) {
      if (buy) this.restBid(timeUs, limit, left);
      else this.restAsk(timeUs, limit, left);
    }
  }

  /** A mid-price order meets the interest of the other side or joins its own. */
  private midpointOrder(timeUs: number, fairLean: number): void {
    const { profile, random } = this;
    const buy = random.unit() < 0.5 + LEAN_LIMIT_FAIR * fairLean;
    let left = drawSize(profile.tradeSize * 4, random.int32());
    if (this.auction || !this.midpoints) return;
    if (this.midpointInterest !== 0 && this.midpointInterest > 0 !== buy) left -= this.tradeMidpoint(timeUs, left, buy);
    if (this.midpointInterest === 0 || this.midpointInterest > 0 === buy) {
      const interest = this.midpointInterest + (buy ? left : -left);
      this.midpointInterest = Math.max(-profile.limitSize, Math.min(profile.limitSize, interest));
      this.book.revision++;
    }
  }

  /** Trades with the resting mid-price interest where the midpoint is half a tick and whole won; returns the shares. */
  private tradeMidpoint(timeUs: number, wanted: number, buy: boolean): number {
    const { book } = this;
    const doubled = book.bidWon + book.askWon;
    if (
      this.auction ||
      book.bestAsk - book.bestBid !== 1 ||
      doubled % 2 !== 0 ||
      book.bidWon === 0 ||
      book.askWon === 0
    )
      return 0;
    const size = Math.min(wanted, Math.abs(this.midpointInterest));
    this.midpointInterest += buy ? size : -size;
    book.revision++;
    this.sink.trade(timeUs, doubled / 2, size, buy);
    return size;
  }
}

/** Quantiles of a geometric distribution of the distance from the best price, in ticks. */
function distances(ratio: number, max: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, index) => {
    const distance = Math.floor(Math.log(1 - (index + 0.5) / count) / Math.log(ratio));
    return Math.min(max, distance);
  });
}
