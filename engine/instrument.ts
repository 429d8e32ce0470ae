// One instrument inside the state machine: everything that is folded from its records, and the streams it speaks on.
// Pure and synchronous; what crosses instruments is the state machine's.
import { kstDate, kstToUtcUs, US_PER_SECOND } from '../config/calendar.ts';
import { priceScaleOf } from '../config/venues.ts';
import { InstrumentBars } from './bars/instrument-bars.ts';
import { BOOK_LEVELS, type BookColumns, SIDE_BUY, SIDE_SELL, type TradeColumns, type Venue } from './decode/records.ts';
import { OrderBookFeatures } from './features/order-book-features.ts';
import { IndicatorFrames } from './indicator-frames.ts';
import { newValues, type SavedInstrument } from './instrument-state.ts';
import { TradingHours } from './market/trading-hours.ts';
import type { SignalMessage } from './messages.ts';
import { DailyPriceLimits } from './quality/price-limits.ts';
import { type Gap, type SequenceVerdict, TradeSequence } from './quality/sequence.ts';
import { TradePlausibility } from './quality/trade-plausibility.ts';
import type { DailyCloseReference, ReferenceBar } from './reference/reference.ts';
import type { EngineSettings } from './settings.ts';
import { exitOf, PendingScores, scoreOf } from './signals/scoring.ts';
import type { NumberedStream, Streams } from './streams/streams.ts';

const IN_SESSION = '0'.charCodeAt(0);
const SIDES = { [SIDE_BUY]: 'buy', [SIDE_SELL]: 'sell' } as const;

export class Instrument {
  readonly code: string;
  readonly venue: Venue;
  /** `005930.KRX` */
  readonly name: string;
  readonly values = newValues();
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
  readonly bars: InstrumentBars;
  private readonly limits = new DailyPriceLimits();
  private readonly hours: TradingHours;
  /** Parts of the quote currency that a price counts. */
  private readonly scale: number;

  constructor(code: string, venue: Venue, settings: EngineSettings, modelName: string, streams: Streams) {
    this.code = code;
    this.venue = venue;
    this.name = `${code}.${venue}`;
    this.streams = streams;
    this.scale = priceScaleOf(venue);
    this.hours = new TradingHours(venue);
    this.ticks = streams.open('ticks', this.name);
    this.books = streams.open('books', this.name);
    this.predictions = streams.open('predictions', this.name, modelName);
    this.signals = streams.open('signals', this.name);
    this.scores = streams.open('scores', this.name);
    this.indicators = new IndicatorFrames(this.name, settings.timeFrames, streams);
    this.bars = new InstrumentBars({
      instrument: this.name,
      intervals: settings.barIntervals,
      latenessUs: settings.barLatenessMs * 1000,
      streams,
      onBar: (interval, bar) => this.indicators.bar(interval, bar),
    });
  }

  /** Takes a trade. What is implausible or a duplicate changes nothing, and the verdict tells. */
  trade(columns: TradeColumns, record: number, timeUs: number): SequenceVerdict | 'implausible' {
    const date = columns.businessDate[record];
    const second = columns.timeSeconds[record];
    const exchangeTimeUs = kstToUtcUs(date, 0) + second * US_PER_SECOND;
    const plausibility = this.plausibility.judge(columns, record, this.sequence, exchangeTimeUs, timeUs);
    if (plausibility === 'implausible') return plausibility;
    if (plausibility === 'new_beginning') {
      this.sequence.reset();
      this.interrupt(timeUs);
    }
    this.hours.open(date);
    const wholeDay = this.values.expectedSinceUs > 0 && this.values.expectedSinceUs < this.hours.beginUs;
    const verdict = this.sequence.accept(columns, record, this.hours.sessionNumber(second), wholeDay);
    if (verdict === 'duplicate') return verdict;
    this.emitTick(columns, record, timeUs, exchangeTimeUs);
    if (verdict === 'late') this.bars.late(exchangeTimeUs, columns.price[record] / this.scale);
    else this.fold(columns, record, timeUs, exchangeTimeUs, this.missingBefore(columns, record, verdict));
    return verdict;
  }

  /** What was lost in front of the trade; `unknown` where it is the first that came here, or contradicts what came. */
  private missingBefore(columns: TradeColumns, record: number, verdict: SequenceVerdict): Gap | 'unknown' | null {
    switch (verdict) {
      case 'gap':
        return this.sequence.gap;
      case 'first':
        return columns.accumulatedVolume[record] > columns.volume[record] ? 'unknown' : null;
      case 'inconsistent':
      case 'correction':
        return 'unknown';
      default:
        return null;
    }
  }

  /** Into all that looks at trades in their order. */
  private fold(
    columns: TradeColumns,
    record: number,
    timeUs: number,
    exchangeTimeUs: number,
    missing: Gap | 'unknown' | null,
  ): void {
    const { values, indicators } = this;
    const scaled = columns.price[record];
    const price = scaled / this.scale;
    const volume = columns.volume[record];
    const side = columns.side[record];
    values.lastPrice = scaled;
    values.lastTradeUs = exchangeTimeUs;
    values.halted = columns.halted[record] === 1;
    values.outsideLimits = !this.limits.hold(scaled, columns.change[record]);
    if (missing !== null && missing !== 'unknown') {
      values.lastGapUs = timeUs;
      indicators.gap(exchangeTimeUs, missing.shares, missing.turnoverWon);
    }
    this.features.trade(scaled, volume, side === SIDE_BUY ? 1 : side === SIDE_SELL ? -1 : 0, timeUs);
    this.bars.trade(exchangeTimeUs, price, volume, timeUs, missing);
    indicators.trade(exchangeTimeUs, price, volume);
  }

