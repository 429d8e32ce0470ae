// The registrations of one session: made to be what is assigned, one by one at a bounded pace, each confirmed, or tried
// again a bounded number of times, or left out with its reason. A new session has a new registrar; KIS remembers nothing
// of the old one.
//
//   queued ─► sent ─► active ─► leaving ─► leave_sent ─► gone, or queued anew where it is wanted again
//              │ ▲                             │
//              ▼ └─ delayed ◄──────────────────┘            left_out: refused       ended: KIS ended it unasked
import type { CodeKind } from './codes.ts';
import type { Answer } from './message.ts';
import { Pace } from './pace.ts';
import { Quota } from './quota.ts';
import { type KisRegistration, registrationName } from './registration.ts';
import type { Cancel, Timers } from './timers.ts';

export type RegistrationEvent = 'registered' | 'unregistered' | 'rejected';

export interface RegistrarOptions {
  /** Most that the session holds at a time: a further one is sent only once another has gone. */
  readonly registrationsMax: number;
  readonly registrationsPerSecond: number;
  /** Ended at our wish in one minute; more wait for the next. KIS blocks who registers and unregisters without end. */
  readonly unregistrationsPerMinute: number;
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  readonly timers: Timers;
  /** Shared with other sessions, besides the pace of this one. */
  readonly pace?: Pace | undefined;
  readonly send: (registration: KisRegistration, request: 'register' | 'unregister') => void;
  /** Told once for each registration, and again if KIS changes its mind. */
  readonly onEvent: (event: RegistrationEvent, registration: KisRegistration, code: string) => void;
}

interface Entry {
  readonly registration: KisRegistration;
  state: 'queued' | 'sent' | 'delayed' | 'active' | 'leaving' | 'leave_sent' | 'ended' | 'left_out';
  wanted: boolean;
  /** KIS has said that it is registered, and not yet that it has ended. */
  confirmed: boolean;
  /** Place in the assignment: registered in that order. */
  rank: number;
  attempts: number;
  /** Place in the order of sending: KIS answers in that order. */
  sentAs: number;
  /** Why it is left out. */
  code: string;
  /** Ends the wait for the answer (sent) or for the next attempt (delayed). */
  cancel: Cancel;
}

const nothing: Cancel = () => {};

/** Whether the server may count it: an answer may be lost, or late. */
function isHeld({ state, attempts }: Entry): boolean {
  return state === 'queued' ? attempts > 0 : state !== 'ended' && state !== 'left_out';
}

export class Registrar {
  running = false;

  private readonly options: RegistrarOptions;
  private readonly entries = new Map<string, Entry>();
  private readonly ownPace: Pace;
  private readonly unregistrations: Quota;
  private registrationsMax: number;
  private sendings = 0;
  private asking = false;

  constructor(options: RegistrarOptions) {
    this.options = options;
    this.registrationsMax = options.registrationsMax;
    const { registrationsPerSecond, unregistrationsPerMinute, timers } = options;
    this.ownPace = new Pace({ perSecond: registrationsPerSecond, timers });
    this.unregistrations = new Quota({ perMinute: unregistrationsPerMinute, timers, onRenewed: () => this.proceed() });
  }

  get active(): number {
    return this.count(({ state }) => state === 'active');
  }

  /** Registrations whose fate is open. */
  get unconfirmed(): number {
    return this.count(({ state, wanted }) => wanted && state !== 'active' && state !== 'ended' && state !== 'left_out');
  }

  /** Registrations that the server may count. */
  get held(): number {
    return this.count(isHeld);
  }

  /** Names of what the server may count. */
  *heldNames(): Iterable<string> {
    for (const [name, entry] of this.entries) if (isHeld(entry)) yield name;
  }

  /** Why a registration is left out in this session; undefined where it is not. */
  refusal(registration: KisRegistration): string | undefined {
    const entry = this.entries.get(registrationName(registration));
    return entry?.state === 'left_out' ? entry.code : undefined;
  }

  start(): void {
    this.running = true;
    this.proceed();
  }

  stop(): void {
    this.running = false;
    this.unregistrations.stop();
    for (const entry of this.entries.values()) entry.cancel();
  }

  /** What is to be registered from here on, most important first, each once. */
  assign(registrations: readonly KisRegistration[]): void {
    for (const entry of this.entries.values()) entry.wanted = false;
    for (const [rank, registration] of registrations.entries()) this.want(registration, rank);
    for (const entry of this.entries.values()) if (!entry.wanted) this.abandon(entry);
    this.proceed();
  }

  /** An answer that concerns registrations; those that concern the session are the session's. */
  answer(answer: Answer, kind: CodeKind): void {
    const entry = this.find(answer);
    // A late answer is an answer; one to what was never asked is none.
    if (entry === undefined || (entry.state === 'queued' && entry.attempts === 0)) return;
    if (entry.state === 'leave_sent') this.answerLeaving(entry, answer.code, kind);
    else this.answerRegistering(entry, answer.code, kind);
    this.proceed();
  }

