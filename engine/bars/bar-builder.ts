// Bars of one instrument and interval from its trades, by the exchange's second. A bar is [start, end); it closes with
// the first trade of a later bar, or by the clock once it can take no more; trades that come even later are counted.
import type { BarMessage } from '../messages.ts';

export type ClosedBar = Omit<BarMessage, 'seq' | 'timeUs'>;

const NO_TRADES = {
  open: 0,
  high: 0,
  low: 0,
  close: 0,
  volume: 0,
  turnover: 0,
  trades: 0,
  complete: true,
  filled: false,
} as const satisfies Omit<ClosedBar, 'startUs'>;

export class BarBuilder {
  /** The forming bar; `trades` is 0 where there is none. Saved with the instrument. */
  readonly forming: ClosedBar = { startUs: 0, ...NO_TRADES };
  /** Trades of bars that had closed. */
  lateTrades = 0;
  private readonly intervalUs: number;
  private readonly latenessUs: number;

  constructor(intervalUs: number, latenessUs: number) {
    this.intervalUs = intervalUs;
    this.latenessUs = latenessUs;
  }

  /** True where a trade of that time belongs to a later bar than the forming one: `close` first. */
  endsBefore(exchangeTimeUs: number): boolean {
    return this.forming.trades > 0 && exchangeTimeUs >= this.forming.startUs + this.intervalUs;
  }

  /** Takes a trade (price in won); false where it came too late for its bar. */
  add(exchangeTimeUs: number, price: number, volume: number): boolean {
    const bar = this.forming;
    const startUs = Math.floor(exchangeTimeUs / this.intervalUs) * this.intervalUs;
    if (startUs < bar.startUs || (bar.trades === 0 && startUs === bar.startUs)) {
      this.lateTrades += 1;
      return false;
    }
    if (bar.trades === 0) {
      bar.startUs = startUs;
      bar.open = bar.high = bar.low = price;
    } else {
      if (price > bar.high) bar.high = price;
      if (price < bar.low) bar.low = price;
    }
    bar.close = price;
    bar.volume += volume;
    bar.turnover += price * volume;
    bar.trades += 1;
    return true;
  }

  /** True where a trade of that time belongs to the forming bar. */
  holds(exchangeTimeUs: number): boolean {
    const { startUs, trades } = this.forming;
    return trades > 0 && exchangeTimeUs >= startUs && exchangeTimeUs < startUs + this.intervalUs;
  }

  /** Trades of the forming bar were lost: volume and turnover stay exact, open, high, low and close may not be. */
  addMissing(shares: number, turnoverWon: number): void {
    this.forming.volume += shares;
    this.forming.turnover += turnoverWon;
    this.forming.complete = false;
  }

  /** A trade whose shares were counted as missing comes after all: the forming bar learns its price. */
  addLate(exchangeTimeUs: number, price: number): void {
    if (!this.holds(exchangeTimeUs)) {
      this.lateTrades += 1;
      return;
    }
    const bar = this.forming;
    bar.high = Math.max(bar.high, price);
    bar.low = Math.min(bar.low, price);
    bar.trades += 1;
  }

  /** Records are missing in front of the next trade: the forming bar does not hold all of its trades. */
  markIncomplete(): void {
    this.forming.complete = false;
  }

  /** Engine time from which on the forming bar takes nothing more; Infinity where none forms. */
  get dueUs(): number {
    return this.forming.trades === 0
      ? Number.POSITIVE_INFINITY
      : this.forming.startUs + this.intervalUs + this.latenessUs;
  }

  /** Ends the forming bar and gives a copy. `forming.startUs` stays, so that a late trade is known as one. */
  close(): ClosedBar {
    const closed = { ...this.forming };
    Object.assign(this.forming, NO_TRADES);
    return closed;
  }
}
