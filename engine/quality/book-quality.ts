// The checks on ten-level books: levels without holes and in order, prices on the grid, sides that do not cross, totals
// that are sums, order and age of the snapshots, and whether the trades that a book counts have come.
import { BOOK_LEVELS, type BookColumns, PRICE_SCALE, type Venue } from '../decode/records.ts';
import { priceOffGrid, sideFault, sumOfLevels } from './book-checks.ts';
import { isContinuous, isRegular, type QualityContext } from './context.ts';
import type { PriceBounds } from './price-bounds.ts';
import type { Receipts } from './receipts.ts';
import type { QualitySettings } from './score.ts';
import type { Subject } from './subject.ts';
import type { TradeState } from './trade-state.ts';

const IN_SESSION = '0'.charCodeAt(0);

/** Plain data. Prices in 1/100 won, times in UTC microseconds. */
export interface BookState {
  records: number;
  bid: number;
  ask: number;
  inSession: boolean;
  /** Engine time of the last book; 0: none since the stream was registered or interrupted. */
  timeUs: number;
  /** Its own second of the day; 0: none yet. */
  seconds: number;
  /** Arrivals of trades since, and whether the book was found stale among them. */
  arrivalsSince: number;
  staleFound: boolean;
  /** Since when books count more shares than the trades that came; 0: they do not. */
  volumeAheadUs: number;
}

const NO_BOOK: Readonly<BookState> = {
  records: 0,
  bid: 0,
  ask: 0,
  inSession: false,
  timeUs: 0,
  seconds: 0,
  arrivalsSince: 0,
  staleFound: false,
  volumeAheadUs: 0,
};

export class BookQuality {
  readonly state: BookState = { ...NO_BOOK };
  private readonly venue: Venue;
  private readonly subject: Subject;
  private readonly bounds: PriceBounds;
  private readonly receipts: Receipts;
  private readonly isKoreanStock: boolean;
  private readonly ageUs: number;
  private readonly silentUs: number;

  constructor(venue: Venue, subject: Subject, bounds: PriceBounds, receipts: Receipts, settings: QualitySettings) {
    this.venue = venue;
    this.isKoreanStock = venue === 'KRX' || venue === 'NXT' || venue === 'UN';
    this.subject = subject;
    this.bounds = bounds;
    this.receipts = receipts;
    this.ageUs = settings.ageMsMax * 1000;
    this.silentUs = settings.silentMs * 1000;
  }

  /** `context.exchangeTimeUs` is the book's own time, of the day that runs. */
  take(
    columns: BookColumns,
    record: number,
    context: QualityContext,
    trades: Readonly<TradeState>,
    tradesRegistered: boolean,
  ): void {
    const { state } = this;
    const inSession = columns.hourClass[record] === IN_SESSION && isContinuous(context);
    state.records += 1;
    if (this.isKoreanStock) {
      const seconds = columns.timeSeconds[record];
      if (seconds === 0) this.lacks(context);
      else if (seconds > state.seconds) {
        if (inSession) this.checkAge(context);
        state.seconds = seconds;
      } else if (seconds < state.seconds && this.venue !== 'UN') {
        this.subject.find('out_of_order', 'books', context, 1, state.seconds, seconds);
      }
      this.checkPrices(columns, record * BOOK_LEVELS, context, trades);
      if (inSession) this.checkLevels(columns, record, context);
      if (tradesRegistered && inSession) this.checkVolume(columns.accumulatedVolume[record], context, trades);
    }
    const best = record * BOOK_LEVELS;
    state.bid = columns.bidPrice[best];
    state.ask = columns.askPrice[best];
    state.inSession = inSession;
    state.timeUs = context.timeUs;
    state.arrivalsSince = 0;
    state.staleFound = false;
  }

  /** The last book is of no use for what comes: books are conflated, and what was between is gone. */
  interrupt(): void {
    const { state } = this;
    state.timeUs = state.seconds = state.volumeAheadUs = state.arrivalsSince = 0;
  }

  openDay(): void {
    Object.assign(this.state, NO_BOOK);
  }

  /**
   * The first book after a registration or an auction is whatever was last, however long ago; and one that comes again with its old
   * second was not made then: something changed in it that makes no new second. The unified book has the second of one
   * venue, and changes with either.
   */
  private checkAge(context: QualityContext): void {
    const { state } = this;
    if (state.timeUs === 0 || !state.inSession || this.venue === 'UN') return;
    const oldUs = this.receipts.ageUs(context);
    if (oldUs <= this.ageUs) return;
    this.subject.find('late', 'books', context, oldUs / 1000, this.ageUs / 1000, oldUs / 1000);
  }

  private checkPrices(
    columns: BookColumns,
    best: number,
    context: QualityContext,
    { businessDate }: Readonly<TradeState>,
  ): void {
    const date = businessDate > 0 ? businessDate : context.date;
    const stray = priceOffGrid(columns, best, this.bounds, date);
    if (stray > 0) this.subject.find('off_grid', 'books', context, 0, 0, stray / PRICE_SCALE);
  }

  /** In an auction levels show prices whose orders meet elsewhere, so this is asked of continuous trading alone. */
  private checkLevels(columns: BookColumns, record: number, context: QualityContext): void {
    const { askPrice, askSize, bidPrice, bidSize } = columns;
    const { subject } = this;
    const best = record * BOOK_LEVELS;
    const bid = bidPrice[best] / PRICE_SCALE;
    const ask = askPrice[best] / PRICE_SCALE;
    // The unified book is of two venues, and may be locked or crossed between them.
    if (ask > 0 && bid >= ask && this.venue !== 'UN') {
      subject.find('crossed_book', 'books', context, bid - ask, ask, bid);
    }
    const fault = sideFault(askPrice, askSize, best, 1) ?? sideFault(bidPrice, bidSize, best, -1);
    if (fault === 'hole') this.lacks(context);
    else if (fault === 'unordered') subject.find('bad_identity', 'books', context, 1, 0, 1);
    // Only records of KRX bear out that totals are of ten levels.
    else if (this.venue === 'KRX') {
      this.checkSum(sumOfLevels(askSize, best), columns.totalAskSize[record], context);
      this.checkSum(sumOfLevels(bidSize, best), columns.totalBidSize[record], context);
    }
  }

  private checkSum(sum: number, total: number, context: QualityContext): void {
    if (sum === total) return;
    if (total === 0) this.lacks(context);
    else this.subject.find('bad_sum', 'books', context, Math.abs(total - sum), sum, total);
  }

  /** A book that goes on counting shares while no trade comes: the trades do not reach us. */
  private checkVolume(volume: number, context: QualityContext, trades: Readonly<TradeState>): void {
    const { state } = this;
    if (trades.volume === 0 || volume <= trades.volume || !isRegular(context)) {
      state.volumeAheadUs = 0;
    } else if (state.volumeAheadUs === 0) {
      state.volumeAheadUs = context.timeUs;
    } else if (context.timeUs - state.volumeAheadUs > this.silentUs) {
      const silentUs = context.timeUs - state.volumeAheadUs;
      state.volumeAheadUs = context.timeUs;
      const missing = volume - trades.volume;
      this.subject.find('silent', 'trades', context, silentUs / 1000, 0, missing, silentUs / 60_000_000);
    }
  }

  private lacks(context: QualityContext): void {
    this.subject.find('missing_fields', 'books', context, 1, 1, 0);
  }
}
