// The simulated KRX market behind the emulator: a pure function of seed, start and time. It knows no wall clock and no
// socket; the server asks it to advance and takes wire records out. It is not a matching engine anyone could trade on.
import { isTradingDay, kstDate, kstToUtcUs, nextTradingDay } from '../../../config/calendar.ts';
import type { Instrument } from '../../../config/instruments.ts';
import { Factors, NIGHT_DAYS } from './factors.ts';
import { IndexLevel } from './index-level.ts';
import { SECONDS_PER_DAY } from './profile.ts';
import { Random } from './random.ts';
import { activityAt, volumeShareAt } from './season.ts';
import { type DayOpening, Stock } from './stock.ts';

export interface MarketOptions {
  /** Any integer; equal seeds give equal markets. */
  readonly seed: number;
  readonly instruments: readonly Instrument[];
  /** UTC microseconds; outside the continuous session (09:00–15:20 KST) it moves on to the next trading day's 09:00. */
  readonly startTimeUs: number;
  /** Multiplies every arrival rate; 1 (the default) is the market's own pace. */
  readonly activity?: number;
  /** Undrained trades kept for one instrument (default 4096); at the bound its backlog is dropped and counted. */
  readonly pendingTradesMax?: number;
}

/** Widths of H0STCNT0, H0NXCNT0, H0UNCNT0: 47 since 2026-09-14, 46 before. */
export type TradeFieldCount = 46 | 47;
/** H0STASP0: 59, 62, 63 (since 2026-09-14). H0NXASP0: 62 or 65. H0UNASP0: 65, 66 (since 2026-09-14). */
export type BookFieldCount = 59 | 62 | 63 | 65 | 66;
/** KOSPI, KOSDAQ, KOSPI200 under KIS's own keys. */
export const INDEX_CODES = ['0001', '1001', '2001'] as const;
export type IndexCode = (typeof INDEX_CODES)[number];

/** A run of trades of one instrument, joined as a frame carries them. */
export interface TradeRun {
  readonly count: number;
  /** `count` records of the asked width, joined by `^`. */
  readonly payload: string;
}

/** State of one instrument now, prices in won, for REST answers and tests. */
export interface Quote {
  readonly code: string;
  readonly timeUs: number;
  /** YYYYMMDD. */
  readonly businessDate: number;
  readonly priceWon: number;
  readonly previousCloseWon: number;
  readonly upperLimitWon: number;
  readonly lowerLimitWon: number;
  readonly tickSizeWon: number;
  readonly openWon: number;
  readonly highWon: number;
  readonly lowWon: number;
  readonly volume: number;
  readonly turnoverWon: number;
  readonly sellTrades: number;
  readonly buyTrades: number;
  readonly sellVolume: number;
  readonly buyVolume: number;
  readonly previousVolume: number;
  /** Up to ten levels, best first. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}
export interface BookLevel {
  readonly priceWon: number;
  readonly size: number;
}

/**
 * What the server needs of the market; `Market` (constructed with MarketOptions) implements it. Unknown codes throw a
 * RangeError: ask `has` first. All venues show the one simulated KRX book, so a trade run or book serves the KRX, NXT
 * and unified TR alike; drain once and send it under each. A server leaves NXT and unified silent where `!nxt`.
 */
export interface SimulatedMarket {
  readonly codes: readonly string[];
  has(code: string): boolean;
  instrument(code: string): Instrument;
  /** UTC microseconds. At 15:20 KST it jumps to the next trading day's 09:00, so it may run ahead of what was asked. */
  readonly timeUs: number;
  /** YYYYMMDD of the trading day that runs. */
  readonly businessDate: number;
  /** Trades that were dropped because nobody drained them. */
  readonly droppedTrades: number;
  /** Plays all events up to the time; a time already passed, or jumped over, does nothing. */
  advanceTo(timeUs: number): void;
  /** Plays so many microseconds of open market, across closes: what a server with a running clock calls. */
  advanceBy(durationUs: number): void;
  /** Keeps trades of the code for draining (on for all at the start) or lets them pass unformatted. Turning on drops what was pending. */
  watch(code: string, on: boolean): void;
  /** The payload of each trade since the last drain, oldest first. */
  drainTrades(code: string, fieldCount?: TradeFieldCount): string[];
  /** The same, joined to runs of at most `recordsMax` (default 20) records: the cheap way to make frames. */
  drainTradeRuns(code: string, recordsMax?: number, fieldCount?: TradeFieldCount): TradeRun[];
  /** Rises with each change of the book, so that an unchanged book need not be sent again. */
  bookRevision(code: string): number;
  /** The latest ten-level book. */
  bookPayload(code: string, fieldCount?: BookFieldCount): string;
  /** H0UPCNT0 (30 fields), computed from the members once a simulated second; revision as with books. */
  indexPayload(code: IndexCode): string;
  indexRevision(code: IndexCode): number;
  quote(code: string): Quote;
}

const OPEN_SECOND = 9 * 3600;
const US_PER_SECOND = 1_000_000;
const DAY_LENGTH_US = SECONDS_PER_DAY * US_PER_SECOND;
/** Fair values move, and season and indices are renewed, on grids of time that do not depend on how one advances. */
const FAIR_VALUE_STEP_US = 100_000;
const FAIR_VALUE_STEP_DAYS = FAIR_VALUE_STEP_US / DAY_LENGTH_US;
/** A start within a day draws the part before it in so many steps. */
const UNSEEN_STEPS = 64;
const PENDING_TRADES_MAX = 4096;
const RUN_RECORDS_MAX = 20;
/** Stream of the common factors; the instruments' are 0, 1, 2 … */
const FACTOR_STREAM = -1;

export class Market implements SimulatedMarket {
  readonly codes: readonly string[];
  private readonly factors: Factors;
  private readonly stocks: readonly Stock[];
  private readonly stockByCode: ReadonlyMap<string, Stock>;
  private readonly indices: Readonly<Record<IndexCode, IndexLevel>>;
  private opening: DayOpening;
  private nowUs: number;

