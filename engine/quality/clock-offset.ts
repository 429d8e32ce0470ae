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

/** Where no record has told a jump, it may be told again after so long: a quiet symbol notices an old one late. */
const TOLD_US = BUCKETS * BUCKET_US;

const NONE = Number.POSITIVE_INFINITY;

export interface SavedClockOffset {
  readonly minima: readonly number[];
  readonly bucket: number;
  readonly offsetUs: number;
  readonly referenceUs: number;
  readonly recordUs: number;
}

export interface SavedClockSteps {
  readonly entryUs: number;
  readonly stepUs: number;
  readonly steppedUs: number;
  readonly toldUs: number;
  readonly toldJumpUs: number;
}

/** The long steps of engine time between entries that concern every code, whatever became of it meanwhile. */
export class ClockSteps {
  /** Of the last such entry. */
  entryUs = 0;
  /** The last long step, and its end. */
  stepUs = 0;
  steppedUs = 0;
  /** No trading was to be expected since the entry before. */
  still = false;
  private toldUs = 0;
  private toldJumpUs = 0;

  /** Each journal entry, of a time that only goes on. @param ofAll it concerns every code */
  advance(timeUs: number, still: boolean, ofAll: boolean): void {
    this.still = still;
    if (!ofAll) return;
    const step = this.entryUs === 0 ? 0 : timeUs - this.entryUs;
    this.entryUs = timeUs;
    if (still) this.stepUs = 0;
    else if (step >= JUMP_US) {
      this.stepUs = step;
      this.steppedUs = timeUs;
    }
  }

  /** Whether a jump that a symbol has noticed is news: each of them notices it for itself. */
  isNews(timeUs: number, jumpUs: number): boolean {
    if (timeUs - this.toldUs < TOLD_US && Math.abs(jumpUs - this.toldJumpUs) < JUMP_US) return false;
    this.toldUs = timeUs;
    this.toldJumpUs = jumpUs;
    return true;
  }

  reset(): void {
    this.load({ entryUs: 0, stepUs: 0, steppedUs: 0, toldUs: 0, toldJumpUs: 0 });
  }

  save(): SavedClockSteps {
    const { entryUs, stepUs, steppedUs, toldUs, toldJumpUs } = this;
    return { entryUs, stepUs, steppedUs, toldUs, toldJumpUs };
  }

  load(saved: SavedClockSteps): void {
    Object.assign(this, saved);
  }
}

export class ClockOffset {
  /** Offset plus the shortest way, microseconds; what an age is measured from. 0 until there was a record. */
  offsetUs = 0;
  private minima: number[] = new Array(BUCKETS).fill(NONE);
  private bucket = 0;
  /** The least difference of the buckets before this one. */
  private referenceUs = NONE;
  /** Engine time of the last record. */
  private recordUs = 0;

  get known(): boolean {
    return this.recordUs > 0;
  }

  /**
   * Takes a receipt in; both times in UTC microseconds.
   * @returns by how much our clock jumped against the exchange's, microseconds; 0 where it did not
   */
  observe(timeUs: number, exchangeTimeUs: number, steps: ClockSteps): number {
    const difference = timeUs - exchangeTimeUs;
    const step = this.stepBefore(timeUs, steps);
    const bucket = Math.floor(timeUs / BUCKET_US);
    if (bucket !== this.bucket) this.passTo(bucket);
    if (difference < this.minima[bucket % BUCKETS]) {
      if (this.referenceUs < NONE && difference < this.referenceUs - JUMP_US)
        return this.begin(difference, difference - this.referenceUs);
      this.minima[bucket % BUCKETS] = difference;
      this.offsetUs = Math.min(difference, this.referenceUs);
    }
    if (step === 0) return 0;
    // Time made a step, and this record is old by as much: either the clock jumped, or nobody read the socket.
    const known = Math.min(this.offsetUs, this.referenceUs);
    return difference - known > 0.8 * step ? this.begin(difference, difference - known) : 0;
  }

  /** A long step of time since the record before this one; 0 where there was none. */
  private stepBefore(timeUs: number, steps: ClockSteps): number {
    const { recordUs } = this;
    this.recordUs = timeUs;
    if (recordUs === 0 || steps.still) return 0;
    const sinceUs = timeUs - Math.max(recordUs, steps.entryUs);
    if (sinceUs >= JUMP_US) return sinceUs;
    return steps.stepUs > 0 && recordUs <= steps.steppedUs - steps.stepUs ? steps.stepUs : 0;
  }

  /** Another feed, another clock. */
  reset(): void {
    this.minima.fill(NONE);
    this.referenceUs = NONE;
    this.offsetUs = this.recordUs = 0;
  }

  save(): SavedClockOffset {
    const { minima, bucket, offsetUs, referenceUs, recordUs } = this;
    return { minima: [...minima], bucket, offsetUs, referenceUs, recordUs };
  }

  load(saved: SavedClockOffset): void {
    this.minima = [...saved.minima];
    this.bucket = saved.bucket;
    this.offsetUs = saved.offsetUs;
    this.referenceUs = saved.referenceUs;
    this.recordUs = saved.recordUs;
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
