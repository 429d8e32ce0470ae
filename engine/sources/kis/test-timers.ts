// For tests: timers that are moved by hand, and timers that pass long waits quickly while keeping the book of them.
import { type Cancel, systemTimers, type Timers } from './timers.ts';

/** Nothing happens until `advance`; equal times fire in the order of their setting. */
export class HandTimers implements Timers {
  private nowMs = 0;
  private readonly waiting = new Set<{ dueMs: number; callback: () => void }>();
  private readonly turn: (() => void)[] = [];

  get pending(): number {
    return this.waiting.size;
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer = { dueMs: this.nowMs + delayMs, callback };
    this.waiting.add(timer);
    return () => this.waiting.delete(timer);
  }

  afterTurn(callback: () => void): void {
    this.turn.push(callback);
  }

  endTurn(): void {
    for (const callback of this.turn.splice(0)) callback();
  }

  advance(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    for (;;) {
      const next = [...this.waiting].sort((one, other) => one.dueMs - other.dueMs)[0];
      if (next === undefined || next.dueMs > untilMs) break;
      this.waiting.delete(next);
      this.nowMs = next.dueMs;
      next.callback();
    }
    this.nowMs = untilMs;
  }
}

/** Waits from `longMs` on are written down and last a few milliseconds; shorter ones are real. */
export class HastyTimers implements Timers {
  readonly waitsMs: number[] = [];
  private readonly longMs: number;

  constructor(longMs: number) {
    this.longMs = longMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    if (delayMs < this.longMs) return systemTimers.after(delayMs, callback);
    this.waitsMs.push(delayMs);
    return systemTimers.after(5, callback);
  }

  afterTurn(callback: () => void): void {
    systemTimers.afterTurn(callback);
  }
}