  constructor({ seed, instruments, startTimeUs, activity = 1, pendingTradesMax = PENDING_TRADES_MAX }: MarketOptions) {
    this.opening = openingAtOrAfter(startTimeUs);
    this.nowUs = this.opening.openUs;
    this.factors = new Factors(new Random(seed, FACTOR_STREAM));
    this.factors.step(NIGHT_DAYS);
    this.stocks = instruments.map((instrument, stream) => {
      const random = new Random(seed, stream);
      return new Stock({ instrument, random, activity, pendingTradesMax, factors: this.factors }, this.opening);
    });
    this.codes = instruments.map(({ code }) => code);
    this.stockByCode = new Map(this.stocks.map((stock) => [stock.instrument.code, stock]));
    if (this.stockByCode.size < this.stocks.length) throw new RangeError('an instrument is listed twice');
    const index = (code: IndexCode): IndexLevel => new IndexLevel(code, this.stocks);
    this.indices = { '0001': index('0001'), '1001': index('1001'), '2001': index('2001') };
    this.beginDay();
    if (startTimeUs > this.opening.openUs) this.skipTo(startTimeUs);
  }

  get timeUs(): number {
    return this.nowUs;
  }

  get businessDate(): number {
    return this.opening.businessDate;
  }

  get droppedTrades(): number {
    return this.stocks.reduce((sum, { tape }) => sum + tape.dropped, 0);
  }

  has(code: string): boolean {
    return this.stockByCode.has(code);
  }

  instrument(code: string): Instrument {
    return this.stock(code).instrument;
  }

  advanceTo(timeUs: number): void {
    while (this.nowUs < timeUs) {
      const sinceOpenUs = this.nowUs - this.opening.openUs;
      const stepEndUs = this.nowUs - (sinceOpenUs % FAIR_VALUE_STEP_US) + FAIR_VALUE_STEP_US;
      const untilUs = Math.min(timeUs, stepEndUs);
      this.nowUs = untilUs;
      // Within a step instruments do not touch each other, so one that nobody asks for waits for the step's end.
      if (untilUs === stepEndUs) this.endStep();
    }
  }

  advanceBy(durationUs: number): void {
    for (let leftUs = durationUs; leftUs > 0; ) {
      const stepUs = Math.min(leftUs, this.opening.openUs + DAY_LENGTH_US - this.nowUs);
      this.advanceTo(this.nowUs + stepUs);
      leftUs -= stepUs;
    }
  }

  watch(code: string, on: boolean): void {
    const stock = this.stock(code);
    stock.watched = on;
    stock.tape.clear();
  }

