// So much in a minute, counted from the first; what is beyond waits for the next minute.
import type { Cancel, Timers } from './timers.ts';

export interface QuotaOptions {
  readonly perMinute: number;
  readonly timers: Timers;
  readonly onRenewed: () => void;
}

const MINUTE_MS = 60_000;

export class Quota {
  private readonly options: QuotaOptions;
  private taken = 0;
  private cancel: Cancel = () => {};

  constructor(options: QuotaOptions) {
    this.options = options;
  }

  get left(): boolean {
    return this.taken < this.options.perMinute;
  }

  take(): void {
    this.taken += 1;
    if (this.taken > 1) return;
    this.cancel = this.options.timers.after(MINUTE_MS, () => {
      this.taken = 0;
      this.options.onRenewed();
    });
  }

  stop(): void {
    this.cancel();
  }
}
