// The checks on trades: fields that must be there, limits and tick grid, the chain of turnover and counts, the fields of
// one record among each other, the trade against the book around it, and its age.
import { PRICE_SCALE, SIDE_BUY, SIDE_SELL, type TradeColumns, type Venue } from '../decode/records.ts';
import type { BookState } from './book-quality.ts';
import { isContinuous, isRegular, type QualityContext } from './context.ts';
import type { PriceBounds } from './price-bounds.ts';
import { ANOTHER_DAY_US, type Receipts } from './receipts.ts';
import type { QualitySettings } from './score.ts';
import { shareSeverity } from './score.ts';
import type { Gap, SequenceVerdict } from './sequence.ts';
import type { Subject } from './subject.ts';
import { lacksField, NO_TRADES, type TradeState } from './trade-state.ts';

const IN_SESSION = '0'.charCodeAt(0);
/** Last digit of NEW_MKOP_CLS_CODE: block and basket trades are agreed upon, off the grid and the book as well. */
const BLOCK_TRADE = 2;
const BASKET_TRADE = 3;
/** A trade this far outside of the book would have triggered a volatility interruption (6 %) instead. */
const OUTSIDE_BOOK_RATIO = 1.07;
/** Below some hundred won a few ticks are more than that. */
const OUTSIDE_BOOK_TICKS = 10;
/** A book older than this is not the one around the trade. */
const BOOK_AROUND_US = 1_000_000;
/** Arrivals of trades that each change the book, so that a book which follows none of them is stale. */
const STALE_ARRIVALS = 3;
/** From here on midpoints are whole won; below it price and turnover may each be rounded. */
const WHOLE_WON_FROM = 5000 * PRICE_SCALE;

export class TradeQuality {
  readonly state: TradeState = { ...NO_TRADES };
  private readonly venue: Venue;
  private readonly subject: Subject;
  private readonly bounds: PriceBounds;
  private readonly receipts: Receipts;
  /** Of the other venues prices are in other units, and their identities are not known. */
  private readonly isKoreanStock: boolean;
  private readonly ageUs: number;

  constructor(venue: Venue, subject: Subject, bounds: PriceBounds, receipts: Receipts, settings: QualitySettings) {
    this.venue = venue;
    this.isKoreanStock = venue === 'KRX' || venue === 'NXT' || venue === 'UN';
    this.subject = subject;
    this.bounds = bounds;
    this.receipts = receipts;
    this.ageUs = settings.ageMsMax * 1000;
  }

  take(
    columns: TradeColumns,
    record: number,
    verdict: SequenceVerdict,
    gap: Gap,
    context: QualityContext,
    book: BookState,
  ): void {
    const { state, subject } = this;
    const lacks = lacksField(columns, record, this.isKoreanStock);
    if (lacks) subject.find('missing_fields', 'trades', context, 1, 1, 0);
    if (verdict === 'duplicate') {
      if (!lacks) subject.find('duplicate', 'trades', context, 1, state.volume, columns.accumulatedVolume[record]);
      return;
    }
    state.records += 1;
    state.shares += columns.volume[record];
    book.volumeAheadUs = 0;
    if (!lacks) {
      this.checkArrival(context, book);
      if (this.isKoreanStock) this.checkFields(columns, record, verdict, context, book);
    }
    if (verdict === 'late') {
      this.fillIn(gap, context);
      return;
    }
    if (verdict === 'gap') this.lose(gap, context);
    if (verdict === 'inconsistent') {
      const volume = columns.volume[record];
      subject.find('bad_volume', 'trades', context, volume, state.volume + volume, columns.accumulatedVolume[record]);
    }
    const expectedTurnoverWon = this.expectedTurnover(columns, record, verdict);
    // After the day's roll the last records of a simulated day may still come.
    const chains = verdict === 'next' && columns.businessDate[record] === state.businessDate;
    if (chains && !lacks && this.isKoreanStock) {
      this.checkTotals(columns, record, expectedTurnoverWon, context);
    }
    this.follow(columns, record, expectedTurnoverWon);
  }

  /** A trade that was left out as implausible. Where a field lacks, that is what is wrong with it. */
  leaveOut(columns: TradeColumns, record: number, context: QualityContext): void {
    if (lacksField(columns, record, this.isKoreanStock))
      this.subject.find('missing_fields', 'trades', context, 1, 1, 0);
    else this.subject.find('implausible', 'trades', context, 1, 0, columns.price[record] / PRICE_SCALE);
  }

  openDay(): void {
    Object.assign(this.state, NO_TRADES);
  }

