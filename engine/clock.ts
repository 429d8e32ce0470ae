// The one place that reads the machine's clocks. Nothing that decides reads them: decisions take engineTimeUs, which
// a source puts on its entries by one of these clocks.
import { performance } from 'node:perf_hooks';

export interface Clock {
  /** UTC, microseconds. */
  nowUs(): number;
}

/** Monotonic microseconds since an arbitrary origin; only differences mean anything. */
export function monotonicUs(): number {
  return performance.now() * 1000;
}

/** UTC microseconds, monotone within the process: the wall clock at the start plus the monotonic time since. */
export function hostTimeUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** Wall clock, UTC milliseconds: for logs, certificates and files, where a step of the system's clock should show. */
export function wallTimeMs(): number {
  return Date.now();
}

export const hostClock: Clock = { nowUs: hostTimeUs };

/**
 * The clock of an emulated feed: it runs on from the feed's last announcement at the feed's speed (0 stands for a feed
 * that runs as fast as it can: time then moves by announcements only).
 */
export class FeedClock implements Clock {
  private anchorFeedUs = 0;
  private anchorHostUs = 0;
  private speed = 1;

  /** False until the feed has told its time. */
  get announced(): boolean {
    return this.anchorFeedUs > 0;
  }

  announce(feedTimeUs: number, speed: number): void {
    this.anchorFeedUs = feedTimeUs;
    this.anchorHostUs = monotonicUs();
    this.speed = speed;
  }

  nowUs(): number {
    return Math.round(this.anchorFeedUs + (monotonicUs() - this.anchorHostUs) * this.speed);
  }
}
