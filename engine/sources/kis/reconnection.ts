// How long a session waits before it tries again: longer each time, until a connection has lasted for a while and
// delivered; or as long as the end of the last one prescribes.
import { Backoff } from './backoff.ts';
import type { Cancel, Timers } from './timers.ts';

export interface ReconnectionOptions {
  readonly backoffFirstMs: number;
  readonly backoffMaxMs: number;
  readonly steadyMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly timers: Timers;
}

export class Reconnection {
  private readonly options: ReconnectionOptions;
  private readonly backoff: Backoff;
  private steady = false;
  private cancelSteady: Cancel = () => {};
  private prescribedMs: number | undefined;

  constructor(options: ReconnectionOptions) {
    this.options = options;
    this.backoff = new Backoff({
      firstMs: options.backoffFirstMs,
      maxMs: options.backoffMaxMs,
      random: options.random,
    });
  }

  opened(): void {
    const { timers, steadyMs } = this.options;
    this.cancelSteady = timers.after(steadyMs, () => {
      this.steady = true;
    });
  }

  /** Data alone do not count: a server that cuts after each first frame would be called on without end. */
  delivered(): void {
    if (this.steady) this.backoff.reset();
  }

  closed(): void {
    this.cancelSteady();
    this.steady = false;
  }

  /** The next wait, whatever it would be else. */
  prescribe(waitMs: number): void {
    this.prescribedMs = waitMs;
  }

  nextWaitMs(): number {
    const waitMs = this.prescribedMs ?? this.backoff.nextMs();
    this.prescribedMs = undefined;
    return waitMs;
  }
}
