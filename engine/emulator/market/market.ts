// The simulated market behind the emulator: a pure function of seed, options and time. It knows no wall clock and no
// socket; the server asks it to advance and takes wire records out. It is not a matching engine anyone could trade on.
import { nextTradingDay, US_PER_SECOND } from '../../../config/calendar.ts';
import type { Instrument } from '../../../config/instruments.ts';
import { type SessionPhase, sessionAt } from '../../../config/sessions.ts';
import { type DayPlan, planAtOrAfter, planDay, TimeOfDay } from './day-plan.ts';
import { Factors, NIGHT_DAYS } from './factors.ts';
import { History } from './history.ts';
import { IndexBoard } from './index-board.ts';
import { Ladder } from './ladder.ts';
import { happenTo } from './market-event.ts';
import type { MarketOptions } from './market-options.ts';
import { SECONDS_PER_DAY } from './profile.ts';
import { Random } from './random.ts';
import { Scenario } from './scenario.ts';
import type {
  BookFieldCount,
  ExpectedFieldCount,
  HistoryBar,
  IndexCode,
  MarketEvent,
  MarketVenue,
  Quote,
  RecentTrade,
  SimulatedMarket,
  StatusEvent,
  TradeFieldCount,
  TradeRun,
} from './simulated-market.ts';
import { StatusQueue } from './status-record.ts';
import { Stock } from './stock.ts';
import { StockView } from './stock-view.ts';

/** Fair values move, and the time of the day is renewed, on grids of time that do not depend on how one advances. */
const FAIR_VALUE_STEP_US = 500_000;
const UNSEEN_STEP_SECONDS = 60;
const PENDING_TRADES_MAX = 4096;
const PENDING_STATUSES_PER_STOCK = 32;
const RUN_RECORDS_MAX = 20;
const RECENT_TRADES_MAX = 100;
/** Stream of the common factors; the instruments' are 0, 1, 2 … at KRX and behind a gap at NXT. */
const FACTOR_STREAM = -1;
const FIRST_NXT_STREAM = 100_000;
const TRADE_FIELDS: TradeFieldCount = 47;
const BOOK_FIELDS: Readonly<Record<MarketVenue, BookFieldCount>> = { KRX: 63, NXT: 65, UN: 66 };
const EXPECTED_FIELDS: Readonly<Record<MarketVenue, ExpectedFieldCount>> = { KRX: 46, NXT: 47, UN: 47 };

export class Market implements SimulatedMarket {
  readonly codes: readonly string[];
  private readonly factors: Factors;
  private readonly time = new TimeOfDay();
  private readonly statuses: StatusQueue;
  private readonly history: History;
  private readonly scenario: Scenario;
  private readonly view = new StockView();
  private readonly stocks: readonly Stock[];
  private readonly stockByCode: ReadonlyMap<string, Stock>;
  private readonly indices: IndexBoard;
  private plan: DayPlan;
  private nowUs: number;

  constructor(options: MarketOptions) {
    const { seed, instruments, startTimeUs, sessions = 'regular', activity = 1, corporateActions = [] } = options;
    const { pendingTradesMax = PENDING_TRADES_MAX, events = [] } = options;
    this.plan = planAtOrAfter(startTimeUs, sessions);
    this.nowUs = this.plan.beginUs;
    this.factors = new Factors(new Random(seed, FACTOR_STREAM));
    this.statuses = new StatusQueue(PENDING_STATUSES_PER_STOCK * instruments.length);
    this.scenario = new Scenario(events);
    const firstDate = this.plan.businessDate;
    this.history = new History({ seed, activity, firstDate, instruments: instruments.length, corporateActions });
    const { factors, time, statuses } = this;
    const surroundings = { activity, pendingTradesMax, time, factors, statuses, ladder: new Ladder() };
    this.stocks = instruments.map((instrument, place) => {
      const random = new Random(seed, place);
      const nxtRandom = new Random(seed, FIRST_NXT_STREAM + place);
      const previousVolume = this.history.previousVolume(instrument, place);
      return new Stock({ instrument, place, random, nxtRandom, previousVolume, surroundings }, this.plan);
    });
    this.codes = instruments.map(({ code }) => code);
    this.stockByCode = new Map(this.stocks.map((stock) => [stock.instrument.code, stock]));
    if (this.stockByCode.size < this.stocks.length) throw new RangeError('an instrument is listed twice');
    for (const { event } of events) if ('code' in event) this.known(event.code);
    for (const { code } of corporateActions) this.known(code);
    for (const stock of this.stocks) this.history.begin(stock);
    this.indices = new IndexBoard(this.stocks);
    this.openDay(() => 1);
    if (startTimeUs > this.plan.beginUs) this.skipTo(startTimeUs, activity);
  }

