// Whether a session is away for longer than a moment: a short loss moves no registrations, a long one does.
import type { Cancel, Timers } from './timers.ts';

export interface AbsenceOptions {
  readonly downMsMax: number;
  readonly timers: Timers;
  readonly onDown: () => void;
}

export class Absence {
  down = false;

  private readonly options: AbsenceOptions;
  private cancel: Cancel = () => {};

  constructor(options: AbsenceOptions) {
    this.options = options;
  }

  begin(): void {
    this.cancel();
    this.cancel = this.options.timers.after(this.options.downMsMax, () => this.goDown());
  }

  /** It will be at least so long. */
  expect(durationMs: number): void {
    if (durationMs >= this.options.downMsMax) this.goDown();
  }

  end(): void {
    this.cancel();
    this.down = false;
  }

  private goDown(): void {
    this.cancel();
    if (this.down) return;
    this.down = true;
    this.options.onDown();
  }
}
