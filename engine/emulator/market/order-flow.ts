// Order arrivals of one instrument. When: a self-exciting (Hawkes) process with an exponential kernel, by thinning.
// What: a queue-reactive draw – limit order, cancellation, market order – that leans with the imbalance of the best
// queues and towards the fair value (after Huang, Lehalle and Rosenbaum, "Simulating and analyzing order book data: the
// queue-reactive model", 2015).
import type { OrderBook } from './order-book.ts';
import { drawSize, type Profile } from './profile.ts';
import type { Random } from './random.ts';

/** Share of each kind of event; the rest are cancellations. */
const MARKET_SHARE = 0.12;
const LIMIT_SHARE = 0.46;
const MIDPOINT_SHARE = 0.004;
/** Trades that a market order makes on average: it fixes how many events a trade needs. */
const TRADES_PER_MARKET_ORDER = 4.4;
/** One in seven market orders is of a limit order's size and may sweep a level. */
const LARGE_ORDER_SHARE = 0.14;
const SWEEP_LEVELS_MAX = 2;
const TRADES_PER_ORDER_MAX = 40;
/** Share of events that others triggered, and how fast the excitement fades, per second. */
const BRANCHING = 0.6;
const EXCITEMENT_DECAY = 4;
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
const US = 1_000_000;

/** Takes the trades of a flow, after the book has changed. */
export interface TradeSink {
  trade(timeUs: number, priceWon: number, size: number, buy: boolean): void;
}

export interface OrderFlowOptions {
  /** Empty: the flow fills it. */
  readonly book: OrderBook;
  /** Index of the best bid to begin with; the best ask is one tick above. */
  readonly bidIndex: number;
  readonly profile: Profile;
  /** Multiplies every rate. */
  readonly activity: number;
  readonly startUs: number;
  readonly random: Random;
  readonly sink: TradeSink;
}

export class OrderFlow {
  /** Where the fair value lies on the book's grid, as a fractional index. */
  fairPosition: number;
  /** Activity of the hour, relative to the day's mean. */
  season = 1;
  /** Resting mid-price interest in shares: positive buys, negative sells. */
  midpointInterest = 0;
  /** What the last event put on (positive) or took off each side, and when. */
  bidSizeChange = 0;
  askSizeChange = 0;
  lastEventUs: number;

  private readonly book: OrderBook;
  private readonly profile: Profile;
  private readonly random: Random;
  private readonly sink: TradeSink;
  /** Events a second without excitement, at season 1. */
  private readonly baseRate: number;
  private readonly excitementPerEvent = BRANCHING * EXCITEMENT_DECAY;
  private excitement: number;
  private excitedAtUs: number;
  /** The next candidate of the thinning, and the rate under which it was drawn. */
  private candidateUs: number;
  private candidateRate = 0;
  /** Direction of the last market order: +1, −1. */
  private habit = 1;

  constructor(options: OrderFlowOptions) {
    const { book, bidIndex, profile, activity, startUs, random, sink } = options;
    this.book = book;
    this.profile = profile;
    this.random = random;
    this.sink = sink;
    const eventsPerSecond = (profile.tradesPerSecond * activity) / (MARKET_SHARE * TRADES_PER_MARKET_ORDER);
    this.baseRate = eventsPerSecond * (1 - BRANCHING);
    this.excitement = eventsPerSecond * BRANCHING;
    this.lastEventUs = startUs;
    this.excitedAtUs = startUs;
    this.candidateUs = startUs;
    this.fairPosition = bidIndex + 0.5;
    this.fillBook(bidIndex);
    this.drawCandidate();
  }

  /** Plays all events before the time. */
  advance(untilUs: number): void {
    while (this.candidateUs < untilUs) {
      const timeUs = this.candidateUs;
      this.excitement *= Math.exp((-EXCITEMENT_DECAY * (timeUs - this.excitedAtUs)) / US);
      this.excitedAtUs = timeUs;
      if (this.random.unit() * this.candidateRate < this.baseRate * this.season + this.excitement) {
        this.excitement += this.excitementPerEvent;
        this.act(timeUs);
      }
      this.drawCandidate();
    }
  }

  private drawCandidate(): void {
    this.candidateRate = this.baseRate * this.season + this.excitement;
    this.candidateUs += Math.max(1, Math.round((this.random.exponential() / this.candidateRate) * US));
  }

  /** Puts orders on every level, fewer near the best prices, as a call auction leaves it. */
  private fillBook(bidIndex: number): void {
    const { book, profile, random } = this;
    for (let index = 0; index < book.prices.length; index++) {
      const distance = index <= bidIndex ? bidIndex - index : index - bidIndex - 1;
      const size = drawSize(profile.queueSize * Math.min(1, 0.5 + 0.2 * distance), random.int32());
      if (index <= bidIndex) book.addBid(index, size);
      else book.addAsk(index, size);
    }
  }