  private checkFields(
    columns: TradeColumns,
    record: number,
    verdict: SequenceVerdict,
    context: QualityContext,
    book: BookState,
  ): void {
    this.checkPrice(columns, record, context);
    if (columns.hourClass[record] !== IN_SESSION) return;
    const tradeClass = columns.marketOperation[record] % 10;
    if (tradeClass === BLOCK_TRADE || tradeClass === BASKET_TRADE) return;
    this.checkGrid(columns, record, context);
    const side = columns.side[record];
    if ((side !== SIDE_BUY && side !== SIDE_SELL) || !isContinuous(context)) return;
    this.checkIdentities(columns, record, context);
    if (verdict === 'next') this.checkBook(columns.price[record], context, book);
  }

  private checkPrice(columns: TradeColumns, record: number, context: QualityContext): void {
    const price = columns.price[record];
    const holds = this.bounds.hold(price, columns.change[record], columns.businessDate[record]);
    this.state.outsideLimits = !holds;
    if (holds) return;
    const limit = this.bounds.nearestLimit(price);
    this.find('beyond_limits', context, Math.abs(price - limit), limit, price);
  }

  private checkGrid(columns: TradeColumns, record: number, context: QualityContext): void {
    const price = columns.price[record];
    if (this.bounds.isOnGrid(price, true, columns.businessDate[record])) return;
    this.find('off_grid', context, 0, 0, price);
  }

  /** Fields of one record. Those that only real records of KRX bear out are asked of KRX alone. */
  private checkIdentities(columns: TradeColumns, record: number, context: QualityContext): void {
    const price = columns.price[record];
    const low = columns.low[record];
    const high = columns.high[record];
    const ask = columns.askPrice[record];
    const bid = columns.bidPrice[record];
    // The unified book is of two venues, and may be locked or crossed between them.
    if (ask > 0 && bid >= ask && this.venue !== 'UN') this.find('bad_identity', context, 1, ask, bid);
    if (this.venue === 'KRX') {
      const sides = columns.sellVolume[record] + columns.buyVolume[record];
      const total = columns.accumulatedVolume[record];
      if (sides > total) this.subject.find('bad_identity', 'trades', context, 1, total, sides);
    }
    // What the evening does to the day's extremes is not known.
    if (!isRegular(context) || high === 0 || low === 0) return;
    const open = columns.open[record];
    if (open < low || open > high) this.find('bad_identity', context, 1, open < low ? low : high, open);
    // Nor whether a midpoint, which no order of the book has, counts as an extreme.
    else if ((price < low || price > high) && this.bounds.isOnGrid(price, false, columns.businessDate[record])) {
      this.find('bad_identity', context, 1, price < low ? low : high, price);
    }
  }

  /** A sweep moves from trade to trade, so what is far from the book and from the trade before is no part of either. */
  private checkBook(price: number, context: QualityContext, book: BookState): void {
    const { bid, ask } = book;
    if (!(price > ask * OUTSIDE_BOOK_RATIO || price * OUTSIDE_BOOK_RATIO < bid)) return;
    if (bid === 0 || ask === 0 || !book.inSession || context.timeUs - book.timeUs > BOOK_AROUND_US) return;
    const near = price > ask ? ask : bid;
    const slack = Math.max(near * (OUTSIDE_BOOK_RATIO - 1), OUTSIDE_BOOK_TICKS * this.bounds.tick(near));
    if (Math.abs(price - near) <= slack || Math.abs(price - this.state.price) <= slack) return;
    this.find('trade_outside_book', context, Math.abs(price - near), near, price);
  }

  /** How old the record is on receipt, and whether the book keeps up with the trades. */
  private checkArrival(context: QualityContext, book: BookState): void {
    const { state, subject, ageUs } = this;
    const { timeUs, exchangeTimeUs } = context;
    const isNewArrival = timeUs !== state.arrivalUs;
    if (isNewArrival) {
      state.arrivalUs = timeUs;
      state.arrivalExchangeUs = exchangeTimeUs;
      this.checkBookAge(context, book);
    }
    if (!this.isKoreanStock) return;
    const oldUs = this.receipts.ageUs(context);
    if (oldUs > ageUs && state.lateUs !== timeUs) {
      state.lateUs = timeUs;
      subject.find('late', 'trades', context, oldUs / 1000, ageUs / 1000, oldUs / 1000);
    }
    const spanUs = exchangeTimeUs - state.arrivalExchangeUs;
    if (this.receipts.timed && spanUs > ageUs && spanUs < ANOTHER_DAY_US && state.slowUs !== timeUs) {
      state.slowUs = timeUs;
      subject.find('slow_batch', 'trades', context, spanUs / 1000, ageUs / 1000, spanUs / 1000);
    }
  }

