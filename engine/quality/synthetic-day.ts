// A good day of one invented stock, as columns, with whatever a test breaks in it: prices around 70,000 won, a trade and
// a book every 200 ms, all identities kept. Not a market: that is the emulator.
import { kstDate, kstSecond, kstToUtcUs, US_PER_SECOND } from '../../config/calendar.ts';
import { sessionAt } from '../../config/sessions.ts';
import { BOOK_LEVELS, BookColumns, PRICE_SCALE, SIDE_BUY, TradeColumns, type Venue } from '../decode/records.ts';
import type { Finding, FindingKind } from './findings.ts';
import type { InstrumentQuality } from './instrument-quality.ts';
import { Quality } from './quality.ts';
import { DEFAULT_QUALITY } from './quality-feed.ts';
import { TradeSequence } from './sequence.ts';

type TradeField = Exclude<keyof TradeColumns, 'count' | 'code'>;
type BookField = Exclude<keyof BookColumns, 'count' | 'code'>;

export const DATE = 20261123;
export const PREVIOUS_CLOSE_WON = 70_000;
const STEP_US = 200_000;
const TICK_WON = 100;
const IN_SESSION = '0'.charCodeAt(0);
/** How long a record is on its way. */
const WAY_US = 150_000;

export class SyntheticDay {
  readonly findings: Finding[] = [];
  readonly quality = new Quality({ settings: DEFAULT_QUALITY, onFinding: (finding) => this.findings.push(finding) });
  readonly instrument: InstrumentQuality;
  readonly sequence = new TradeSequence();
  /** Engine time, and what trading is like. */
  timeUs = kstToUtcUs(DATE, 10 * 3600);
  auction = false;
  halted = false;
  price = PREVIOUS_CLOSE_WON;
  private readonly trades = new TradeColumns();
  private readonly books = new BookColumns();
  private readonly totals = { volume: 1000, turnoverWon: 70_000_000, buys: 10, sells: 10, buyVolume: 500 };
  private offset = 0;

  constructor(venue: Venue = 'KRX') {
    this.instrument = this.quality.instrument('005930', venue);
    this.instrument.describeKind('stock', 'KOSPI');
    this.instrument.register('trades', true);
    this.instrument.register('books', true);
    this.trades.count = this.books.count = 1;
    this.clock(0);
  }

  /** Kinds found so far, once each, in the order in which they were. */
  get kinds(): FindingKind[] {
    return [...new Set(this.findings.map(({ kind }) => kind))];
  }

  /** Time goes on in one step. */
  clock(ms: number): void {
    this.timeUs += ms * 1000;
    this.quality.enter(this.timeUs, this.offset++);
    if (this.timeUs >= this.quality.nextDueUs) this.quality.advance(() => this.describe());
  }

  /** Time passes as it does: an entry every half second. */
  pass(ms: number): void {
    for (let leftMs = ms; leftMs > 0; leftMs -= 500) this.clock(Math.min(leftMs, 500));
  }

  /** So many steps of 200 ms, with a trade and a book each. */
  run(steps: number): this {
    for (let step = 0; step < steps; step++) {
      this.clock(STEP_US / 1000);
      this.trade();
      this.book();
    }
    return this;
  }

  /** A trade that follows, with what is broken in it; `volume` shares at `price` won. */
  trade(broken: Partial<Record<TradeField, number>> = {}, volume = 10, price = this.price): void {
    this.happen(volume, price);
    this.receive(broken, volume, price);
  }

  /** A trade that never comes. */
  lose(volume = 10): void {
    this.happen(volume, this.price);
  }

  /** The trade that just happened comes, once more or at last. */
  receive(broken: Partial<Record<TradeField, number>> = {}, volume = 10, price = this.price): void {
    const { trades, totals } = this;
    const row: Partial<Record<TradeField, number>> = {
      timeSeconds: kstSecond(this.timeUs - WAY_US),
      price: price * PRICE_SCALE,
      change: (price - PREVIOUS_CLOSE_WON) * PRICE_SCALE,
      open: PREVIOUS_CLOSE_WON * PRICE_SCALE,
      high: 75_000 * PRICE_SCALE,
      low: 65_000 * PRICE_SCALE,
      askPrice: (price + TICK_WON) * PRICE_SCALE,
      bidPrice: price * PRICE_SCALE,
      volume,
      accumulatedVolume: totals.volume,
      accumulatedTurnover: totals.turnoverWon,
      sellTrades: totals.sells,
      buyTrades: totals.buys,
      sellVolume: 400,
      buyVolume: totals.buyVolume,
      side: SIDE_BUY,
      businessDate: kstDate(this.timeUs),
      marketOperation: 20,
      hourClass: IN_SESSION,
      ...broken,
    };
    for (const [field, value] of Object.entries(row)) trades[field as TradeField][0] = value;
    const { context } = this.quality;
    this.describe();
    context.exchangeTimeUs = kstToUtcUs(trades.businessDate[0], 0) + trades.timeSeconds[0] * US_PER_SECOND;
    this.instrument.trade(trades, 0, this.sequence.accept(trades, 0), this.sequence.gap, context);
  }

  /** A book around the price; levels that are broken are given whole, in won and shares. */
  book(broken: Partial<Record<BookField, number | readonly number[]>> = {}): void {
    const { books, price } = this;
    const row: Partial<Record<BookField, number | readonly number[]>> = {
      timeSeconds: kstSecond(this.timeUs - WAY_US),
      hourClass: IN_SESSION,
      askPrice: ladder(price + TICK_WON, TICK_WON),
      bidPrice: ladder(price, -TICK_WON),
      askSize: new Array(BOOK_LEVELS).fill(100),
      bidSize: new Array(BOOK_LEVELS).fill(90),
      totalAskSize: 1000,
      totalBidSize: 900,
      accumulatedVolume: this.totals.volume,
      ...broken,
    };
    for (const [field, value] of Object.entries(row)) {
      const cells = typeof value === 'number' ? [value] : value;
      const scale = field === 'askPrice' || field === 'bidPrice' ? PRICE_SCALE : 1;
      cells.forEach((cell, i) => {
        books[field as BookField][i] = cell * scale;
      });
    }
    const { context } = this.quality;
    this.describe();
    context.exchangeTimeUs = kstToUtcUs(kstDate(this.timeUs), 0) + books.timeSeconds[0] * US_PER_SECOND;
    this.instrument.book(books, 0, context);
  }

  /** A trade of an older moment, as the tests of time need it. */
  secondsAgo(seconds: number): number {
    return kstSecond(this.timeUs - WAY_US) - seconds;
  }

  private describe(): void {
    const { context } = this.quality;
    context.phase = sessionAt(this.timeUs, 'KRX');
    context.auction = this.auction;
    context.halted = this.halted;
  }

  private happen(volume: number, price: number): void {
    const { totals } = this;
    totals.volume += volume;
    totals.turnoverWon += volume * price;
    totals.buys += 1;
    totals.buyVolume += volume;
  }
}

function ladder(best: number, step: number): number[] {
  return Array.from({ length: BOOK_LEVELS }, (_, level) => best + level * step);
}