  private act(timeUs: number): void {
    const { book, random } = this;
    const { bidSize, askSize } = book;
    this.bidSizeChange = 0;
    this.askSizeChange = 0;
    this.lastEventUs = timeUs;
    const fairLean = Math.max(-1, Math.min(1, (this.fairPosition - (book.bestBid + book.bestAsk) / 2) * 0.5));
    const imbalance = (bidSize - askSize) / Math.max(1, bidSize + askSize);
    const kind = random.unit();
    if (kind < MARKET_SHARE) this.marketOrder(timeUs, fairLean, imbalance);
    else if (kind < MARKET_SHARE + LIMIT_SHARE) this.limitOrder(fairLean, imbalance);
    else if (kind < MARKET_SHARE + LIMIT_SHARE + MIDPOINT_SHARE) this.midpointOrder(timeUs, fairLean);
    else this.cancellation(fairLean, imbalance);
  }

  private limitOrder(fairLean: number, imbalance: number): void {
    const { book, profile, random } = this;
    const bits = random.int32();
    const size = drawSize(profile.limitSize, bits);
    const spread = book.bestAsk - book.bestBid;
    if (spread > 1 && random.unit() < SPREAD_FILL_SHARE) {
      const buy = random.unit() < 0.5 + LEAN_FILL_FAIR * fairLean + LEAN_FILL_IMBALANCE * imbalance;
      if (buy) this.restBid(book.bestBid + 1, 2 * size);
      else this.restAsk(book.bestAsk - 1, 2 * size);
      return;
    }
    const distance = DISTANCES[(bits >>> 8) & 255];
    const buy = random.unit() < 0.5 + LEAN_LIMIT_FAIR * fairLean;
    if (buy) this.restBid(book.bestBid - distance, size);
    else this.restAsk(book.bestAsk + distance, size);
  }

  private restBid(index: number, size: number): void {
    if (index < 0) return;
    this.book.addBid(index, size);
    this.bidSizeChange += size;
  }

  private restAsk(index: number, size: number): void {
    if (index >= this.book.prices.length) return;
    this.book.addAsk(index, size);
    this.askSizeChange += size;
  }

  /** Queues lose in proportion to what rests in them, which keeps them near their usual size; behind the best price at most half a level goes, so that the ladder has no holes. */
  private cancellation(fairLean: number, imbalance: number): void {
    const { book, profile, random } = this;
    const bits = random.int32();
    const distance = DISTANCES[(bits >>> 8) & 255];
    const ask = random.unit() < 0.5 + LEAN_CANCEL_FAIR * fairLean + LEAN_CANCEL_IMBALANCE * imbalance;
    const index = ask ? book.bestAsk + distance : book.bestBid - distance;
    if (index < 0 || index >= book.prices.length) return;
    const resting = book.sizes[index];
    const fullness = resting / profile.queueSize;
    if (random.unit() > fullness) return;
    // Quotes on the wrong side of the fair value are pulled in larger pieces.
    const flight = ask === fairLean > 0 ? 1 + FLIGHT * Math.abs(fairLean) : 1;
    const wanted = drawSize(profile.limitSize * Math.max(1, fullness) * flight, bits);
    const taken = book.remove(index, distance === 0 ? wanted : Math.min(wanted, resting >> 1));
    if (ask) this.askSizeChange -= taken;
    else this.bidSizeChange -= taken;
  }

  private marketOrder(timeUs: number, fairLean: number, imbalance: number): void {
    const { book, profile, random } = this;
    const lean = LEAN_TRADE_IMBALANCE * imbalance + LEAN_TRADE_FAIR * fairLean + LEAN_TRADE_HABIT * this.habit;
    const buy = random.unit() < 0.5 + lean;
    this.habit = buy ? 1 : -1;
    const large = random.unit() < LARGE_ORDER_SHARE;
    let left = drawSize(large ? profile.limitSize : 2 * profile.tradeSize, random.int32());
    // Resting mid-price interest gives a better price than the book, so it trades first.
    if (this.midpointInterest !== 0 && this.midpointInterest > 0 !== buy) left -= this.tradeMidpoint(timeUs, left, buy);
    for (let trades = 1, levels = 0; left > 0 && levels < SWEEP_LEVELS_MAX; trades++) {
      const index = buy ? book.bestAsk : book.bestBid;
      if (index < 0 || index >= book.prices.length) return;
      const wanted = trades < TRADES_PER_ORDER_MAX ? Math.min(left, drawSize(profile.tradeSize, random.int32())) : left;
      const size = book.remove(index, wanted);
      if (buy) this.askSizeChange -= size;
      else this.bidSizeChange -= size;
      left -= size;
      if (book.sizes[index] === 0) levels++;
      this.sink.trade(timeUs, book.prices[index], size, buy);
    }
  }

  /** A mid-price order meets the interest of the other side or joins its own. */
  private midpointOrder(timeUs: number, fairLean: number): void {
    const { profile, random } = this;
    const buy = random.unit() < 0.5 + LEAN_LIMIT_FAIR * fairLean;
    let left = drawSize(profile.tradeSize * 4, random.int32());
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
    if (book.bestAsk - book.bestBid !== 1 || doubled % 2 !== 0 || book.bidWon === 0 || book.askWon === 0) return 0;
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
