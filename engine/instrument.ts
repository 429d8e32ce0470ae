// One instrument inside the state machine: everything that is folded from its records, and the streams it speaks on.
// Pure and synchronous; what crosses instruments is the state machine's.
import { kstDate, kstToUtcUs } from '../config/calendar.ts';
import { isDomestic, priceScaleOf } from '../config/venues.ts';
import { InstrumentBars } from './bars/instrument-bars.ts';
import {
  BOOK_LEVELS,
  type BookColumns,
  HOUR_CLASS_IN_SESSION,
  type MarketStatusRecord,
  SIDE_BUY,
  SIDE_SELL,
  type TradeColumns,
  type Venue,
} from './decode/records.ts';
import { OrderBookFeatures } from './features/order-book-features.ts';
import { IndicatorFrames } from './indicator-frames.ts';
import { bookMessage, tickMessage } from './instrument-messages.ts';
import { newValues, type SavedInstrument } from './instrument-state.ts';
import type { MarketPlace } from './market/market-place.ts';
import { TradingHours } from './market/trading-hours.ts';
import type { TradingState } from './market/trading-state.ts';
import type { QualityContext } from './quality/context.ts';
import type { InstrumentQuality } from './quality/instrument-quality.ts';
import type { Quality } from './quality/quality.ts';
import { type Gap, type SequenceVerdict, TradeSequence } from './quality/sequence.ts';
import { TradePlausibility } from './quality/trade-plausibility.ts';
import type { ReferenceBar } from './reference/reference.ts';
import type { EngineSettings } from './settings.ts';
import { exitOf, GivenSignals, scoreOf } from './signals/scoring.ts';
import type { NumberedStream, Streams } from './streams/streams.ts';

export type TradeVerdict = SequenceVerdict | 'implausible';

export interface InstrumentOptions {
  readonly code: string;
  readonly venue: Venue;
  readonly settings: EngineSettings;
  readonly modelName: string;
  readonly streams: Streams;
  readonly marketPlace: MarketPlace;
  readonly quality: Quality;
}

export class Instrument {
  readonly code: string;
  readonly venue: Venue;
  readonly name: string;
  readonly values = newValues();
  readonly sequence = new TradeSequence();
  readonly plausibility = new TradePlausibility();
  readonly features = new OrderBookFeatures();
  readonly trading: TradingState;
  readonly quality: InstrumentQuality;
  readonly given = new GivenSignals();
  readonly predictions: NumberedStream;
  readonly signals: NumberedStream;
  /** Its place among all instruments, given where it is made. */
  number = -1;
  /** Set while the instrument awaits its prediction at the end of the batch. */
  touched = false;
  private readonly streams: Streams;
  private readonly ticks: NumberedStream;
  private readonly books: NumberedStream;
  private readonly scores: NumberedStream;
  private readonly market: NumberedStream;
  private readonly indicators: IndicatorFrames;
  readonly bars: InstrumentBars;
  private readonly hours: TradingHours;
  private readonly entry: QualityContext;
  /** Parts of the quote currency that a price counts. */
  private readonly scale: number;

