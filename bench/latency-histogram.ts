// Counts of latencies in buckets that grow with the value, as HdrHistogram has them: 128 to each doubling, so a value is
// known to 0.8 %. Unlike Node's own histogram it can be sent to another process and added there.

const BUCKETS_PER_DOUBLING = 128;
/** Up to 2^27 µs, two minutes; whatever is longer counts as that. */
const DOUBLINGS = 27;
/** Tenths of microseconds below this are counted one by one. */
const UNITS_PER_US = 10;

export interface LatencyFigures {
  readonly count: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
}

export interface SavedHistogram {
  readonly counts: Float64Array;
  readonly maxUs: number;
}

export class LatencyHistogram {
  private readonly counts = new Float64Array(BUCKETS_PER_DOUBLING * DOUBLINGS);
  private count = 0;
  private maxUs = 0;

  record(us: number): void {
    this.counts[bucketOf(us)] += 1;
    this.count += 1;
    if (us > this.maxUs) this.maxUs = us;
  }

  save(): SavedHistogram {
    return { counts: this.counts, maxUs: this.maxUs };
  }

  add({ counts, maxUs }: SavedHistogram): this {
    for (let i = 0; i < counts.length; i++) {
      this.counts[i] += counts[i];
      this.count += counts[i];
    }
    this.maxUs = Math.max(this.maxUs, maxUs);
    return this;
  }

  /** The smallest bucket's value that so much of all is at most; 0 where nothing was recorded. */
  quantileUs(fraction: number): number {
    let left = Math.max(1, Math.ceil(fraction * this.count));
    for (let i = 0; i < this.counts.length; i++) {
      left -= this.counts[i];
      if (left <= 0) return Math.min(this.maxUs, middleOf(i));
    }
    return 0;
  }

  figures(): LatencyFigures {
    return {
      count: this.count,
      p50Us: this.quantileUs(0.5),
      p90Us: this.quantileUs(0.9),
      p99Us: this.quantileUs(0.99),
      p999Us: this.quantileUs(0.999),
      maxUs: this.maxUs,
    };
  }
}

function bucketOf(us: number): number {
  const units = Math.max(0, Math.floor(us * UNITS_PER_US));
  if (units < BUCKETS_PER_DOUBLING) return units;
  const doublings = Math.floor(Math.log2(units)) - Math.log2(BUCKETS_PER_DOUBLING);
  const within = Math.floor(units / 2 ** doublings) - BUCKETS_PER_DOUBLING;
  return Math.min(BUCKETS_PER_DOUBLING * DOUBLINGS - 1, BUCKETS_PER_DOUBLING * (doublings + 1) + within);
}

/** The middle of a bucket, µs. */
function middleOf(bucket: number): number {
  if (bucket < BUCKETS_PER_DOUBLING) return (bucket + 0.5) / UNITS_PER_US;
  const doublings = Math.floor(bucket / BUCKETS_PER_DOUBLING) - 1;
  const within = bucket % BUCKETS_PER_DOUBLING;
  return ((BUCKETS_PER_DOUBLING + within + 0.5) * 2 ** doublings) / UNITS_PER_US;
}
