// One instrument inside the state machine: everything that is folded from its records, and the streams it speaks on.
// Pure and synchronous; what crosses instruments is the state machine's.
import { kstDate, kstToUtcUs, US_PER_SECOND } from '../config/calendar.ts';
import { BarBuilder } from './bars/bar-builder.ts';
import {
  BOOK_LEVELS,
  type BookColumns,
  PRICE_SCALE,
  SIDE_BUY,
  SIDE_SELL,
  type TradeColumns,
  type Venue,
} from './decode/records.ts';
import { OrderBookFeatures } from './features/order-book-features.ts';
import { IndicatorFrames, type SavedFrame } from './indicator-frames.ts';
import type { SignalMessage } from './messages.ts';
import { DailyPriceLimits } from './quality/price-limits.ts';
import { type SequenceVerdict, TradeSequence } from './quality/sequence.ts';
import { TradePlausibility } from './quality/trade-plausibility.ts';
import { type EngineSettings, INTERVALS_US, type Interval } from './settings.ts';
import { exitOf, PendingScores, scoreOf } from './signals/scoring.ts';
import type { NumberedStream, Streams } from './streams/streams.ts';

const IN_SESSION = '0'.charCodeAt(0);
const SIDES = { [SIDE_BUY]: 'buy', [SIDE_SELL]: 'sell' } as const;

interface BarState {
  readonly interval: Interval;
  readonly builder: BarBuilder;
  readonly stream: NumberedStream;
}

/** Plain numbers, so that a snapshot is a copy. Prices in 1/100 won, times in UTC microseconds of the engine. */
interface InstrumentValues {
  bid: number;
  ask: number;
  bidSize: number;
  askSize: number;
  bookTimeUs: number;
  /** False in auctions: the book is then no market to trade on. */
  bookInSession: boolean;
  lastPrice: number;
  lastGapUs: number;
  halted: boolean;
  volatilityInterruption: boolean;
  /** The last trade's price cannot be. */
  outsideLimits: boolean;
}

export interface SavedInstrument {
  readonly values: InstrumentValues;
  readonly sequence: TradeSequence['last'];
  readonly plausibility: TradePlausibility['state'];
  readonly features: Float64Array;
  readonly indicators: SavedFrame[];
  readonly bars: {
    readonly interval: Interval;
    readonly forming: BarBuilder['forming'];
    readonly lateTrades: number;
  }[];
  readonly pendingScores: SignalMessage[];
  readonly signalTimesUs: number[];
}

export class Instrument {
  readonly code: string;
  readonly venue: Venue;
  /** `005930.KRX` */
  readonly name: string;
  readonly values: InstrumentValues = {
    bid: 0,
    ask: 0,
    bidSize: 0,
    askSize: 0,
    bookTimeUs: 0,
    bookInSession: false,
    lastPrice: 0,
    lastGapUs: 0,
    halted: false,
    volatilityInterruption: false,
    outsideLimits: false,
  };
  readonly sequence = new TradeSequence();
  readonly plausibility = new TradePlausibility();
  readonly features = new OrderBookFeatures();
  readonly pendingScores = new PendingScores();
  /** Times of the last signals, oldest first, as many as the rate gate looks at. */
  readonly signalTimesUs: number[] = [];
  readonly predictions: NumberedStream;
  readonly signals: NumberedStream;
  /** Set while the instrument awaits its prediction at the end of the batch. */
  touched = false;
  private readonly streams: Streams;
  private readonly ticks: NumberedStream;
  private readonly books: NumberedStream;
  private readonly scores: NumberedStream;
  private readonly indicators: IndicatorFrames;
  readonly bars: BarState[];
  private readonly limits = new DailyPriceLimits();

  constructor(code: string, venue: Venue, settings: EngineSettings, modelName: string, streams: Streams) {
    this.code = code;
    this.venue = venue;
    this.name = `${code}.${venue}`;
    this.streams = streams;
    this.ticks = streams.open('ticks', this.name);
    this.books = streams.open('books', this.name);
    this.predictions = streams.open('predictions', this.name, modelName);
    this.signals = streams.open('signals', this.name);
    this.scores = streams.open('scores', this.name);
    this.indicators = new IndicatorFrames(this.name, settings.timeFrames, streams);
    this.bars = settings.barIntervals.map((interval) => ({
      interval,
      builder: new BarBuilder(INTERVALS_US[interval], settings.barLatenessMs * 1000),
      stream: streams.open('bars', this.name, interval),
    }));
  }