  constructor({ code, venue, settings, modelName, streams, marketPlace, quality }: InstrumentOptions) {
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
    this.market = streams.open('market', this.name);
    this.trading = marketPlace.tradingState(code, venue);
    this.quality = quality.instrument(code, venue);
    this.entry = quality.context;
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
  trade(columns: TradeColumns, record: number, exchangeTimeUs: number, timeUs: number): TradeVerdict {
    const { hours, values } = this;
    let isMidDay = false;
    if (isDomestic(this.venue)) {
      const plausibility = this.plausibility.judge(columns, record, this.sequence, exchangeTimeUs, timeUs);
      if (plausibility === 'implausible') {
        this.quality.implausible(columns, record, this.context(exchangeTimeUs));
        return plausibility;
      }
      if (plausibility === 'new_beginning') {
        isMidDay = this.sequence.last.businessDate === columns.businessDate[record];
        this.sequence.reset();
        this.interrupt(timeUs);
      }
    }
    hours.open(columns.businessDate[record]);
    const wholeDay = !isMidDay && values.expectedSinceUs > 0 && values.expectedSinceUs < hours.beginUs;
    const session = hours.sessionNumber(columns.timeSeconds[record]);
    const verdict = this.sequence.accept(columns, record, session, wholeDay);
    const isNew = verdict !== 'duplicate';
    if (isNew) this.tellMarket(this.trading.trade(columns.hourClass[record], columns.halted[record], timeUs), timeUs);
    this.quality.trade(columns, record, verdict, this.sequence.gap, this.context(exchangeTimeUs));
    if (!isNew) return verdict;
    const tick = tickMessage(columns, record, this.venue, timeUs, exchangeTimeUs);
    this.streams.emit<'ticks'>(this.ticks, tick);
    if (verdict === 'late') this.bars.late(exchangeTimeUs, tick.price);
    else this.fold(columns, record, timeUs, exchangeTimeUs, this.sequence.missingBefore(columns, record, verdict));
    return verdict;
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
    let lost = missing;
    if (lost !== null && lost !== 'unknown') {
      values.lastGapUs = timeUs;
      // Only here turnover is price times volume in won; elsewhere what was lost counts at the price that shows it.
      if (!isDomestic(this.venue)) lost = { ...lost, turnoverWon: lost.shares * price };
      indicators.gap(exchangeTimeUs, lost.shares, lost.turnoverWon);
    }
    this.features.trade(scaled, volume, side === SIDE_BUY ? 1 : side === SIDE_SELL ? -1 : 0, timeUs);
    this.bars.trade(exchangeTimeUs, price, volume, timeUs, lost);
    indicators.trade(exchangeTimeUs, price, volume);
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
    values.bookInSession = columns.hourClass[record] === HOUR_CLASS_IN_SESSION;
    this.tellMarket(this.trading.book(columns.hourClass[record], timeUs), timeUs);
    const exchangeTimeUs = kstToUtcUs(kstDate(timeUs), columns.timeSeconds[record]);
    this.streams.emit<'books'>(this.books, bookMessage(columns, record, this.venue, timeUs, exchangeTimeUs));
    this.quality.book(columns, record, this.context(exchangeTimeUs));
    // What changes while there is no trading, an auction or a night, is no move of a market.
    if (!values.bookInSession || kstDate(timeUs) !== kstDate(previousTimeUs)) this.features.reset();
    if (!values.bookInSession) return;
    this.features.book(columns, record, timeUs);
    this.indicators.book(timeUs, values.bid / this.scale, values.ask / this.scale, values.bidSize, values.askSize);
  }

  /** An expected execution: no trade happened, an auction is on. */
  expected(timeUs: number): void {
    this.quality.heard(timeUs);
    this.tellMarket(this.trading.expected(timeUs), timeUs);
  }

  status(record: MarketStatusRecord, timeUs: number): void {
    this.quality.heard(timeUs);
    this.tellMarket(this.trading.status(record, timeUs), timeUs);
  }

  /** The market around it has changed: calendar, masters, or what stops all of its stocks. */
  joinMarket(marketPlace: MarketPlace, timeUs: number): void {
    this.tellMarket(this.trading.join(marketPlace.marketOf(this.code, this.venue), timeUs), timeUs);
  }

  /** What checks of its data must know of the moment, in the one context of the journal entry. */
  describe(context: QualityContext): void {
    const { trading } = this;
    const { stoppedReason } = trading;
    context.phase = trading.phase;
    context.auction = trading.auction;
    context.halted = stoppedReason === 'halted' || stoppedReason === 'circuit_breaker';
  }

  private context(exchangeTimeUs: number): QualityContext {
    this.describe(this.entry);
    this.entry.exchangeTimeUs = exchangeTimeUs;
    return this.entry;
  }

  private tellMarket(changed: boolean, timeUs: number): void {
    if (changed) this.streams.emit<'market'>(this.market, { seq: 0, timeUs, ...this.trading.fields() });
  }

  /** What time alone does: bars that can take nothing more close, signals reach their horizon. */
  advance(timeUs: number): void {
    this.bars.advance(timeUs);
    this.tellMarket(this.trading.advance(timeUs), timeUs);
    while (timeUs >= this.given.dueUs) {
      const { bid, ask, lastPrice } = this.values;
      const exit = exitOf(bid / this.scale, ask / this.scale, lastPrice / this.scale);
      const score = scoreOf(this.given.take(), exit);
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
    return Math.min(this.given.dueUs, this.bars.dueUs, this.trading.dueUs);
  }

  /** One message for each time frame that changed: the values after the batch's last record. */
  emitIndicators(timeUs: number): void {
    this.bars.bringUpToDate();
    this.indicators.emit(timeUs);
  }

  save(): SavedInstrument {
    return {
      values: { ...this.values },
      trading: { ...this.trading.values },
      sequence: this.sequence.save(),
      plausibility: { ...this.plausibility.state },
      features: this.features.state.slice(),
      indicators: this.indicators.save(),
      bars: this.bars.save(),
      given: this.given.save(),
    };
  }

  load(saved: SavedInstrument): void {
    Object.assign(this.values, saved.values);
    this.trading.load(saved.trading);
    this.sequence.load(saved.sequence);
    Object.assign(this.plausibility.state, saved.plausibility);
    this.features.state.set(saved.features);
    this.indicators.load(saved.indicators);
    this.bars.load(saved.bars);
    this.given.load(saved.given);
  }

  /** A stream of it is registered from here on, or no longer. */
  expect(stream: 'trades' | 'books', on: boolean, timeUs: number): void {
    const { values } = this;
    this.quality.register(stream, on);
    if (stream === 'trades') values.expectedSinceUs = on ? values.expectedSinceUs || timeUs : 0;
  }

  /** Records may be missing from here on. The next trade tells what it was; changes of the book are gone for good. */
  interrupt(timeUs: number): void {
    this.values.lastGapUs = timeUs;
    this.features.reset();
    this.bars.interrupt();
    this.indicators.interrupt();
    this.quality.interrupt();
  }

  /** Another feed: its numbers and prices do not continue the last one's. */
  forgetFeed(): void {
    this.sequence.reset();
    this.plausibility.reset();
    this.trading.forget();
    this.values.expectedSinceUs = 0;
  }

  /** Minute bars by REST: torn bars are published once more, filled, and the indicators on bars are built from them. */
  minuteBars(minutes: readonly ReferenceBar[], timeUs: number): void {
    const ours = this.bars.closedMinute;
    const theirs = minutes.find(({ startUs }) => startUs === ours?.startUs);
    this.describe(this.entry);
    if (ours?.complete && theirs !== undefined) this.quality.compareBar(ours, theirs, this.entry);
    for (const { interval, bars } of this.bars.fill(minutes, timeUs)) this.indicators.rebuild(interval, bars);
  }
}