  drainTrades(code: string, fieldCount: TradeFieldCount = 47): string[] {
    return this.drainTradeRuns(code, 1, fieldCount).map(({ payload }) => payload);
  }

  drainTradeRuns(code: string, recordsMax = RUN_RECORDS_MAX, fieldCount: TradeFieldCount = 47): TradeRun[] {
    return this.stock(code).tape.drain(recordsMax, fieldCount);
  }

  bookRevision(code: string): number {
    return this.stock(code).bookRevision;
  }

  bookPayload(code: string, fieldCount: BookFieldCount = 63): string {
    return this.stock(code).bookPayload(fieldCount);
  }

  indexPayload(code: IndexCode): string {
    return this.indices[code].payload();
  }

  indexRevision(code: IndexCode): number {
    return this.indices[code].revision;
  }

  quote(code: string): Quote {
    return this.stock(code).quote(this.nowUs);
  }

  /** The instrument, played up to now. */
  private stock(code: string): Stock {
    const stock = this.stockByCode.get(code);
    if (stock === undefined) throw new RangeError(`the market has no instrument ${code}`);
    stock.advance(this.nowUs);
    return stock;
  }

  /** A step of the fair values is over: the day's end, or the next step, and each second season and indices. */
  private endStep(): void {
    for (const stock of this.stocks) stock.advance(this.nowUs);
    const sinceOpenUs = this.nowUs - this.opening.openUs;
    if (sinceOpenUs === DAY_LENGTH_US) {
      this.opening = openingOn(nextTradingDay(this.opening.businessDate));
      this.nowUs = this.opening.openUs;
      this.factors.step(NIGHT_DAYS);
      for (const stock of this.stocks) stock.openDay(this.opening, this.factors);
      this.beginDay();
      return;
    }
    this.factors.step(FAIR_VALUE_STEP_DAYS);
    for (const stock of this.stocks) stock.stepFairValue(this.factors, FAIR_VALUE_STEP_DAYS);
    if (sinceOpenUs % US_PER_SECOND === 0) {
      this.setTimeOfDay();
      for (const code of INDEX_CODES) this.indices[code].update(OPEN_SECOND + sinceOpenUs / US_PER_SECOND);
    }
  }

  private beginDay(): void {
    this.setTimeOfDay();
    for (const code of INDEX_CODES) this.indices[code].openDay(OPEN_SECOND);
  }

  private setTimeOfDay(): void {
    const fraction = (this.nowUs - this.opening.openUs) / DAY_LENGTH_US;
    const season = activityAt(fraction);
    const volumeShare = volumeShareAt(fraction);
    for (const stock of this.stocks) stock.setTimeOfDay(season, volumeShare);
  }

  /** Draws the part of the day before a start within it. */
  private skipTo(timeUs: number): void {
    const seconds = Math.floor((timeUs - this.opening.openUs) / US_PER_SECOND);
    for (let step = 0; step < UNSEEN_STEPS; step++) {
      const first = Math.floor((seconds * step) / UNSEEN_STEPS);
      const next = Math.floor((seconds * (step + 1)) / UNSEEN_STEPS);
      if (next === first) continue;
      const days = (next - first) / SECONDS_PER_DAY;
      const volumeShare = volumeShareAt(next / SECONDS_PER_DAY) - volumeShareAt(first / SECONDS_PER_DAY);
      this.factors.step(days);
      for (const stock of this.stocks)
        stock.passUnseen(this.factors, days, volumeShare, OPEN_SECOND + first, next - first);
      for (const code of INDEX_CODES) this.indices[code].update(OPEN_SECOND + next);
    }
    this.nowUs = timeUs;
    for (const stock of this.stocks) stock.resume(timeUs);
    this.setTimeOfDay();
  }
}

/** The trading day whose continuous session runs at the time, or the next one to open. */
function openingAtOrAfter(timeUs: number): DayOpening {
  const date = kstDate(timeUs);
  const today = openingOn(date);
  const usable = isTradingDay(date) && timeUs < today.openUs + DAY_LENGTH_US;
  return usable ? today : openingOn(nextTradingDay(date));
}

function openingOn(businessDate: number): DayOpening {
  const midnightUs = kstToUtcUs(businessDate, 0);
  return { businessDate, midnightUs, openUs: midnightUs + OPEN_SECOND * US_PER_SECOND };
}
