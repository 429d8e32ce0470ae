// Widths of KIS's records by date: the emulator speaks the wire of the day that it simulates, so that a client written
// for the layouts of 2024 finds them by a start in 2024. Changes are known to the day for 2026-09-14 only.
import type { BookFieldCount, ExpectedFieldCount, MarketVenue, TradeFieldCount } from './market/simulated-market.ts';

export interface WireWidths {
  /** YYYYMMDD. */
  readonly since: number;
  readonly trade: TradeFieldCount;
  readonly book: Readonly<Record<MarketVenue, BookFieldCount>>;
  readonly expected: Readonly<Record<MarketVenue, ExpectedFieldCount>>;
  readonly notice: 23 | 26;
}

/** Newest first. */
export const WIRE_WIDTHS: readonly [WireWidths, WireWidths, WireWidths] = [
  {
    since: 20260914,
    trade: 47,
    book: { KRX: 63, NXT: 65, UN: 66 },
    expected: { KRX: 46, NXT: 47, UN: 47 },
    notice: 26,
  },
  // With NXT came the fields of the midpoint, and of the exchange in notices.
  {
    since: 20250304,
    trade: 46,
    book: { KRX: 62, NXT: 62, UN: 65 },
    expected: { KRX: 45, NXT: 46, UN: 46 },
    notice: 26,
  },
  {
    since: 0,
    trade: 46,
    book: { KRX: 59, NXT: 62, UN: 65 },
    expected: { KRX: 45, NXT: 46, UN: 46 },
    notice: 23,
  },
];

export function widthsOn(date: number): WireWidths {
  return WIRE_WIDTHS.find(({ since }) => date >= since)!;
}