  private checkBookAge(context: QualityContext, book: BookState): void {
    if (book.timeUs === 0) return;
    book.arrivalsSince += 1;
    const ageUs = context.timeUs - book.timeUs;
    if (book.arrivalsSince < STALE_ARRIVALS || ageUs <= this.ageUs || book.staleFound || !isRegular(context)) return;
    book.staleFound = true;
    this.subject.find('stale_book', 'books', context, ageUs / 1000, this.ageUs / 1000, ageUs / 1000);
  }

  private lose({ shares }: Gap, context: QualityContext): void {
    const { state } = this;
    const severity = shareSeverity(shares, state.shares, state.records);
    state.missingShares += shares;
    state.gapPoints += this.subject.find('gap', 'trades', context, shares, 0, shares, severity);
  }

  /** A record that was missing came late: it was never lost, only out of order. */
  private fillIn({ shares }: Gap, context: QualityContext): void {
    const { state, subject } = this;
    subject.find('out_of_order', 'trades', context, 1, state.seconds, state.seconds);
    if (state.missingShares === 0) return;
    const filled = Math.min(shares, state.missingShares);
    const points = filled === state.missingShares ? state.gapPoints : (state.gapPoints * filled) / state.missingShares;
    state.missingShares -= filled;
    state.gapPoints -= points;
    subject.ledger('trades').restore('gap', points, context.timeUs);
  }

  /**
   * What the turnover is by the chain, or the record's own where that is within rounding. After a damaged one the chain
   * goes on from what it told, or from what it should have been.
   */
  private expectedTurnover(columns: TradeColumns, record: number, verdict: SequenceVerdict): number {
    const { state } = this;
    const turnoverWon = columns.accumulatedTurnover[record];
    if (verdict !== 'next' || columns.businessDate[record] !== state.businessDate) return turnoverWon;
    const price = columns.price[record];
    const volume = columns.volume[record];
    const worth = (price * volume) / PRICE_SCALE;
    const slack = price < WHOLE_WON_FROM ? volume / 2 + 1 : 0.5;
    if (Math.abs(turnoverWon - state.turnoverWon - worth) <= slack) return turnoverWon;
    const expectedWon = state.expectedTurnoverWon + worth;
    return Math.abs(turnoverWon - expectedWon) <= slack ? turnoverWon : expectedWon;
  }

  /** The totals of a record that follows against those of the last one. */
  private checkTotals(
    columns: TradeColumns,
    record: number,
    expectedTurnoverWon: number,
    context: QualityContext,
  ): void {
    const { state, subject } = this;
    const turnoverWon = columns.accumulatedTurnover[record];
    if (turnoverWon !== expectedTurnoverWon) {
      const off = Math.abs(turnoverWon - expectedTurnoverWon);
      subject.find('bad_turnover', 'trades', context, off, expectedTurnoverWon, turnoverWon);
    }
    const side = columns.side[record];
    if (this.venue !== 'KRX' || (side !== SIDE_BUY && side !== SIDE_SELL) || !isRegular(context)) return;
    const trades = columns.sellTrades[record] + columns.buyTrades[record];
    if (trades !== state.trades + 1) subject.find('bad_identity', 'trades', context, 1, state.trades + 1, trades);
  }

  /** The record is the newest now. */
  private follow(columns: TradeColumns, record: number, expectedTurnoverWon: number): void {
    const { state } = this;
    state.businessDate = columns.businessDate[record];
    state.seconds = columns.timeSeconds[record];
    state.price = columns.price[record];
    state.change = columns.change[record];
    state.volume = columns.accumulatedVolume[record];
    state.turnoverWon = columns.accumulatedTurnover[record];
    state.expectedTurnoverWon = expectedTurnoverWon;
    state.trades = columns.sellTrades[record] + columns.buyTrades[record];
  }

  /** A finding on prices, which come in 1/100 won and are told in won. */
  private find(
    kind: 'beyond_limits' | 'off_grid' | 'bad_identity' | 'trade_outside_book',
    context: QualityContext,
    amount: number,
    expected: number,
    found: number,
  ): void {
    const scale = kind === 'bad_identity' ? 1 : PRICE_SCALE;
    this.subject.find(kind, 'trades', context, amount / scale, expected / PRICE_SCALE, found / PRICE_SCALE);
  }
}
