// The simulated KRX market behind the emulator: a pure function of seed, start and time. It knows no wall clock and no
// socket; the server asks it to advance and takes wire records out. It is not a matching engine anyone could trade on.
import type { Instrument } from '../../../config/instruments.ts';

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