  private emitTick(columns: TradeColumns, record: number, timeUs: number, exchangeTimeUs: number): void {
    this.streams.emit<'ticks'>(this.ticks, {
      seq: 0,
      timeUs,
      exchangeTimeUs,
      price: columns.price[record] / this.scale,
      volume: columns.volume[record],
      side: SIDES[columns.side[record] as 1 | 5] ?? 'none',
      accumulatedVolume: columns.accumulatedVolume[record],
      accumulatedTurnover: columns.accumulatedTurnover[record],
      change: columns.change[record] / this.scale,
    });
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
      bids: levels(columns.bidPrice, columns.bidSize, top, this.scale),
      asks: levels(columns.askPrice, columns.askSize, top, this.scale),
      totalBidSize: columns.totalBidSize[record],
      totalAskSize: columns.totalAskSize[record],
    });
    // What changes while there is no trading, an auction or a night, is no move of a market.
    if (!values.bookInSession || kstDate(timeUs) !== kstDate(previousTimeUs)) this.features.reset();
    if (!values.bookInSession) return;
    this.features.book(columns, record, timeUs);
    this.indicators.book(timeUs, values.bid / this.scale, values.ask / this.scale, values.bidSize, values.askSize);
  }

  /** What time alone does: bars that can take nothing more close, signals reach their horizon. */
  advance(timeUs: number): void {
    this.bars.advance(timeUs);
    while (timeUs >= this.pendingScores.dueUs) {
      const { bid, ask, lastPrice } = this.values;
      const exit = exitOf(bid / this.scale, ask / this.scale, lastPrice / this.scale);
      const score = scoreOf(this.pendingScores.take(), exit);
      this.streams.emit<'scores'>(this.scores, { seq: 0, timeUs, ...score });
    }
  }

  /** Mid of the book in won; 0 where a side is empty. */
  get mid(): number {
    const { bid, ask } = this.values;
    return bid > 0 && ask > 0 ? (bid + ask) / 2 / this.scale : 0;
  }

  /** Engine time at which `advance` has something to do. */
  get dueUs(): number {
    return Math.min(this.pendingScores.dueUs, this.bars.dueUs);
  }

  /** One message for each time frame that changed: the values after the batch's last record. */
  emitIndicators(timeUs: number): void {
    this.bars.bringUpToDate();
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
      sequence: this.sequence.save(),
      plausibility: { ...this.plausibility.state },
      features: this.features.state.slice(),
      indicators: this.indicators.save(),
      bars: this.bars.save(),
      pendingScores: [...this.pendingScores.signals],
      signalTimesUs: [...this.signalTimesUs],
    };
  }

  load(saved: SavedInstrument): void {
    Object.assign(this.values, saved.values);
    this.sequence.load(saved.sequence);
    Object.assign(this.plausibility.state, saved.plausibility);
    this.features.state.set(saved.features);
    this.indicators.load(saved.indicators);
    this.bars.load(saved.bars);
    this.pendingScores.signals.push(...saved.pendingScores);
    this.signalTimesUs.push(...saved.signalTimesUs);
  }

  /** Its trades are registered from here on, or no longer. */
  expect(on: boolean, timeUs: number): void {
    const { values } = this;
    if (!on) values.expectedSinceUs = 0;
    else if (values.expectedSinceUs === 0) values.expectedSinceUs = timeUs;
  }

  /** Records may be missing from here on. The next trade tells what it was; changes of the book are gone for good. */
  interrupt(timeUs: number): void {
    this.values.lastGapUs = timeUs;
    this.features.reset();
    this.bars.interrupt();
    this.indicators.interrupt();
  }

  /** Another feed: its numbers and prices do not continue the last one's. */
  forgetFeed(): void {
    this.sequence.reset();
    this.plausibility.reset();
    this.values.expectedSinceUs = 0;
  }

  /** Minute bars by REST: torn bars are published once more, filled, and the indicators on bars are built from them. */
  minuteBars(minutes: readonly ReferenceBar[], timeUs: number): void {
    for (const { interval, bars } of this.bars.fill(minutes, timeUs)) this.indicators.rebuild(interval, bars);
  }

  /** The totals of a day by REST. @returns what was lost behind its last record, or null */
  closeDay(date: number, { volume, turnoverWon }: DailyCloseReference['rows'][number], timeUs: number): Gap | null {
    if (!this.sequence.closeDay(date, volume, turnoverWon)) return null;
    this.values.lastGapUs = timeUs;
    return this.sequence.gap;
  }
}

function levels(prices: Float64Array, sizes: Float64Array, top: number, scale: number): [number, number][] {
  const filled: [number, number][] = [];
  for (let i = top; i < top + BOOK_LEVELS; i++) {
    if (prices[i] > 0) filled.push([prices[i] / scale, sizes[i]]);
  }
  return filled;
}
