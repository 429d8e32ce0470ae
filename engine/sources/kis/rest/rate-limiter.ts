// Spaces the requests of one app key evenly: KIS counts in each second, and refuses a burst that a bucket would let
// through. Who waits, waits in a queue of bounded length; who finds it full is turned away (`queue_full`).
import type { Clock } from '../../../clock.ts';
import type { Cancel, Timers } from '../timers.ts';

export interface RateLimiterOptions {
  readonly perSecond: number;
  readonly queueMax: number;
  readonly clock: Clock;
  readonly timers: Timers;
}

interface Waiting {
  readonly proceed: () => void;
  readonly refuse: (reason: RateLimiterRefusal) => void;
}

export type RateLimiterRefusal = 'queue_full' | 'closed';

export class RateLimiter {
  /** Turned away because the queue was full. */
  refused = 0;
  private readonly options: RateLimiterOptions;
  private readonly intervalUs: number;
  private readonly queue: Waiting[] = [];
  private nextUs = 0;
  private cancel: Cancel | undefined;
  private closed = false;

  constructor(options: RateLimiterOptions) {
    this.options = options;
    this.intervalUs = 1_000_000 / options.perSecond;
  }

  get waiting(): number {
    return this.queue.length;
  }

  /** Resolves when the request may go out; rejects with a RateLimiterRefusal. */
  turn(): Promise<void> {
    return new Promise((proceed, refuse) => {
      if (this.closed) return refuse('closed' satisfies RateLimiterRefusal);
      if (this.queue.length >= this.options.queueMax) {
        this.refused += 1;
        return refuse('queue_full' satisfies RateLimiterRefusal);
      }
      this.queue.push({ proceed, refuse });
      this.schedule();
    });
  }

  /** No request goes out for so long: KIS said that there were too many. */
  pause(durationMs: number): void {
    this.nextUs = Math.max(this.nextUs, this.options.clock.nowUs() + durationMs * 1000);
  }

  close(): void {
    this.closed = true;
    this.cancel?.();
    for (const { refuse } of this.queue.splice(0)) refuse('closed');
  }

  private schedule(): void {
    if (this.cancel !== undefined || this.queue.length === 0) return;
    const delayUs = Math.max(0, this.nextUs - this.options.clock.nowUs());
    this.cancel = this.options.timers.after(Math.ceil(delayUs / 1000), () => {
      this.cancel = undefined;
      const nowUs = this.options.clock.nowUs();
      if (nowUs >= this.nextUs) {
        this.nextUs = nowUs + this.intervalUs;
        this.queue.shift()?.proceed();
      }
      this.schedule();
    });
  }
}