  get timeUs(): number {
    return this.nowUs;
  }
  get businessDate(): number {
    return this.plan.businessDate;
  }
  get droppedTrades(): number {
    return this.stocks.reduce((sum, { krx, nxt, unified }) => {
      return sum + krx.ledger.dropped + (nxt?.ledger.dropped ?? 0) + (unified?.dropped ?? 0);
    }, 0);
  }
  /** Market status records that were dropped because nobody drained them. */
  get droppedStatuses(): number {
    return this.statuses.dropped;
  }

  has(code: string): boolean {
    return this.stockByCode.has(code);
  }
  instrument(code: string): Instrument {
    return this.known(code).instrument;
  }
  phase(venue: MarketVenue): SessionPhase {
    return sessionAt(this.nowUs, venue);
  }

  advanceTo(timeUs: number): void {
    while (this.nowUs < timeUs) {
      const sinceBeginUs = this.nowUs - this.plan.beginUs;
      const stepEndUs = this.nowUs - (sinceBeginUs % FAIR_VALUE_STEP_US) + FAIR_VALUE_STEP_US;
      const untilUs = Math.min(timeUs, stepEndUs);
      this.nowUs = untilUs;
      // Within a step instruments do not touch each other, so one that nobody asks for waits for the step's end.
      if (untilUs === stepEndUs) this.endStep();
    }
  }

  advanceBy(durationUs: number): void {
    for (let leftUs = durationUs; leftUs > 0; ) {
      const stepUs = Math.min(leftUs, this.plan.endUs - this.nowUs);
      this.advanceTo(this.nowUs + stepUs);
      leftUs -= stepUs;
    }
  }

  watch(code: string, venue: MarketVenue, on: boolean): void {
    this.stock(code).ledger(venue)?.watch(on);
  }
  drainTradeRuns(
    code: string,
    venue: MarketVenue,
    recordsMax = RUN_RECORDS_MAX,
    fieldCount = TRADE_FIELDS,
  ): TradeRun[] {
    return this.stock(code).ledger(venue)?.tape?.drain(recordsMax, fieldCount) ?? [];
  }
  bookRevision(code: string, venue: MarketVenue): number {
    return this.view.bookRevision(this.stock(code), venue);
  }
  bookPayload(code: string, venue: MarketVenue, fieldCount = BOOK_FIELDS[venue]): string {
    return this.view.book(this.stock(code), venue, fieldCount);
  }
  expectedRevision(code: string, venue: MarketVenue): number {
    return this.view.expectedRevision(this.stock(code), venue);
  }
  expectedPayload(code: string, venue: MarketVenue, fieldCount = EXPECTED_FIELDS[venue]): string {
    return this.view.expected(this.stock(code), venue, fieldCount);
  }
  /** Those up to the last whole half second. */
  drainStatus(): readonly StatusEvent[] {
    return this.statuses.drain();
  }
  indexRevision(code: IndexCode): number {
    return this.indices.of(code).revision;
  }
  indexPayload(code: IndexCode): string {
    return this.indices.of(code).payload();
  }
  expectedIndexRevision(code: IndexCode): number {
    return this.indices.of(code).expectedRevision;
  }
  expectedIndexPayload(code: IndexCode): string {
    return this.indices.of(code).expectedPayload();
  }

