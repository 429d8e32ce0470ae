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

/** Wall clock, UTC milliseconds: for logs, certificates and files, where a step of the system's clock should show. */
export function wallTimeMs(): number {
  return Date.now();
}

/** How far the wall clock may run ahead unnoticed: more than it is ever corrected smoothly, less than a bar. */
const STEP_MS = 100;

/**
 * UTC, never back: the wall clock at the start plus the monotonic time since. Where the wall clock is ahead by a step (a
 * sleep in which monotonic time stood still, or the system's clock was set), it follows; where it was set back it runs
 * on from where it is.
 */
export class HostClock implements Clock {
  private stepsFollowed = 0;
  private readonly monotonicMs: () => number;
  private readonly wallMs: () => number;
  private originMs: number;

  constructor(monotonicMs = () => performance.now(), wallMs = wallTimeMs, originMs = wallMs() - monotonicMs()) {
    this.monotonicMs = monotonicMs;
    this.wallMs = wallMs;
    this.originMs = originMs;
  }

  /** Steps ahead of the wall clock that it has followed. */
  get steps(): number {
    return this.stepsFollowed;
  }

  nowUs(): number {
    const monotonicMs = this.monotonicMs();
    const wallMs = this.wallMs();
    if (wallMs - monotonicMs - this.originMs > STEP_MS) {
      this.originMs = wallMs - monotonicMs;
      this.stepsFollowed += 1;
    }
    return Math.round((this.originMs + monotonicMs) * 1000);
  }
}

// The process's own origin is finer than the milliseconds of the wall clock.
export const hostClock = new HostClock(undefined, undefined, performance.timeOrigin);

/** UTC microseconds of the host, monotone within the process. */
export function hostTimeUs(): number {
  return hostClock.nowUs();
}

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
