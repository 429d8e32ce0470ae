// The registrations of one session: sent one by one at a bounded pace, each confirmed, or tried again a bounded number
// of times, or left out with its reason. A new session has a new registrar; KIS remembers nothing of the old one.
import type { CodeKind } from './codes.ts';
import type { Answer } from './message.ts';
import type { KisRegistration } from './source-options.ts';
import type { Cancel, Timers } from './timers.ts';

export type RegistrationEvent = 'registered' | 'unregistered' | 'rejected';

export interface RegistrarOptions {
  readonly registrations: readonly KisRegistration[];
  readonly registrationsPerSecond: number;
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  readonly timers: Timers;
  readonly send: (registration: KisRegistration) => void;
  /** Told once for each registration, and again if KIS changes its mind. */
  readonly onEvent: (event: RegistrationEvent, registration: KisRegistration, code: string) => void;
}

interface Entry {
  readonly registration: KisRegistration;
  /** queued → sent → active | ended; sent → delayed → queued where it is tried again; any → left_out. */
  state: 'queued' | 'sent' | 'delayed' | 'active' | 'ended' | 'left_out';
  attempts: number;
  /** Place in the order of sending: KIS answers in that order. */
  sentAs: number;
  /** Ends the wait for the answer (sent) or for the next attempt (delayed). */
  cancel: Cancel;
}

const nothing: Cancel = () => {};

export class Registrar {
  private readonly options: RegistrarOptions;
  private readonly entries: Entry[];
  private readonly queue: Entry[];
  private sendings = 0;
  private pacing = false;
  private cancelPace: Cancel = nothing;
  private stopped = false;

  constructor(options: RegistrarOptions) {
    this.options = options;
    this.entries = options.registrations.map((registration) => ({
      registration,
      state: 'queued',
      attempts: 0,
      sentAs: 0,
      cancel: nothing,
    }));
    this.queue = [...this.entries];
  }

  get active(): number {
    return this.count('active');
  }

  /** Registrations whose fate is open. */
  get unconfirmed(): number {
    return this.count('queued') + this.count('sent') + this.count('delayed');
  }

  start(): void {
    this.sendNext();
  }

  stop(): void {
    this.stopped = true;
    this.cancelPace();
    for (const entry of this.entries) entry.cancel();
  }

  /** An answer that concerns registrations; those that concern the session are the source's. */
  answer(answer: Answer, kind: CodeKind): void {
    const entry = this.find(answer);
    if (entry === undefined) return;
    switch (kind) {
      case 'active':
        this.settle(entry, 'active', 'registered', answer.code);
        break;
      case 'ended':
        this.settle(entry, 'ended', 'unregistered', answer.code);
        break;
      case 'retry':
        this.tryLater(entry, answer.code);
        break;
      case 'leave_out':
        this.settle(entry, 'left_out', 'rejected', answer.code);
        break;
      case 'stop_adding':
        this.settle(entry, 'left_out', 'rejected', answer.code);
        for (const waiting of this.entries) {
          if (waiting.state === 'queued' || waiting.state === 'delayed') {
            this.settle(waiting, 'left_out', 'rejected', answer.code);
          }
        }
        break;
      default:
        break;
    }
  }

  /** System errors name no registration: KIS answers in order, so they mean the oldest unanswered one. */
  private find(answer: Answer): Entry | undefined {
    if (answer.trId === '') {
      const sent = this.entries.filter((entry) => entry.state === 'sent');
      return sent.sort((one, other) => one.sentAs - other.sentAs)[0];
    }
    return this.entries.find(
      ({ registration }) => registration.trId === answer.trId && registration.trKey === answer.trKey,
    );
  }

  private sendNext(): void {
    this.pacing = false;
    let entry = this.queue.shift();
    // What was settled while it waited is not sent.
    while (entry !== undefined && entry.state !== 'queued') entry = this.queue.shift();
    if (entry === undefined || this.stopped) return;
    this.send(entry);
    this.pacing = true;
    this.cancelPace = this.options.timers.after(1000 / this.options.registrationsPerSecond, () => this.sendNext());
  }

  private send(entry: Entry): void {
    entry.state = 'sent';
    entry.attempts += 1;
    entry.sentAs = ++this.sendings;
    entry.cancel = this.options.timers.after(this.options.timeoutMs, () => this.tryLater(entry, 'timeout'));
    this.options.send(entry.registration);
  }

  private tryLater(entry: Entry, code: string): void {
    if (entry.state !== 'sent') return;
    entry.cancel();
    if (entry.attempts >= this.options.attemptsMax) {
      this.settle(entry, 'left_out', 'rejected', code);
      return;
    }
    entry.state = 'delayed';
    // After a timeout the waiting is done; after an error it is due, longer each time.
    const delayMs = code === 'timeout' ? 0 : this.options.timeoutMs * entry.attempts;
    entry.cancel = this.options.timers.after(delayMs, () => {
      entry.state = 'queued';
      this.queue.push(entry);
      if (!this.pacing) this.sendNext();
    });
  }

  private settle(entry: Entry, state: Entry['state'], event: RegistrationEvent, code: string): void {
    entry.cancel();
    entry.cancel = nothing;
    if (entry.state === state) return;
    entry.state = state;
    this.options.onEvent(event, entry.registration, code);
  }

  private count(state: Entry['state']): number {
    let count = 0;
    for (const entry of this.entries) if (entry.state === state) count += 1;
    return count;
  }
}