  /** Takes a trade. What is implausible or a duplicate changes nothing, and the verdict tells. */
  trade(columns: TradeColumns, record: number, timeUs: number): SequenceVerdict | 'implausible' {
    const midnightUs = kstToUtcUs(columns.businessDate[record], 0);
    const exchangeTimeUs = midnightUs + columns.timeSeconds[record] * US_PER_SECOND;
    const plausibility = this.plausibility.judge(columns, record, this.sequence, exchangeTimeUs, timeUs);
    if (plausibility === 'implausible') return plausibility;
    if (plausibility === 'new_beginning') {
      this.sequence.reset();
      this.interrupt(timeUs);
    }
    const verdict = this.sequence.accept(columns, record);
    if (verdict === 'duplicate') return verdict;
    const { values } = this;
    const scaled = columns.price[record];
    const price = scaled / PRICE_SCALE;
    const volume = columns.volume[record];
    const side = columns.side[record];
    values.lastPrice = scaled;
    values.halted = columns.halted[record] === 1;
    values.outsideLimits = !this.limits.hold(scaled, columns.change[record]);
    if (verdict === 'gap') values.lastGapUs = timeUs;
    this.streams.emit<'ticks'>(this.ticks, {
      seq: 0,
      timeUs,
      exchangeTimeUs,
      price,
      volume,
      side: SIDES[side as 1 | 5] ?? 'none',
      accumulatedVolume: columns.accumulatedVolume[record],
      accumulatedTurnover: columns.accumulatedTurnover[record],
      change: columns.change[record] / PRICE_SCALE,
    });
    this.features.trade(scaled, volume, side === SIDE_BUY ? 1 : side === SIDE_SELL ? -1 : 0, timeUs);
    // The first record that came here may not be the day's first.
    const missing = verdict === 'gap' || (verdict === 'first' && columns.accumulatedVolume[record] > volume);
    if (missing) this.markBarsIncomplete();
    this.closeBarsBefore(exchangeTimeUs, timeUs);
    if (missing) this.markBarsIncomplete();
    for (const { builder } of this.bars) builder.add(exchangeTimeUs, price, volume);
    this.indicators.trade(exchangeTimeUs, price, volume);
    return verdict;
  }

  /** Takes a ten-level book. */
  book(columns: BookColumns, record: number, timeUs: number): void {
    const { values } = this;
    const top = record * BOOK_LEVELS;
    values.bid = columns.bidPrice[top];
    values.ask = columns.askPrice[top];
    values.bidSize = columns.bidSize[top];
    values.askSize = columns.askSize[top];
    const previousTimeUs = values.bookTimeUs;
    values.bookTimeUs = timeUs;
    values.bookInSession = columns.hourClass[record] === IN_SESSION;
    this.streams.emit<'books'>(this.books, {
      seq: 0,
      timeUs,
      exchangeTimeUs: kstToUtcUs(kstDate(timeUs), 0) + columns.timeSeconds[record] * US_PER_SECOND,
      bids: levels(columns.bidPrice, columns.bidSize, top),
      asks: levels(columns.askPrice, columns.askSize, top),
      totalBidSize: columns.totalBidSize[record],
      totalAskSize: columns.totalAskSize[record],
    });
    // What changes while there is no trading, an auction or a night, is no move of a market.
    if (!values.bookInSession || kstDate(timeUs) !== kstDate(previousTimeUs)) this.features.reset();
    if (!values.bookInSession) return;
    this.features.book(columns, record, timeUs);
    this.indicators.book(timeUs, values.bid / PRICE_SCALE, values.ask / PRICE_SCALE, values.bidSize, values.askSize);
  }

