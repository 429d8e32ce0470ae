// What is known of the market besides the feed: answers of REST sources, normalised. Each is stored whole as a content
// named by its SHA-256, and enters the journal as a control entry with that hash, so that a replay reads the same.
// Prices in won, quantities in shares, dates YYYYMMDD in Korea, times UTC microseconds.
import type { SecurityKind } from '../../config/market-rules.ts';
import type { Venue } from '../decode/records.ts';

/** One listed instrument on a date, from the masters and the quotation TRs. */
export interface InstrumentReference {
  readonly code: string;
  readonly nameKo: string;
  readonly market: 'KOSPI' | 'KOSDAQ' | 'KONEX';
  readonly kind: SecurityKind;
  /** Base price of the day: the previous close, adjusted where a corporate action says so. 0: not known. */
  readonly basePriceWon: number;
  /** 0: not known, or no limit (liquidation trading, say). */
  readonly upperLimitWon: number;
  readonly lowerLimitWon: number;
  readonly lotSize: number;
  readonly listedShares: number;
  readonly previousVolume: number;
  readonly kospi200: boolean;
  /** Tradable on NXT: only then do its feed and the unified one deliver it. */
  readonly nxt: boolean;
  readonly halted: boolean;
  /** Liquidation trading (정리매매): no price limits, no volatility interruptions. */
  readonly liquidation: boolean;
  /** YYYYMMDD; 0: not known. On the first day the limits are 60–400 %. */
  readonly listedDate: number;
}

export interface InstrumentsReference {
  readonly kind: 'instruments';
  readonly date: number;
  readonly source: 'KIS' | 'KRX';
  readonly instruments: readonly InstrumentReference[];
  /** Against the reference of the day before, where there was one. */
  readonly listed: readonly string[];
  readonly delisted: readonly string[];
  readonly renamed: readonly { readonly code: string; readonly from: string; readonly to: string }[];
}

/** Open days as KIS says (CTCA0903R); a day that it does not name follows our own calendar. */
export interface CalendarReference {
  readonly kind: 'calendar';
  readonly days: readonly { readonly date: number; readonly open: boolean }[];
}

export interface ReferenceBar {
  readonly startUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly turnover: number;
}

/** Minute bars of one instrument, oldest first: to warm indicators at the start, or to fill what a gap tore. */
export interface MinuteBarsReference {
  readonly kind: 'minute_bars';
  readonly code: string;
  readonly venue: Venue;
  readonly purpose: 'warm' | 'fill';
  readonly bars: readonly ReferenceBar[];
}

/** Closing price and volume of a day by one source: tells a loss behind the last record, and where sources differ. */
export interface DailyCloseReference {
  readonly kind: 'daily_close';
  readonly source: 'KIS' | 'KRX';
  readonly venue: Venue;
  readonly date: number;
  readonly rows: readonly {
    readonly code: string;
    readonly closeWon: number;
    readonly volume: number;
    readonly turnoverWon: number;
  }[];
}

export type Reference = InstrumentsReference | CalendarReference | MinuteBarsReference | DailyCloseReference;
export type ReferenceKind = Reference['kind'];
