// What happened in a seed: the last events for whoever looks into a failure, and a hash over all of them, by which two
// runs of a seed are held against each other.
import { createHash } from 'node:crypto';
import { type Logger, pino } from 'pino';
import type { SeedReport } from './seed.ts';

const EVENTS_KEPT = 30;

/** An invariant does not hold. */
export class Violation extends Error {
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.name = 'Violation';
    this.invariant = invariant;
  }
}

export class Trace {
  events = 0;
  readonly last: string[] = [];
  /** Violations are thrown through code under test that may catch them: the first one stands here as well. */
  violation: Violation | null = null;
  private readonly digest = createHash('sha256');
  private readonly nowMs: () => number;

  private readonly onEvent: (line: string) => void;

  constructor(nowMs: () => number, onEvent: (line: string) => void = () => {}) {
    this.nowMs = nowMs;
    this.onEvent = onEvent;
  }

  note(text: string): void {
    const line = `${this.nowMs().toFixed(3)} ms  ${text}`;
    this.events += 1;
    this.onEvent(line);
    this.digest.update(line);
    this.last.push(line);
    if (this.last.length > EVENTS_KEPT) this.last.shift();
  }

  fail(invariant: string, detail: string): void {
    this.violation ??= new Violation(invariant, detail);
    this.note(`VIOLATION ${invariant}: ${detail}`);
  }

  /** What the code under test warns of is an event. */
  logger(): Logger {
    const write = (line: string): void => this.note(`log: ${(JSON.parse(line) as { msg: string }).msg}`);
    return pino({ level: 'warn', base: null, timestamp: false }, { write });
  }

  outcome(): Pick<SeedReport, 'traceHash' | 'violation' | 'lastEvents'> {
    return { traceHash: this.digest.copy().digest('hex'), violation: this.violation, lastEvents: this.last };
  }
}
