// The record of H0STASP0 (59, 62 or 63 fields), H0NXASP0 (62 or 65) and H0UNASP0 (65 or 66): ten levels a side. All share
// fields 0–58; behind them stands the midpoint of the venue, or those of KRX and NXT.
import type { AsciiWriter } from './ascii-writer.ts';
import type { Auction } from './auction.ts';
import { LADDER_LEVELS, type Ladder } from './ladder.ts';
import type { OrderBook } from './order-book.ts';
import { changeSign, roundedPercent } from './ratios.ts';
import type { BookFieldCount } from './simulated-market.ts';
import type { TradingDay } from './trading-day.ts';

const BOOK_RECORD_BYTES_MAX = 1024;

/** One venue's mid-price orders; no book where the venue does not trade. */
export interface Midpoint {
  readonly book: OrderBook | undefined;
  /** Shares: positive buys, negative sells. */
  readonly interest: number;
}

export interface BookState {
  readonly code: string;
  /** Second of the KST day of the last change. */
  readonly second: number;
  /** What the last change put on (positive) or took off each side. */
  readonly askSizeChange: number;
  readonly bidSizeChange: number;
  /** Of the venue itself or, for wide records, of KRX and then NXT. */
  readonly midpoints: readonly Midpoint[];
  readonly auction: Auction | undefined;
  /** MARKET_CLS_CODE. */
  readonly market: string;
  /** Whose expected price it is: 1 KRX, 2 NXT. */
  readonly expectedBy: 1 | 2;
}

/** Writes the record, with a separator after its last field. */
export function writeBookRecord(
  writer: AsciiWriter,
  state: BookState,
  day: TradingDay,
  ladder: Ladder,
  fieldCount: BookFieldCount,
): void {
  const { auction, midpoints } = state;
  const running = auction?.hourClass !== undefined ? auction : undefined;
  // Outside auctions no price is expected, and its change is a whole previous close down.
  const expectedWon = running?.expectedWon ?? 0;
  const change = expectedWon - day.previousCloseWon;
  writer.reserve(BOOK_RECORD_BYTES_MAX);
  writer.text(state.code); // 0
  writer.clock(state.second);
  writer.text(running?.hourClass ?? '0'); // 2
  writeColumn(writer, ladder.askPrices); // 3–12
  writeColumn(writer, ladder.bidPrices); // 13–22
  writeColumn(writer, ladder.askSizes); // 23–32
  writeColumn(writer, ladder.bidSizes); // 33–42
  writer.int(ladder.totalAskSize); // 43
  writer.int(ladder.totalBidSize);
  writer.int(0); // 45–46: off hours
  writer.int(0);
  writer.int(expectedWon); // 47
  writer.int(running?.lastSize ?? 0);
  writer.int(running?.volume ?? day.auctionVolume);
  writer.int(change); // 50
  writer.int(expectedWon === 0 ? 5 : changeSign(expectedWon, day));
  writer.hundredths(roundedPercent(change, day.previousCloseWon));
  writer.int(day.volume); // 53
  writer.int(state.askSizeChange);
  writer.int(state.bidSizeChange);
  writer.int(0); // 56–57: off hours
  writer.int(0);
  writer.int(0); // 58
  if (fieldCount === 59) return;
  writeMidpoint(writer, midpoints[0]); // 59–61
  if (fieldCount === 62) return;
  if (fieldCount === 63) {
    writer.text(state.market); // 62
    return;
  }
  writeMidpoint(writer, midpoints[midpoints.length - 1]); // 62–64
  if (fieldCount === 66) writer.int(state.expectedBy); // 65
}

/** Price, resting shares and side (1 sells, 2 buys, 0 none). A midpoint of half a won takes two decimals. */
function writeMidpoint(writer: AsciiWriter, { book, interest }: Midpoint): void {
  const doubled = book !== undefined && book.askWon > 0 && book.bidWon > 0 ? book.askWon + book.bidWon : 0;
  if (doubled % 2 === 0) writer.int(doubled / 2);
  else writer.hundredths(doubled * 50);
  writer.int(Math.abs(interest));
  writer.int(interest === 0 ? 0 : interest > 0 ? 2 : 1);
}

function writeColumn(writer: AsciiWriter, values: Int32Array): void {
  for (let level = 0; level < LADDER_LEVELS; level++) writer.int(values[level]);
}
