// Lets its callers through one by one, no more than so many a second, in the order in which they asked.
import type { Timers } from './timers.ts';

export interface PaceOptions {
  readonly perSecond: number;
  readonly timers: Timers;
}

export class Pace {
  private readonly options: PaceOptions;
  /** Each caller asks for one turn at a time, so there are never more than callers. */
  private readonly waiting: (() => void)[] = [];
  private resting = false;

  constructor(options: PaceOptions) {
    this.options = options;
  }

  /** Calls back at once where none is ahead, else in its turn. */
  enter(callback: () => void): void {
    this.waiting.push(callback);
    if (!this.resting) this.next();
  }

  private next(): void {
    const callback = this.waiting.shift();
    this.resting = callback !== undefined;
    if (callback === undefined) return;
    this.options.timers.after(1000 / this.options.perSecond, () => this.next());
    callback();
  }
}
