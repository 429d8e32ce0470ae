// What every indicator is: a pure, synchronous fold over samples. All that changes lives in one Float64Array, so that
// saving is a copy, restoring is a copy back, and an update allocates nothing.

/** One reused sample; who updates an indicator fills it first. Prices in won, sizes and volumes in shares. */
export class Sample {
  timeUs = 0;
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  volume = 0;
  /** Top of the book; 0 where it is not known. */
  bidPrice = 0;
  askPrice = 0;
  bidSize = 0;
  askSize = 0;
}

/** What advances an indicator: trades (or bars of them), or changes of the book. */
export type Drive = 'trade' | 'book';

export interface Indicator {
  /** Field's term with its parameters, as it stands in messages: `sma20`. */
  readonly name: string;
  readonly drive: Drive;
  /** Names of the outputs, the first being the main one: `['macd12-26-9', 'macd12-26-9.signal', …]`. */
  readonly outputs: readonly string[];
  /** Appended samples until the first value. */
  readonly warmUp: number;
  /** All of the mutable state. */
  readonly state: Float64Array;
  /** Appends a sample. */
  update(sample: Sample): void;
  /** Replaces the last appended sample (a bar that is still forming); before any update it appends. */
  replace(sample: Sample): void;
  /** Output i, NaN while warming up. */
  value(i: number): number;
  /** Back to the state at construction. */
  reset(): void;
}