  quote(code: string, venue: MarketVenue = 'KRX'): Quote {
    return this.view.quote(this.stock(code), venue, this.nowUs);
  }
  indexQuote(code: IndexCode): ReturnType<SimulatedMarket['indexQuote']> {
    return this.indices.of(code).quote();
  }
  minuteBars(code: string, venue: MarketVenue, date: number): readonly HistoryBar[] {
    const stock = this.stock(code);
    if (date !== this.plan.businessDate) return this.history.minuteBars(stock, venue, date);
    return ledgerOf(stock, venue)?.minutes.bars() ?? [];
  }
  dailyBars(code: string, venue: MarketVenue, from: number, to: number, adjusted: boolean): readonly HistoryBar[] {
    return this.history.dailyBars(this.stock(code), venue, from, to, adjusted);
  }
  indexDailyBars(code: IndexCode, from: number, to: number): readonly HistoryBar[] {
    return this.history.indexDailyBars(this.indices.of(code), from, to);
  }
  recentTrades(code: string, venue: MarketVenue, count: number): readonly RecentTrade[] {
    return ledgerOf(this.stock(code), venue)?.recent.newest(Math.min(count, RECENT_TRADES_MAX)) ?? [];
  }

  happen(event: MarketEvent): void {
    const stocks = 'code' in event ? [this.stock(event.code)] : this.stocks;
    for (const stock of stocks) stock.advance(this.nowUs);
    happenTo(stocks, event, this.nowUs, (seconds, action) => this.scenario.plan(this.second + seconds, action));
  }

  private get second(): number {
    return Math.floor((this.nowUs - this.plan.midnightUs) / US_PER_SECOND);
  }

  private known(code: string): Stock {
    const stock = this.stockByCode.get(code);
    if (stock === undefined) throw new RangeError(`the market has no instrument ${code}`);
    return stock;
  }

  /** The instrument, played up to now. */
  private stock(code: string): Stock {
    const stock = this.known(code);
    stock.advance(this.nowUs);
    return stock;
  }

  /** A step of the fair values is over: the day's end, or the next step, and each second what the time changes. */
  private endStep(): void {
    for (const stock of this.stocks) stock.advance(this.nowUs);
    if (this.nowUs === this.plan.endUs) {
      this.rollDay();
      return;
    }
    if ((this.nowUs - this.plan.beginUs) % US_PER_SECOND === 0) this.endSecond();
    const days = (this.time.variance * FAIR_VALUE_STEP_US) / US_PER_SECOND / SECONDS_PER_DAY;
    this.factors.step(days);
    for (const stock of this.stocks) stock.stepFairValue(days);
    this.statuses.release();
  }

  private endSecond(): void {
    const { second } = this;
    this.time.update(this.plan, second);
    this.scenario.play(second, (event) => this.happen(event));
    this.indices.update(this.plan, second);
  }

  private rollDay(): void {
    for (const stock of this.stocks) this.history.closeDay(stock);
    this.indices.closeDay(this.plan.midnightUs);
    const before = this.plan.businessDate;
    this.plan = planDay(nextTradingDay(before), this.plan.scope);
    this.nowUs = this.plan.beginUs;
    this.openDay((stock) => this.history.splits(stock, before, this.plan.businessDate));
  }

  private openDay(ratioOf: (stock: Stock) => number): void {
    this.factors.step(NIGHT_DAYS);
    this.time.update(this.plan, this.second);
    for (const stock of this.stocks) stock.openDay(this.plan, ratioOf(stock));
    this.indices.openDay();
    this.scenario.openDay(this.plan, this.second);
    this.indices.update(this.plan, this.second);
    this.statuses.release();
  }

  /** Draws the part of the day before a start within it. */
  private skipTo(timeUs: number, activity: number): void {
    const { time } = this;
    const end = Math.floor((timeUs - this.plan.midnightUs) / US_PER_SECOND);
    for (let first = this.second; first < end; ) {
      const next = Math.min(end, first - (first % UNSEEN_STEP_SECONDS) + UNSEEN_STEP_SECONDS);
      this.time.update(this.plan, first);
      const days = (this.time.variance * (next - first)) / SECONDS_PER_DAY;
      this.factors.step(days);
      const stretch = { days, midnightUs: this.plan.midnightUs, firstSecond: first, endSecond: next, time, activity };
      for (const stock of this.stocks) stock.passUnseen(stretch);
      this.indices.update(this.plan, next);
      first = next;
    }
    this.nowUs = timeUs;
    this.time.update(this.plan, end);
    for (const stock of this.stocks) stock.begin(timeUs);
    this.scenario.openDay(this.plan, end);
    this.statuses.clear();
  }
}

/** Unified is KRX's where NXT does not trade the stock. */
function ledgerOf(stock: Stock, venue: MarketVenue) {
  return stock.ledger(venue === 'UN' && stock.nxt === undefined ? 'KRX' : venue);
}
