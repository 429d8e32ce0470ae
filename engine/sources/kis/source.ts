// The KIS client: a session an app key, any number of registrations spread over them, one stream of batches. What is
// wanted may change at any time, and sessions come and go; after each change everything is allotted anew, and each
// session is told what it is to have.
import { type Observable, Subject } from 'rxjs';
import type { Clock } from '../../clock.ts';
import type { Input, InputBatch } from '../../input.ts';
import { EngineTime } from './engine-time.ts';
import { InputBatcher } from './input-batcher.ts';
import { MuteWatch } from './mute-watch.ts';
import { Pace } from './pace.ts';
import { type KisRegistration, registrationName, visibleKey, type WantedRegistration } from './registration.ts';
import { type Allocation, allocate } from './registration-allocation.ts';
import { KisSession } from './session.ts';
import { type CompleteKisSourceOptions, KIS_SOURCE_DEFAULTS, type KisSourceOptions } from './source-options.ts';
import { type KisSourceStatus, type LeftOutRegistration, totalCounts, totalState } from './source-status.ts';

const NOTHING: Allocation = { sessions: [], places: new Map(), leftOut: [] };

export class KisSource {
  /** Each batch is of one session. Never errors; completes when the client is stopped or has failed. */
  readonly batches: Observable<InputBatch>;
  /** The time that the inputs carry: monotone over all sessions. */
  readonly clock: Clock;

  private readonly options: CompleteKisSourceOptions;
  private readonly subject = new Subject<InputBatch>();
  private readonly batcher: InputBatcher;
  private readonly sessions: readonly KisSession[];
  private readonly muteWatch: MuteWatch;
  private wanted: readonly WantedRegistration[] = [];
  /** By name: what KIS will never accept, for as long as it is wanted. */
  private readonly refused = new Map<string, string>();
  private allocation = NOTHING;
  private started = false;
  private ended = false;
  /** A change was noted; it is answered at the end of the turn, with all others of the turn. */
  private changed = false;
  private lastLoss: string | undefined;
  private failure: string | undefined;

  constructor(options: KisSourceOptions) {
    this.options = { ...KIS_SOURCE_DEFAULTS, ...options };
    const { timers, clock, feedClock, expectsData, registrationsPerSecondTotal } = this.options;
    const time = new EngineTime(clock, feedClock);
    const pace =
      registrationsPerSecondTotal === undefined
        ? undefined
        : new Pace({ perSecond: registrationsPerSecondTotal, timers });
    this.clock = time;
    this.batches = this.subject.asObservable();
    this.batcher = new InputBatcher({ timers, onBatch: (batch) => this.subject.next(batch) });
    this.sessions = options.keys.map((key, at) => {
      const session = `kis-${at + 1}`;
      return new KisSession({
        ...this.options,
        session,
        key,
        time,
        pace,
        events: {
          input: (input: Input) => this.batcher.add(session, input),
          lost: (reason) => {
            this.lastLoss = reason;
          },
          refused: (registration, code) => this.refused.set(registrationName(registration), code),
          changed: () => this.noteChange(),
        },
      });
    });
    this.muteWatch = new MuteWatch({ ...this.options, sessions: this.sessions, marketOpen: expectsData });
  }

  /** The first session begins at once; the others once there is something for them. */
  start(): void {
    if (this.started) throw new Error('a KIS source starts once');
    this.started = true;
    this.muteWatch.start();
    this.sessions[0]?.start();
    this.allot();
  }

  /** What is to be registered from here on, all of it. Given twice, the better priority counts. */
  want(registrations: readonly WantedRegistration[]): void {
    this.wanted = registrations;
    const names = new Set(registrations.map(registrationName));
    for (const name of this.refused.keys()) if (!names.has(name)) this.refused.delete(name);
    this.allot();
  }

  /** Ends all sessions; resolves once the sockets are closed and the last batch is out. */
  async stop(): Promise<void> {
    this.muteWatch.stop();
    await Promise.all(this.sessions.map((session) => session.stop()));
    this.complete();
  }

  status(): KisSourceStatus {
    const sessions = this.sessions.map((session) => session.status());
    const sum = (count: 'registered' | 'unconfirmed') => sessions.reduce((total, session) => total + session[count], 0);
    return {
      state: totalState(sessions),
      registered: sum('registered'),
      unconfirmed: sum('unconfirmed'),
      leftOut: this.leftOut(),
      lastLoss: this.lastLoss,
      failure: this.failure,
      counts: totalCounts(sessions),
      sessions,
    };
  }

  private noteChange(): void {
    if (this.changed) return;
    this.changed = true;
    this.options.timers.afterTurn(() => {
      this.changed = false;
      this.allot();
      this.settle();
    });
  }

  private allot(): void {
    if (!this.started || this.ended) return;
    this.allocation = allocate({
      wanted: this.wanted.filter((registration) => this.refusal(registration) === undefined),
      sessions: this.sessions,
      places: this.allocation.places,
    });
    const holders = new Map<string, KisSession>();
    for (const session of this.sessions) {
      for (const name of session.registrations.heldNames()) holders.set(name, session);
    }
    for (const [at, session] of this.sessions.entries()) {
      const allotted = this.allocation.sessions[at]!;
      // What moves is registered anew only once it has ended where it was: never twice at a time.
      const free = allotted.filter((one) => (holders.get(registrationName(one)) ?? session) === session);
      session.registrations.assign(free);
      if (allotted.length > 0) session.start();
    }
  }

  private refusal(registration: KisRegistration): string | undefined {
    if (this.options.trIdsAllowed?.has(registration.trId) === false) return 'tr_not_allowed';
    return this.refused.get(registrationName(registration));
  }

  /** In the order wanted. */
  private leftOut(): LeftOutRegistration[] {
    const noRoom = new Map(
      this.allocation.leftOut.map(({ registration, reason }) => [registrationName(registration), reason]),
    );
    const reasons = new Map<string, LeftOutRegistration>();
    for (const registration of this.wanted) {
      const name = registrationName(registration);
      const place = this.allocation.places.get(name);
      const missing = place === undefined ? undefined : this.sessions[place]!.registrations.refusal(registration);
      const reason = this.refusal(registration) ?? noRoom.get(name) ?? missing;
      if (reason !== undefined) reasons.set(name, { trId: registration.trId, trKey: visibleKey(registration), reason });
    }
    return [...reasons.values()];
  }

  /** Once every app key is refused for good, and the last input is out, the client has failed. */
  private settle(): void {
    const statuses = this.sessions.map((session) => session.status());
    if (!statuses.every(({ state }) => state === 'failed')) return;
    if (this.failure === undefined) {
      this.failure = statuses.at(-1)?.failure ?? 'no_app_key';
      this.options.onFailed?.(this.failure);
    }
    if (this.sessions.every(({ over }) => over)) this.complete();
  }

  private complete(): void {
    if (this.ended) return;
    this.ended = true;
    this.muteWatch.stop();
    this.batcher.flush();
    this.subject.complete();
  }
}
