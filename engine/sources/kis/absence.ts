// Whether a session is away for longer than a moment: a short loss moves no registrations, a long one does. It is back
// once KIS has confirmed something: a server that lets it in and throws it out again is none.
import type { Cancel, Timers } from './timers.ts';

export interface AbsenceOptions {
  readonly downMsMax: number;
  readonly timers: Timers;
  readonly onDown: () => void;
}

export class Absence {
  down = false;

  private readonly options: AbsenceOptions;
  private away = false;
  private cancel: Cancel = () => {};

  constructor(options: AbsenceOptions) {
    this.options = options;
  }

  /** Counts from the first of several in a row. */
  begin(): void {
    if (this.away) return;
    this.away = true;
    this.cancel = this.options.timers.after(this.options.downMsMax, () => this.goDown());
  }

  /** It will be at least so long. */
  expect(durationMs: number): void {
    if (durationMs >= this.options.downMsMax) this.goDown();
  }

  end(): void {
    this.cancel();
    this.away = false;
    this.down = false;
  }

  private goDown(): void {
    this.cancel();
    this.away = true;
    if (this.down) return;
    this.down = true;
    this.options.onDown();
  }
}
