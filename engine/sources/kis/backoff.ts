// Waiting times between attempts: doubling up to a bound, with jitter so that many clients do not return at once.

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export class Backoff {
  private readonly options: BackoffOptions;
  private ceilingMs: number;

  constructor(options: BackoffOptions) {
    this.options = options;
    this.ceilingMs = options.firstMs;
  }

  /** Between half and the whole of the present ceiling, milliseconds; the ceiling then doubles. */
  nextMs(): number {
    const delayMs = this.ceilingMs * (0.5 + 0.5 * this.options.random());
    this.ceilingMs = Math.min(this.ceilingMs * 2, this.options.maxMs);
    return Math.round(delayMs);
  }

  reset(): void {
    this.ceilingMs = this.options.firstMs;
  }
}
