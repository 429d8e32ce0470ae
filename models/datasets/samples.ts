// Labelled rows of one instrument, in time order, and the two ways of taking them: at every change of the best quotes,
// and from books and trades conflated as KIS conflates them. The label is the direction of the next move of the mid
// from the mid that stood at the row's own time; nothing is smoothed, so a label holds nothing of its own past.

import { BOOK_LEVELS, BookColumns } from '../../engine/decode/records.ts';
import { FEATURE_NAMES, OrderBookFeatures } from '../../engine/features/order-book-features.ts';
import type { MarketListener } from './binance.ts';

export const ROW_WIDTH = FEATURE_NAMES.length;

export interface Samples {
  readonly instrument: string;
  readonly count: number;
  /** [count × ROW_WIDTH], as the fold writes them. */
  readonly rows: Float32Array;
  /** 1 where the next move was up, 0 where it was down. */
  readonly up: Uint8Array;
  /** Direction of the last move before the row: +1, −1, or 0 before the first. */
  readonly lastMove: Int8Array;
  readonly timeUs: Float64Array;
  /** When the move came that made the label: nothing trained on a row may be tested before it. */
  readonly labelTimeUs: Float64Array;
}

/** Collects rows and labels them when the mid moves; rows still waiting at the end are dropped. */
export class SampleCollector {
  private readonly fold = new OrderBookFeatures();
  private readonly rowChunks: Float32Array[] = [];
  private readonly lastMoves: number[] = [];
  private readonly times: number[] = [];
  private readonly labels: number[] = [];
  private readonly labelTimes: number[] = [];
  private mid = 0;
  private lastMove = 0;

  book(columns: BookColumns, timeUs: number): void {
    const mid = columns.bidPrice[0] + columns.askPrice[0];
    if (this.mid !== 0 && mid !== this.mid) {
      this.lastMove = mid > this.mid ? 1 : -1;
      while (this.labels.length < this.times.length) {
        this.labels.push(this.lastMove > 0 ? 1 : 0);
        this.labelTimes.push(timeUs);
      }
    }
    this.mid = mid;
    this.fold.book(columns, 0, timeUs);
  }

  trade(price: number, volume: number, sign: number, timeUs: number): void {
    this.fold.trade(price, volume, sign, timeUs);
  }

  sample(timeUs: number): void {
    const row = new Float32Array(ROW_WIDTH);
    if (!this.fold.write(row, 0, timeUs)) return;
    this.rowChunks.push(row);
    this.times.push(timeUs);
    this.lastMoves.push(this.lastMove);
  }

  finish(instrument: string): Samples {
    const count = this.labels.length;
    const rows = new Float32Array(count * ROW_WIDTH);
    for (let r = 0; r < count; r++) rows.set(this.rowChunks[r], r * ROW_WIDTH);
    return {
      instrument,
      count,
      rows,
      up: Uint8Array.from(this.labels),
      lastMove: Int8Array.from(this.lastMoves.slice(0, count)),
      timeUs: Float64Array.from(this.times.slice(0, count)),
      labelTimeUs: Float64Array.from(this.labelTimes),
    };
  }
}

/** A row at every change of the best quotes. */
export class QuoteSampler implements MarketListener {
  readonly collector = new SampleCollector();

  book(columns: BookColumns, timeUs: number, quote: boolean): void {
    this.collector.book(columns, timeUs);
    if (quote) this.collector.sample(timeUs);
  }

  trade(price: number, volume: number, sign: number, timeUs: number): void {
    this.collector.trade(price, volume, sign, timeUs);
  }
}

/** KIS sends about five frames a second of each kind and symbol. */
const FRAME_US = 200_000;

/**
 * Books and trades as KIS would have sent them: every 200 ms the newest book where it changed, and at a time of their
 * own all trades since; a row after each frame, as the live engine predicts after each.
 */
export class FrameSampler implements MarketListener {
  readonly collector = new SampleCollector();
  private readonly newest = new BookColumns();
  private changed = false;
  private readonly trades: { price: number; volume: number; sign: number }[] = [];
  private bookDueUs: number;
  private tradesDueUs: number;

  /** Phases in microseconds, 0 ≤ phase < 200 ms. */
  constructor(bookPhaseUs: number, tradesPhaseUs: number) {
    this.bookDueUs = bookPhaseUs;
    this.tradesDueUs = tradesPhaseUs;
    this.newest.count = 1;
  }

  book(columns: BookColumns, timeUs: number): void {
    this.sendDue(timeUs);
    for (let level = 0; level < BOOK_LEVELS; level++) {
      this.newest.bidPrice[level] = columns.bidPrice[level];
      this.newest.bidSize[level] = columns.bidSize[level];
      this.newest.askPrice[level] = columns.askPrice[level];
      this.newest.askSize[level] = columns.askSize[level];
    }
    this.changed = true;
  }

  trade(price: number, volume: number, sign: number, timeUs: number): void {
    this.sendDue(timeUs);
    this.trades.push({ price, volume, sign });
  }

  /** Sends the frames whose time has come, in their order; `timeUs` itself is not yet over. */
  private sendDue(timeUs: number): void {
    while (this.bookDueUs < timeUs || this.tradesDueUs < timeUs) {
      if (!this.changed && this.trades.length === 0) {
        this.bookDueUs = skippedTo(this.bookDueUs, timeUs);
        this.tradesDueUs = skippedTo(this.tradesDueUs, timeUs);
      } else if (this.tradesDueUs <= this.bookDueUs) {
        this.sendTrades(this.tradesDueUs);
        this.tradesDueUs += FRAME_US;
      } else {
        this.sendBook(this.bookDueUs);
        this.bookDueUs += FRAME_US;
      }
    }
  }

  private sendBook(dueUs: number): void {
    if (!this.changed) return;
    this.changed = false;
    this.collector.book(this.newest, dueUs);
    this.collector.sample(dueUs);
  }

  private sendTrades(dueUs: number): void {
    if (this.trades.length === 0) return;
    for (const { price, volume, sign } of this.trades) this.collector.trade(price, volume, sign, dueUs);
    this.trades.length = 0;
    this.collector.sample(dueUs);
  }
}

function skippedTo(dueUs: number, timeUs: number): number {
  return dueUs >= timeUs ? dueUs : dueUs + Math.ceil((timeUs - dueUs) / FRAME_US) * FRAME_US;
}