  private answerRegistering(entry: Entry, code: string, kind: CodeKind): void {
    switch (kind) {
      case 'active':
        // One that is on its way out was active already.
        if (entry.state === 'leaving') break;
        this.settle(entry, 'active', 'registered', code);
        if (!entry.wanted) this.abandon(entry);
        break;
      case 'ended':
        this.settle(entry, 'ended', 'unregistered', code);
        break;
      case 'retry':
        this.tryLater(entry, code);
        break;
      case 'leave_out':
        this.settle(entry, 'left_out', 'rejected', code);
        break;
      case 'stop_adding':
        this.settle(entry, 'left_out', 'rejected', code);
        for (const waiting of this.entries.values()) {
          if (waiting.state === 'queued' || waiting.state === 'delayed') {
            this.settle(waiting, 'left_out', 'rejected', code);
          }
        }
        this.registrationsMax = Math.min(this.registrationsMax, Math.max(1, this.held));
        break;
      default:
        break;
    }
  }

  private answerLeaving(entry: Entry, code: string, kind: CodeKind): void {
    // A late answer to its registering says nothing about its end.
    if (kind === 'active' || kind === 'stop_adding') return;
    if (kind === 'retry') this.tryLater(entry, code);
    else this.gone(entry, code);
  }

  /** System errors name no registration: KIS answers in order, so they mean the oldest unanswered one. */
  private find(answer: Answer): Entry | undefined {
    if (answer.trId !== '') return this.entries.get(registrationName(answer));
    let oldest: Entry | undefined;
    for (const entry of this.entries.values()) {
      if (entry.state !== 'sent' && entry.state !== 'leave_sent') continue;
      if (oldest === undefined || entry.sentAs < oldest.sentAs) oldest = entry;
    }
    return oldest;
  }

  private want(registration: KisRegistration, rank: number): void {
    const name = registrationName(registration);
    const entry = this.entries.get(name);
    if (entry === undefined) {
      const fresh = {
        registration,
        wanted: true,
        confirmed: false,
        rank,
        attempts: 0,
        sentAs: 0,
        code: '',
        cancel: nothing,
      };
      this.entries.set(name, { ...fresh, state: 'queued' });
      return;
    }
    entry.wanted = true;
    entry.rank = rank;
    // Its end was not asked for yet.
    if (entry.state === 'leaving') entry.state = entry.confirmed ? 'active' : 'queued';
  }

  /** What the server may count is ended there; one that is not answered yet, after its answer. */
  private abandon(entry: Entry): void {
    if (entry.state === 'active' || (entry.state === 'queued' && isHeld(entry))) this.leave(entry);
    else if (!isHeld(entry)) this.entries.delete(registrationName(entry.registration));
  }

  private leave(entry: Entry): void {
    entry.state = 'leaving';
    entry.attempts = 0;
  }

  /** Asks for a turn to send, one at a time, while there is something to send. */
  private proceed(): void {
    if (!this.running || this.asking || this.next() === undefined) return;
    this.asking = true;
    this.ownPace.enter(() => {
      const { pace } = this.options;
      if (pace === undefined) this.turn();
      else pace.enter(() => this.turn());
    });
  }

  private turn(): void {
    this.asking = false;
    const entry = this.running ? this.next() : undefined;
    if (entry === undefined) return;
    this.send(entry);
    this.proceed();
  }

  /** What is to go makes room, so it goes first. */
  private next(): Entry | undefined {
    const room = this.held < this.registrationsMax;
    let first: Entry | undefined;
    for (const entry of this.entries.values()) {
      if (entry.state === 'leaving' && this.unregistrations.left) return entry;
      if (entry.state !== 'queued' || !(room || isHeld(entry))) continue;
      if (first === undefined || entry.rank < first.rank) first = entry;
    }
    return first;
  }

  private send(entry: Entry): void {
    const leaving = entry.state === 'leaving';
    entry.state = leaving ? 'leave_sent' : 'sent';
    entry.attempts += 1;
    entry.sentAs = ++this.sendings;
    entry.cancel = this.options.timers.after(this.options.timeoutMs, () => this.tryLater(entry, 'timeout'));
    if (leaving) this.unregistrations.take();
    this.options.send(entry.registration, leaving ? 'unregister' : 'register');
  }

  private tryLater(entry: Entry, code: string): void {
    const { attemptsMax, timeoutMs, timers } = this.options;
    const leaving = entry.state === 'leave_sent';
    if (!leaving && entry.state !== 'sent') return;
    entry.cancel();
    if (!leaving && !entry.wanted) {
      this.leave(entry);
    } else if (entry.attempts >= attemptsMax) {
      if (leaving) this.gone(entry, code);
      else this.settle(entry, 'left_out', 'rejected', code);
    } else {
      if (!leaving) entry.state = 'delayed';
      // After a timeout the waiting is done; after an error it is due, longer each time.
      entry.cancel = timers.after(code === 'timeout' ? 0 : timeoutMs * entry.attempts, () => {
        if (leaving) entry.state = 'leaving';
        else if (entry.wanted) entry.state = 'queued';
        else this.leave(entry);
        this.proceed();
      });
    }
    this.proceed();
  }

  private gone(entry: Entry, code: string): void {
    this.settle(entry, 'ended', 'unregistered', code);
    if (!entry.wanted) return;
    entry.state = 'queued';
    entry.attempts = 0;
  }

  private settle(entry: Entry, state: 'active' | 'ended' | 'left_out', event: RegistrationEvent, code: string): void {
    entry.cancel();
    if (entry.state === state) return;
    entry.state = state;
    entry.confirmed = state === 'active';
    entry.code = code;
    if (!entry.wanted && state !== 'active') this.entries.delete(registrationName(entry.registration));
    this.options.onEvent(event, entry.registration, code);
  }

  private count(of: (entry: Entry) => boolean): number {
    let count = 0;
    for (const entry of this.entries.values()) if (of(entry)) count += 1;
    return count;
  }
}
