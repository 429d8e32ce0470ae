// Evidence on the data of one instrument, gathered as its records pass: each check is a few comparisons, and nothing is
// allocated while all is well. What it finds are facts about the feed, never about the market: an auction, a
// volatility interruption, a halt, a midpoint or a sweep of the book must find nothing.
import type { SecurityKind } from '../../config/market-rules.ts';
import type { BookColumns, TradeColumns, Venue } from '../decode/records.ts';
import type { ReferenceBar } from '../reference/reference.ts';
import { Activity, type ActivityState } from './activity.ts';
import { BookQuality, type BookState } from './book-quality.ts';
import type { SavedClockOffset } from './clock-offset.ts';
import { isRegular, type QualityContext } from './context.ts';
import type { FindingKind, FindingListener } from './findings.ts';
import { type BoundsFacts, PriceBounds } from './price-bounds.ts';
import { type FeedTime, Receipts } from './receipts.ts';
import { newScores, type QualitySettings, type Scores, shareSeverity } from './score.ts';
import type { Gap, SequenceVerdict } from './sequence.ts';
import { type SavedSubject, Subject } from './subject.ts';
import { TradeQuality } from './trade-quality.ts';
import type { TradeState } from './trade-state.ts';

/** What the instruments of an engine have in common. */
export interface QualityShared {
  readonly settings: QualitySettings;
  readonly feedTime: FeedTime;
  readonly report: FindingListener;
}

export interface SavedInstrumentQuality {
  readonly subject: SavedSubject;
  readonly trades: TradeState;
  readonly books: BookState;
  readonly activity: ActivityState;
  readonly bounds: BoundsFacts;
  readonly registered: { readonly trades: boolean; readonly books: boolean };
  readonly clock: SavedClockOffset;
}

export class InstrumentQuality {
  readonly code: string;
  readonly venue: Venue;
  readonly subject: Subject;
  readonly bounds = new PriceBounds();
  readonly registered = { trades: false, books: false };
  readonly receipts: Receipts;
  private readonly trades: TradeQuality;
  private readonly books: BookQuality;
  private readonly activity: Activity;
  private readonly shared: QualityShared;
  private readonly scores = newScores();

  constructor(code: string, venue: Venue, shared: QualityShared) {
    this.code = code;
    this.venue = venue;
    this.shared = shared;
    this.subject = new Subject(`${code}.${venue}`, ['trades', 'books'], shared.report);
    this.receipts = new Receipts(shared.feedTime);
    this.trades = new TradeQuality(venue, this.subject, this.bounds, this.receipts, shared.settings);
    this.books = new BookQuality(venue, this.subject, this.bounds, this.receipts, shared.settings);
    this.activity = new Activity(shared.settings.silentMs);
  }

  /** A trade with what the sequence says of it; `context.exchangeTimeUs` is its own time. */
  trade(columns: TradeColumns, record: number, verdict: SequenceVerdict, gap: Gap, context: QualityContext): void {
    this.activity.hear(context.timeUs);
    this.trades.take(columns, record, verdict, gap, context, this.books.state);
  }

  /** A trade that was left out because it cannot be true. Where a field lacks, that is what is wrong with it. */
  implausible(columns: TradeColumns, record: number, context: QualityContext): void {
    this.activity.hear(context.timeUs);
    this.trades.leaveOut(columns, record, context);
  }

  book(columns: BookColumns, record: number, context: QualityContext): void {
    this.activity.hear(context.timeUs);
    this.books.take(columns, record, context, this.trades.state, this.registered.trades);
  }

  /** Expected executions and market status: nothing to check, but the symbol is not silent. */
  heard(timeUs: number): void {
    this.activity.hear(timeUs);
  }

  /** Time went on, about once a second. */
  advance(context: QualityContext): void {
    const { trades, books } = this.registered;
    const silentUs = this.activity.silence(context.timeUs, (trades || books) && isRegular(context));
    if (silentUs === 0) return;
    const { limitUs } = this.activity;
    const minutes = silentUs / 60_000_000;
    const stream = trades ? 'trades' : 'books';
    this.subject.find('silent', stream, context, silentUs / 1000, limitUs / 1000, silentUs / 1000, minutes);
  }

