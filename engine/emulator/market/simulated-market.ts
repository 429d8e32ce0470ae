// What the emulator's server needs of the simulated market: time, wire payloads by venue, history for REST, and events
// on command. `Market` implements it. Prices in won, times UTC microseconds, dates YYYYMMDD in Korea.
import type { Instrument } from '../../../config/instruments.ts';
import type { SessionPhase } from '../../../config/sessions.ts';

export type MarketVenue = 'KRX' | 'NXT' | 'UN';
/** Widths of H0STCNT0, H0NXCNT0, H0UNCNT0: 47 since 2026-09-14, 46 before; 48 is one that nobody knows yet. */
export type TradeFieldCount = 46 | 47 | 48;
/** H0STASP0: 59, 62, 63 (since 2026-09-14). H0NXASP0: 62 or 65. H0UNASP0: 65, 66 (since 2026-09-14). */
export type BookFieldCount = 59 | 62 | 63 | 65 | 66;
export type ExpectedFieldCount = 45 | 46 | 47;
/** KOSPI, KOSDAQ, KOSPI200 under KIS's own keys. */
export const INDEX_CODES = ['0001', '1001', '2001'] as const;
export type IndexCode = (typeof INDEX_CODES)[number];

/** A run of trades of one instrument, joined as a frame carries them. */
export interface TradeRun {
  readonly count: number;
  /** `count` records of the asked width, joined by `^`. */
  readonly payload: string;
}

export interface BookLevel {
  readonly priceWon: number;
  readonly size: number;
}

/** State of one instrument at a venue now, for REST answers and tests. */
export interface Quote {
  readonly code: string;
  readonly timeUs: number;
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
  readonly phase: SessionPhase;
  readonly halted: boolean;
  readonly volatilityInterruption: boolean;
  readonly viReferenceWon: number;
  /** In an auction; 0 else. */
  readonly expectedPriceWon: number;
  readonly expectedVolume: number;
  /** Up to ten levels, best first. */
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** A bar of history, minute or day; the minute's `startUs` is its start, the day's the KST midnight. */
export interface HistoryBar {
  readonly startUs: number;
  readonly openWon: number;
  readonly highWon: number;
  readonly lowWon: number;
  readonly closeWon: number;
  readonly volume: number;
  readonly turnoverWon: number;
}

/** A print of today, for the REST lists of trades. */
export interface RecentTrade {
  readonly second: number;
  readonly priceWon: number;
  readonly size: number;
  readonly volume: number;
  readonly askWon: number;
  readonly bidWon: number;
  readonly side: 'buy' | 'sell' | 'auction';
}

/** A record of an event-driven TR (H0STMKO0, H0NXMKO0, H0UNMKO0), 10 fields as on the wire. */
export interface StatusEvent {
  readonly code: string;
  readonly venue: MarketVenue;
  readonly payload: string;
}

/** Things that happen to a market; on command, or at a second of the day in a scenario. */
export type MarketEvent =
  | { readonly type: 'volatility_interruption'; readonly code: string; readonly kind?: 'dynamic' | 'static' }
  | { readonly type: 'halt' | 'resume'; readonly code: string }
  | { readonly type: 'circuit_breaker' }
  | { readonly type: 'sidecar'; readonly side: 'buy' | 'sell' }
  /** One order of a size that sweeps many levels, and the way back. */
  | { readonly type: 'fat_finger'; readonly code: string; readonly side: 'buy' | 'sell' }
  /** Buyers take the price to its upper limit, or sellers to the lower, and it stays locked there. */
  | { readonly type: 'limit_up' | 'limit_down'; readonly code: string };

export interface ScheduledEvent {
  /** YYYYMMDD; each trading day where it is left out. */
  readonly date?: number;
  /** Second of the KST day. */
  readonly second: number;
  readonly event: MarketEvent;
}

/** Unknown codes throw a RangeError: ask `has` first. NXT and unified are silent for a stock that NXT does not trade. */
export interface SimulatedMarket {
  readonly codes: readonly string[];
  has(code: string): boolean;
  instrument(code: string): Instrument;
  /** At a day's end it jumps to the next trading day's begin, so it may run ahead of what was asked. */
  readonly timeUs: number;
  readonly businessDate: number;
  /** Trades that were dropped because nobody drained them. */
  readonly droppedTrades: number;
  /** Plays all events up to the time; a time already passed, or jumped over, does nothing. */
  advanceTo(timeUs: number): void;
  /** Plays so many microseconds of open market, across closes: what a server with a running clock calls. */
  advanceBy(durationUs: number): void;
  phase(venue: MarketVenue): SessionPhase;

  /** Keeps trades for draining (on for KRX at the start) or lets them pass unformatted. Turning on drops what was pending. */
  watch(code: string, venue: MarketVenue, on: boolean): void;
  /** Trades since the last drain, oldest first, in runs of at most `recordsMax` (default 20) records. */
  drainTradeRuns(code: string, venue: MarketVenue, recordsMax?: number, fieldCount?: TradeFieldCount): TradeRun[];
  /** Rises with each change of the book, so that an unchanged book need not be sent again. */
  bookRevision(code: string, venue: MarketVenue): number;
  bookPayload(code: string, venue: MarketVenue, fieldCount?: BookFieldCount): string;
  /** Expected executions: the revision rises in auctions only. */
  expectedRevision(code: string, venue: MarketVenue): number;
  expectedPayload(code: string, venue: MarketVenue, fieldCount?: ExpectedFieldCount): string;
  /** Market status since the last drain, in order. */
  drainStatus(): readonly StatusEvent[];
  indexRevision(code: IndexCode): number;
  /** H0UPCNT0, 30 fields; computed from the members once a simulated second. */
  indexPayload(code: IndexCode): string;
  /** H0UPANC0, 15 fields; the revision rises in auctions only. */
  expectedIndexRevision(code: IndexCode): number;
  expectedIndexPayload(code: IndexCode): string;

  quote(code: string, venue?: MarketVenue): Quote;
  /** Level, change, open, high, low in points; volume in shares, turnover in won. */
  indexQuote(code: IndexCode): {
    readonly level: number;
    readonly previousClose: number;
    readonly open: number;
    readonly high: number;
    readonly low: number;
    readonly volume: number;
    readonly turnoverWon: number;
  };
  /** Minute bars of a date, oldest first, today's up to now; a day before the start is made up, the same each time. */
  minuteBars(code: string, venue: MarketVenue, date: number): readonly HistoryBar[];
  /** Closed days in [from, to], oldest first, made up before the start; `adjusted` divides splits out. */
  dailyBars(code: string, venue: MarketVenue, from: number, to: number, adjusted: boolean): readonly HistoryBar[];
  indexDailyBars(code: IndexCode, from: number, to: number): readonly HistoryBar[];
  /** The newest prints, newest first, at most so many (bounded by 100). */
  recentTrades(code: string, venue: MarketVenue, count: number): readonly RecentTrade[];

  /** Makes something happen now. Throws a RangeError for an unknown code. */
  happen(event: MarketEvent): void;
}
