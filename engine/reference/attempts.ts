// What was tried how often, by name: a task that failed waits before it is tried again, twice as long each time, and is
// given up after some attempts until its name changes, which for a daily task is the next day.

const ATTEMPTS_MAX = 8;
const WAIT_FIRST_US = 30_000_000;
const WAIT_MAX_US = 1_800_000_000;
/** Names that are remembered; the oldest is forgotten beyond it. All symbols there are, and some days of tasks. */
const NAMES_MAX = 8192;

interface Attempt {
  readonly failures: number;
  readonly notBeforeUs: number;
}

const DONE: Attempt = { failures: 0, notBeforeUs: Number.POSITIVE_INFINITY };

export class Attempts {
  /** Names that were given up. */
  givenUp = 0;
  private readonly byName = new Map<string, Attempt>();

  /** Whether it is neither done nor given up, and need not wait. */
  due(name: string, nowUs: number): boolean {
    return (this.byName.get(name)?.notBeforeUs ?? 0) <= nowUs;
  }

  done(name: string): void {
    this.remember(name, DONE);
  }

  /** @param final trying again would not mend it */
  failed(name: string, nowUs: number, final: boolean): void {
    const failures = (this.byName.get(name)?.failures ?? 0) + 1;
    if (final || failures >= ATTEMPTS_MAX) {
      this.givenUp += 1;
      this.remember(name, DONE);
      return;
    }
    let waitUs = WAIT_FIRST_US;
    for (let failure = 1; failure < failures && waitUs < WAIT_MAX_US; failure++) waitUs *= 2;
    this.remember(name, { failures, notBeforeUs: nowUs + Math.min(waitUs, WAIT_MAX_US) });
  }

  private remember(name: string, attempt: Attempt): void {
    this.byName.delete(name);
    this.byName.set(name, attempt);
    if (this.byName.size > NAMES_MAX) this.byName.delete(this.byName.keys().next().value!);
  }
}
