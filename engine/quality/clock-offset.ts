// How far our clock runs from the exchange's, told from receipts alone. The exchange writes whole seconds, so a record of
// 10:00:00.9 says 10:00:00, and
//
//   receipt − exchange second = offset + way of the record + 0 … 1 s that the second hides
//
// The least of these over a window is the offset plus the shortest way. It lies at most one second above that (where no
// record was made right after a second began), never below: an age computed with it is at most 1 s too high for what
// the second hides, and at most 1 s too low for what the window did not see. On a busy feed it is exact to the flush.

/** The window has so many buckets; a record of the oldest one stops counting after half an hour. */
const BUCKETS = 30;
const BUCKET_US = 60_000_000;
/** Our clock went back against the exchange's if a difference lies this far below all of the window before. */
const JUMP_US = 5_000_000;
/** The first record after a step of time comes within this, or says nothing about it. */
const STEP_COUNTS_US = 1_000_000;

const NONE = Number.POSITIVE_INFINITY;

export interface SavedClockOffset {
  readonly minima: readonly number[];
  readonly bucket: number;
  readonly offsetUs: number;
  readonly referenceUs: number;
  readonly entryUs: number;
  readonly stepUs: number;
  readonly steppedUs: number;
}

export class ClockOffset {
  /** Offset plus the shortest way, microseconds; what an age is measured from. 0 until there was a record. */
  offsetUs = 0;
  private minima: number[] = new Array(BUCKETS).fill(NONE);
  private bucket = 0;
  /** The least difference of the buckets before this one. */
  private referenceUs = NONE;
  /** Engine time of the last entry; the last long step between two entries, where no record has come since, and its end. */
  private entryUs = 0;
  private stepUs = 0;
  private steppedUs = 0;

  get known(): boolean {
    return this.minima.some((minimum) => minimum < NONE);
  }

  /** Each journal entry of a time that only goes on. `still`: no trading was to be expected in between. */
  advance(timeUs: number, still: boolean): void {
    const step = this.entryUs === 0 ? 0 : timeUs - this.entryUs;
    if (still || timeUs - this.steppedUs > STEP_COUNTS_US) this.stepUs = 0;
    if (!still && step >= JUMP_US) {
      this.stepUs = step;
      this.steppedUs = timeUs;
    }
    this.entryUs = timeUs;
  }

  /**
   * Takes a receipt in; both times in UTC microseconds.
   * @returns by how much our clock jumped against the exchange's, microseconds; 0 where it did not
   */
  observe(timeUs: number, exchangeTimeUs: number): number {
    const difference = timeUs - exchangeTimeUs;
    const bucket = Math.floor(timeUs / BUCKET_US);
    if (bucket !== this.bucket) this.passTo(bucket);
    if (difference < this.minima[bucket % BUCKETS]) {
      if (this.referenceUs < NONE && difference < this.referenceUs - JUMP_US)
        return this.begin(difference, difference - this.referenceUs);
      this.minima[bucket % BUCKETS] = difference;
      this.offsetUs = Math.min(difference, this.referenceUs);
    }
    if (this.stepUs === 0) return 0;
    const step = this.stepUs;
    this.stepUs = 0;
    // Time made a step, and this record is old by as much: either the clock jumped, or nobody read the socket.
    const known = Math.min(this.offsetUs, this.referenceUs);
    return difference - known > 0.8 * step ? this.begin(difference, difference - known) : 0;
  }

  /** Another feed, another clock. */
  reset(): void {
    this.minima = new Array(BUCKETS).fill(NONE);
    this.referenceUs = NONE;
    this.offsetUs = 0;
    this.stepUs = this.steppedUs = this.entryUs = 0;
  }

  save(): SavedClockOffset {
    const { minima, bucket, offsetUs, referenceUs, entryUs, stepUs, steppedUs } = this;
    return { minima: [...minima], bucket, offsetUs, referenceUs, entryUs, stepUs, steppedUs };
  }

  load(saved: SavedClockOffset): void {
    this.minima = [...saved.minima];
    this.bucket = saved.bucket;
    this.offsetUs = saved.offsetUs;
    this.referenceUs = saved.referenceUs;
    this.entryUs = saved.entryUs;
    this.stepUs = saved.stepUs;
    this.steppedUs = saved.steppedUs;
  }

  private begin(difference: number, jumpUs: number): number {
    this.minima.fill(NONE);
    this.minima[this.bucket % BUCKETS] = difference;
    this.referenceUs = NONE;
    this.offsetUs = difference;
    return jumpUs;
  }

  private passTo(bucket: number): void {
    const first = Math.max(this.bucket + 1, bucket - BUCKETS + 1);
    for (let passed = first; passed <= bucket; passed++) this.minima[passed % BUCKETS] = NONE;
    this.bucket = bucket;
    this.referenceUs = Math.min(...this.minima);
    if (this.referenceUs < NONE) this.offsetUs = this.referenceUs;
  }
}
