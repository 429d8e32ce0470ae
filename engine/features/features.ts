// Contract between the state machine, training and inference: features of one instrument, folded from books and trades.
// The live engine and training call the same implementation, so that a feature cannot mean two things.
import type { BookColumns } from '../decode/records.ts';

export interface FeatureFold {
  /** Names in the order of a row; part of the artifact, checked when a model is loaded. */
  readonly names: readonly string[];
  /** All of the mutable state. */
  readonly state: Float64Array;
  /** Takes record r of the columns; time is engine time, UTC microseconds. */
  book(columns: BookColumns, record: number, timeUs: number): void;
  /** A trade: price in the book's scale, signed by its aggressor (+1 buys, −1 sells, 0 unknown). */
  trade(price: number, volume: number, sign: number, timeUs: number): void;
  /** Writes names.length values at `offset`; false (nothing written) while warming up or without a two-sided book. */
  write(row: Float32Array, offset: number, timeUs: number): boolean;
  reset(): void;
}
