// Whether a session is away for longer than a moment: a short loss moves no registrations, a long one does. Whoever was
// away for long is on probation until KIS has answered something: a server that lets it in and throws it out is none.
import type { Cancel, Timers } from './timers.ts';

export interface AbsenceOptions {
  readonly downMsMax: number;
  readonly timers: Timers;
  /** It is down, or no longer. */
  readonly onChange: (down: boolean) => void;
}

export class Absence {
  down = false;

  private readonly options: AbsenceOptions;
  private away = false;
  private onProbation = false;
  private cancel: Cancel = () => {};

  constructor(options: AbsenceOptions) {
    this.options = options;
  }

  /** Counts from the first of several in a row. */
  begin(): void {
    if (this.onProbation) this.goDown();
    if (this.away) return;
    this.away = true;
    this.cancel = this.options.timers.after(this.options.downMsMax, () => this.goDown());
  }

  /** It will be at least so long. */
  expect(durationMs: number): void {
    if (durationMs >= this.options.downMsMax) this.goDown();
  }

  /** It is there, with nothing to register yet: it may be given something. */
  pause(): void {
    this.cancel();
    this.away = false;
    this.setDown(false);
  }

  /** KIS answers it. */
  end(): void {
    this.pause();
    this.onProbation = false;
  }

  private goDown(): void {
    this.cancel();
    this.away = true;
    this.onProbation = true;
    this.setDown(true);
  }

  private setDown(down: boolean): void {
    if (this.down === down) return;
    this.down = down;
    this.options.onChange(down);
  }
}