  /** A registration of a stream was confirmed, or ended. A lost session ends none: its records are missing. */
  register(stream: 'trades' | 'books', on: boolean): void {
    this.registered[stream] = on;
    this.interrupt();
  }

  /** Nothing of it is registered any more: nobody is to wait for its records. */
  unregister(): void {
    this.registered.trades = this.registered.books = false;
    this.interrupt();
  }

  /** The closing volume of another source is so much higher than that of the last record. */
  tailLoss(gap: Gap, context: QualityContext): void {
    const { shares, records } = this.trades.state;
    const severity = shareSeverity(gap.shares, shares, records);
    this.subject.find('tail_loss', 'trades', context, gap.shares, shares + gap.shares, shares, severity);
  }

  /** Two sources differ on what a day closed at (won), or how much was traded. */
  sourcesDiffer(expected: number, found: number, context: QualityContext): void {
    this.subject.find('sources_differ', 'trades', context, Math.abs(found - expected), expected, found);
  }

  /** A bar that we built from all of its trades, beside the same bar by REST. @returns whether they agree */
  compareBar(ours: ReferenceBar, theirs: ReferenceBar, context: QualityContext): boolean {
    for (const field of ['open', 'high', 'low', 'close', 'volume'] as const) {
      if (ours[field] === theirs[field]) continue;
      this.subject.find('bar_mismatch', 'trades', context, 1, theirs[field], ours[field]);
      return false;
    }
    return true;
  }

  undecodable(stream: 'trades' | 'books', context: QualityContext): void {
    this.subject.find('undecodable', stream, context, 1, 0, 1);
  }

  /** Another check found something: of two feeds, say. */
  find(kind: FindingKind, context: QualityContext, amount: number, expected: number, found: number): void {
    this.subject.find(kind, 'trades', context, amount, expected, found);
  }

  describeKind(kind: SecurityKind, market: 'KOSPI' | 'KOSDAQ'): void {
    this.bounds.describeKind(kind, market);
  }

  /** The last trade's price cannot be: it is published, and gives no signal. */
  get outsideLimits(): boolean {
    return this.trades.state.outsideLimits;
  }

  get last(): Readonly<TradeState> {
    return this.trades.state;
  }

  /** Overall score of the last five minutes, 0–100: what the gate of signals asks. */
  currentOverall(timeUs: number): number {
    return this.subject.scoreCurrent(this.scores, this.shared.settings.weights, timeUs).overall;
  }

  /** The day's scores so far, in an object that the next call fills anew. */
  dayScores(): Readonly<Scores> {
    return this.subject.score(this.scores, this.shared.settings.weights);
  }

  /** Records may be missing from here on, or none are to come: what the last book said is of no use. */
  interrupt(): void {
    this.books.interrupt();
  }

  /** Another feed: its numbers do not continue the last one's. */
  forgetFeed(): void {
    this.receipts.reset();
    this.trades.openDay();
    this.books.interrupt();
  }

  openDay(): void {
    this.subject.openDay();
    this.trades.openDay();
    this.books.openDay();
    this.activity.openDay();
  }

  save(): SavedInstrumentQuality {
    return {
      subject: this.subject.save(),
      trades: { ...this.trades.state },
      books: { ...this.books.state },
      activity: { ...this.activity.state },
      bounds: this.bounds.save(),
      registered: { ...this.registered },
      clock: this.receipts.save(),
    };
  }

  load(saved: SavedInstrumentQuality): void {
    this.subject.load(saved.subject);
    Object.assign(this.trades.state, saved.trades);
    Object.assign(this.books.state, saved.books);
    Object.assign(this.activity.state, saved.activity);
    this.bounds.load(saved.bounds);
    Object.assign(this.registered, saved.registered);
    this.receipts.load(saved.clock);
  }
}