  /** What time alone does: bars that can take nothing more close, signals reach their horizon. */
  advance(timeUs: number): void {
    for (const bar of this.bars) {
      if (timeUs >= bar.builder.dueUs) this.closeBar(bar, timeUs);
    }
    while (timeUs >= this.pendingScores.dueUs) {
      const { bid, ask, lastPrice } = this.values;
      const exit = exitOf(bid / PRICE_SCALE, ask / PRICE_SCALE, lastPrice / PRICE_SCALE);
      const score = scoreOf(this.pendingScores.take(), exit);
      this.streams.emit<'scores'>(this.scores, { seq: 0, timeUs, ...score });
    }
  }

  /** Mid of the book in won; 0 where a side is empty. */
  get mid(): number {
    const { bid, ask } = this.values;
    return bid > 0 && ask > 0 ? (bid + ask) / 2 / PRICE_SCALE : 0;
  }

  /** Engine time at which `advance` has something to do. */
  get dueUs(): number {
    let dueUs = this.pendingScores.dueUs;
    for (const { builder } of this.bars) dueUs = Math.min(dueUs, builder.dueUs);
    return dueUs;
  }

  /** One message for each time frame that changed: the values after the batch's last record. */
  emitIndicators(timeUs: number): void {
    for (const bar of this.bars) this.bringUpToDate(bar);
    this.indicators.emit(timeUs);
  }

  remember(signal: SignalMessage, perMinuteMax: number): void {
    this.pendingScores.signals.push(signal);
    this.signalTimesUs.push(signal.timeUs);
    if (this.signalTimesUs.length > perMinuteMax) this.signalTimesUs.shift();
  }

  save(): SavedInstrument {
    return {
      values: { ...this.values },
      sequence: { ...this.sequence.last },
      plausibility: { ...this.plausibility.state },
      features: this.features.state.slice(),
      indicators: this.indicators.save(),
      bars: this.bars.map(({ interval, builder }) => ({
        interval,
        forming: { ...builder.forming },
        lateTrades: builder.lateTrades,
      })),
      pendingScores: [...this.pendingScores.signals],
      signalTimesUs: [...this.signalTimesUs],
    };
  }

  load(saved: SavedInstrument): void {
    Object.assign(this.values, saved.values);
    Object.assign(this.sequence.last, saved.sequence);
    Object.assign(this.plausibility.state, saved.plausibility);
    this.features.state.set(saved.features);
    this.indicators.load(saved.indicators);
    for (const [i, bar] of saved.bars.entries()) {
      Object.assign(this.bars[i].builder.forming, bar.forming);
      this.bars[i].builder.lateTrades = bar.lateTrades;
    }
    this.pendingScores.signals.push(...saved.pendingScores);
    this.signalTimesUs.push(...saved.signalTimesUs);
  }

  /** Records may be missing from here on: bars lack trades, features would take the hole for one move, signals wait. */
  interrupt(timeUs: number): void {
    this.values.lastGapUs = timeUs;
    this.features.reset();
    this.markBarsIncomplete();
  }

  /** Another feed: its numbers and prices do not continue the last one's. */
  forgetFeed(): void {
    this.sequence.reset();
    this.plausibility.reset();
  }

  private markBarsIncomplete(): void {
    for (const { builder } of this.bars) builder.markIncomplete();
  }

  private closeBarsBefore(exchangeTimeUs: number, timeUs: number): void {
    for (const bar of this.bars) {
      if (bar.builder.endsBefore(exchangeTimeUs)) this.closeBar(bar, timeUs);
    }
  }

  private closeBar(bar: BarState, timeUs: number): void {
    this.bringUpToDate(bar);
    this.streams.emit<'bars'>(bar.stream, { seq: 0, timeUs, ...bar.builder.close() });
  }

  /** Indicators on bars take the forming bar once a batch and when it closes, not with every trade in it. */
  private bringUpToDate({ interval, builder }: BarState): void {
    if (builder.forming.trades > 0) this.indicators.bar(interval, builder.forming);
  }
}

function levels(prices: Float64Array, sizes: Float64Array, top: number): [number, number][] {
  const filled: [number, number][] = [];
  for (let i = top; i < top + BOOK_LEVELS; i++) {
    if (prices[i] > 0) filled.push([prices[i] / PRICE_SCALE, sizes[i]]);
  }
  return filled;
}
