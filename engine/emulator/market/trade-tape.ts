// Trades of one instrument that are written and not yet drained, as one run of bytes. Bounded: at the bound the backlog
// is dropped whole and counted, because a reader that far behind has lost the thread anyway.
import { AsciiWriter } from './ascii-writer.ts';
import type { TradeFieldCount, TradeRun } from './simulated-market.ts';

const FIRST_CAPACITY_BYTES = 4096;
/** `^2`: what 46-wide records lack of 47-wide ones. */
const LAST_FIELD_BYTES = 2;
/** What a wider record might have at its end. */
const UNKNOWN_FIELD = '^0';

export class TradeTape {
  readonly writer = new AsciiWriter(FIRST_CAPACITY_BYTES);
  dropped = 0;
  private readonly tradesMax: number;
  /** Where each record ends, its separator included. */
  private readonly ends: number[] = [];

  constructor(tradesMax: number) {
    this.tradesMax = tradesMax;
  }

  /** Makes room for a record that is about to be written. */
  begin(): void {
    if (this.ends.length < this.tradesMax) return;
    this.dropped += this.ends.length;
    this.clear();
  }

  /** The record is written. */
  end(): void {
    this.ends.push(this.writer.length);
  }

  clear(): void {
    this.ends.length = 0;
    this.writer.length = 0;
  }

  /** Takes all records out, joined to runs of at most `recordsMax`. */
  drain(recordsMax: number, fieldCount: TradeFieldCount): TradeRun[] {
    const runs: TradeRun[] = [];
    for (let first = 0; first < this.ends.length; first += recordsMax) {
      const next = Math.min(first + recordsMax, this.ends.length);
      runs.push({ count: next - first, payload: this.slice(first, next, fieldCount) });
    }
    this.clear();
    return runs;
  }

  private slice(first: number, next: number, fieldCount: TradeFieldCount): string {
    if (fieldCount === 47) return this.text(first, next, 1);
    const records: string[] = [];
    for (let record = first; record < next; record++) {
      if (fieldCount === 46) records.push(this.text(record, record + 1, 1 + LAST_FIELD_BYTES));
      else records.push(this.text(record, record + 1, 1) + UNKNOWN_FIELD);
    }
    return records.join('^');
  }

  private text(first: number, next: number, tail: number): string {
    return this.writer.bytes.toString('latin1', first === 0 ? 0 : this.ends[first - 1], this.ends[next - 1] - tail);
  }
}
