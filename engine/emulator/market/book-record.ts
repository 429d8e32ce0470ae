// The record of H0STASP0 (59, 62 or 63 fields), H0NXASP0 (62 or 65) and H0UNASP0 (65 or 66): ten levels a side. The
// widths share fields 0–58; what follows depends on the width alone, and every midpoint is that of the one book.
import type { AsciiWriter } from './ascii-writer.ts';
import type { BookFieldCount } from './market.ts';
import type { OrderBook } from './order-book.ts';
import type { TradingDay } from './trading-day.ts';

const LEVELS = 10;
const BOOK_RECORD_BYTES_MAX = 1024;

export interface BookState {
  readonly code: string;
  /** Second of the KST day of the last change. */
  readonly second: number;
  /** What the last change put on (positive) or took off each side. */
  readonly askSizeChange: number;
  readonly bidSizeChange: number;
  /** Resting mid-price interest in shares: positive buys, negative sells. */
  readonly midpointInterest: number;
}

/** Writes the record, with a separator after its last field. */
export function writeBookRecord(
  writer: AsciiWriter,
  state: BookState,
  day: TradingDay,
  book: OrderBook,
  fieldCount: BookFieldCount,
): void {
  writer.reserve(BOOK_RECORD_BYTES_MAX);
  writer.text(state.code); // 0
  writer.clock(state.second);
  writer.text('0'); // 2: in session
  writeAsks(writer, book, book.prices); // 3–12
  writeBids(writer, book, book.prices); // 13–22
  writeAsks(writer, book, book.sizes); // 23–32
  writeBids(writer, book, book.sizes); // 33–42
  writer.int(book.totalAskSize()); // 43
  writer.int(book.totalBidSize());
  writer.int(0); // 45–46: off hours
  writer.int(0);
  // 47–52: no expected price in session; its change is then a whole previous close down.
  writer.int(0);
  writer.int(0);
  writer.int(day.auctionVolume);
  writer.int(-day.previousCloseWon);
  writer.int(5);
  writer.text('-100.00');
  writer.int(day.volume); // 53
  writer.int(state.askSizeChange);
  writer.int(state.bidSizeChange);
  writer.int(0); // 56–57: off hours
  writer.int(0);
  writer.int(0); // 58
  if (fieldCount === 59) return;
  writeMidpoint(writer, state, book); // 59–61
  if (fieldCount === 62) return;
  if (fieldCount === 63) {
    writer.text('2'); // 62: regular market
    return;
  }
  writeMidpoint(writer, state, book); // 62–64: NXT's
  if (fieldCount === 66) writer.text('1'); // 65: expected prices are KRX's
}

/** Price, resting shares and side (1 sells, 2 buys, 0 none). A midpoint of half a won takes two decimals. */
function writeMidpoint(writer: AsciiWriter, { midpointInterest }: BookState, book: OrderBook): void {
  const doubled = book.askWon > 0 && book.bidWon > 0 ? book.askWon + book.bidWon : 0;
  if (doubled % 2 === 0) writer.int(doubled / 2);
  else writer.hundredths(doubled * 50);
  writer.int(Math.abs(midpointInterest));
  writer.int(midpointInterest === 0 ? 0 : midpointInterest > 0 ? 2 : 1);
}

function writeAsks(writer: AsciiWriter, book: OrderBook, values: Int32Array): void {
  let index = book.bestAsk;
  for (let level = 0; level < LEVELS; level++) {
    writer.int(index < values.length ? values[index] : 0);
    if (index < values.length) index = book.nextAsk(index + 1);
  }
}

function writeBids(writer: AsciiWriter, book: OrderBook, values: Int32Array): void {
  let index = book.bestBid;
  for (let level = 0; level < LEVELS; level++) {
    writer.int(index >= 0 ? values[index] : 0);
    if (index >= 0) index = book.nextBid(index - 1);
  }
}
