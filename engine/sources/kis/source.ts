// The KIS client: one session at a time, kept alive for ever, that turns what KIS sends into batches of inputs. The
// same code talks to the live server, the paper server and the emulator. It decodes nothing and orders nothing.
//
//   idle ─► approving ─► connecting ─► registering ─► streaming
//               ▲                          │ loss         │ loss            failed: KIS will never take us
//               └───────── waiting ◄───────┴──────────────┘                 stopped: we were told to
import { type Observable, Subject } from 'rxjs';
import { hostTimeUs } from '../../clock.ts';
import type { InputBatch, SessionInput } from '../../input.ts';
import { ApprovalError, ApprovalKeys } from './approval-keys.ts';
import { Backoff } from './backoff.ts';
import { codeKind } from './codes.ts';
import { EngineTime } from './engine-time.ts';
import { InputBatcher } from './input-batcher.ts';
import type { Answer, ClockAnnouncement } from './message.ts';
import { Registrar, type RegistrationEvent } from './registrar.ts';
import { RegistrationPlan, visibleKey } from './registration-plan.ts';
import { KisSession } from './session.ts';
import {
  type CompleteKisSourceOptions,
  KIS_SOURCE_DEFAULTS,
  type KisRegistration,
  type KisSourceCounts,
  type KisSourceOptions,
  type KisSourceState,
  type KisSourceStatus,
  NO_COUNTS,
} from './source-options.ts';
import type { Cancel } from './timers.ts';

type Counts = { -readonly [name in keyof KisSourceCounts]: KisSourceCounts[name] };

export class KisSource {
  /** Never errors; completes when the client is stopped or has failed. */
  readonly batches: Observable<InputBatch>;

  private readonly options: CompleteKisSourceOptions;
  private readonly subject = new Subject<InputBatch>();
  private readonly batcher: InputBatcher;
  private readonly approvalKeys: ApprovalKeys;
  private readonly backoff: Backoff;
  private readonly plan: RegistrationPlan;
  private readonly time: EngineTime;
  private readonly counts: Counts = { ...NO_COUNTS };

  private state: KisSourceState = 'idle';
  private failure: string | undefined;
  private lastLoss: string | undefined;
  /** Since the last data frame. */
  private approvalKeysRefused = 0;
  /** Of the wait before an attempt, or of the wait for a new session's clock: never both. */
  private cancelWait: Cancel = () => {};

  // Of the present session; replaced with each connection.
  private session: KisSession | undefined;
  private registrar: Registrar | undefined;
  /** From `connected` to `lost`. */
  private open = false;
  /** Where the end of the session prescribes the wait. */
  private waitMs: number | undefined;

  constructor(options: KisSourceOptions) {
    this.options = { ...KIS_SOURCE_DEFAULTS, ...options };
    const { timers, backoffFirstMs, backoffMaxMs, random, approvalKeyMaxAgeMs, feedClock, clock } = this.options;
    this.batches = this.subject.asObservable();
    this.batcher = new InputBatcher({ timers, onBatch: (batch) => this.subject.next(batch) });
    this.approvalKeys = new ApprovalKeys({ ...this.options, maxAgeMs: approvalKeyMaxAgeMs });
    this.backoff = new Backoff({ firstMs: backoffFirstMs, maxMs: backoffMaxMs, random });
    this.plan = new RegistrationPlan({ ...this.options, trIdsAllowed: options.trIdsAllowed });
    this.time = new EngineTime(feedClock ?? clock);
  }

  start(): void {
    if (this.state !== 'idle') throw new Error('a KIS source starts once');
    void this.approve();
  }

  /** Ends the session; resolves once the socket is closed and the last batch is out. */
  async stop(): Promise<void> {
    if (this.ended()) return;
    this.state = 'stopped';
    this.cancelWait();
    await this.session?.end('stopped');
    this.complete();
  }

  status(): KisSourceStatus {
    return {
      session: this.options.session,
      state: this.state,
      registered: this.registrar?.active ?? 0,
      unconfirmed: this.registrar?.unconfirmed ?? 0,
      leftOut: this.plan.leftOut(),
      lastLoss: this.lastLoss,
      failure: this.failure,
      counts: { ...this.counts, pings: this.counts.pings + (this.session?.pings ?? 0) },
    };
  }

  private async approve(): Promise<void> {
    this.state = 'approving';
    try {
      const approvalKey = await this.approvalKeys.current();
      if (!this.ended()) this.connect(approvalKey);
    } catch (error) {
      if (!(error instanceof ApprovalError)) throw error;
      if (this.ended()) return;
      this.counts.approvalFailures += 1;
      if (error.fatal) this.fail(error.code);
      else this.comeBack(error.code, this.backoff.nextMs());
    }
  }

  private connect(approvalKey: string): void {
    const { webSocketUrl, feedClock, requestTimeoutMs, watchdogMs, timers } = this.options;
    this.state = 'connecting';
    this.waitMs = undefined;
    const url = new URL(webSocketUrl);
    if (feedClock !== undefined) url.searchParams.set('clock', '1');
    const session = new KisSession({
      url,
      handshakeTimeoutMs: requestTimeoutMs,
      watchdogMs,
      timers,
      events: {
        opened: () => this.opened(),
        frame: (bytes) => this.frame(bytes),
        notice: (notice) => {
          this.counts.notices += 1;
          this.options.onNotice?.({ ...notice, receivedUs: hostTimeUs(), engineTimeUs: this.time.nowUs() });
        },
        control: (message) => this.control(message),
        lost: (reason) => this.lost(reason),
      },
    });
    this.session = session;
    this.registrar = this.newRegistrar(session, approvalKey);
  }

  private newRegistrar(session: KisSession, approvalKey: string): Registrar {
    const { customerType, registrationTimeoutMs, registrationAttemptsMax } = this.options;
    const header = { approval_key: approvalKey, custtype: customerType, tr_type: '1', 'content-type': 'utf-8' };
    return new Registrar({
      ...this.options,
      registrations: this.plan.begin(),
      timeoutMs: registrationTimeoutMs,
      attemptsMax: registrationAttemptsMax,
      send: ({ trId, trKey }) =>
        session.send(JSON.stringify({ header, body: { input: { tr_id: trId, tr_key: trKey } } })),
      onEvent: (event, registration, code) => this.registration(event, registration, code),
    });
  }

  private opened(): void {
    const { feedClock, timers, requestTimeoutMs } = this.options;
    // An emulated feed says its time before all else: until then there is no engine time to put on an input.
    if (feedClock === undefined) this.begin();
    else this.cancelWait = timers.after(requestTimeoutMs, () => void this.session?.end('no_clock'));
  }

  /** The session is open and has a time. */
  private begin(): void {
    this.cancelWait();
    this.open = true;
    this.state = 'registering';
    this.counts.connects += 1;
    this.enter('connected', {});
    this.options.logger.info({ session: this.options.session }, 'KIS session opened');
    this.registrar?.start();
    this.settle();
  }

  private lost(reason: string): void {
    const { session, logger } = this.options;
    this.cancelWait();
    this.registrar?.stop();
    this.counts.pings += this.session?.pings ?? 0;
    this.session = undefined;
    this.lastLoss = reason;
    if (reason === 'watchdog') this.counts.watchdogTrips += 1;
    if (this.open) {
      this.open = false;
      this.counts.losses += 1;
      this.enter('lost', { code: reason });
      logger.warn({ session, reason }, 'KIS session lost');
    }
    if (this.state === 'failed') this.complete();
    else if (this.state !== 'stopped') this.comeBack(reason, this.waitMs ?? this.backoff.nextMs());
  }

  private comeBack(reason: string, waitMs: number): void {
    this.state = 'waiting';
    this.options.logger.info({ session: this.options.session, reason, waitMs }, 'KIS session comes back after a wait');
    this.cancelWait = this.options.timers.after(waitMs, () => void this.approve());
  }

  private fail(code: string): void {
    const { session, logger, onFailed } = this.options;
    this.state = 'failed';
    this.failure = code;
    logger.error({ session, code }, 'KIS refuses this client for good; it stops');
    if (this.session === undefined) this.complete();
    else void this.session.end(code);
    onFailed?.(code);
  }

  private complete(): void {
    this.batcher.flush();
    this.subject.complete();
  }

  private frame(bytes: Uint8Array): void {
    this.counts.frames += 1;
    // Data flow, so the connection is worth something: only this ends the growing of the waits.
    this.backoff.reset();
    this.approvalKeysRefused = 0;
    this.batcher.add({ kind: 'frame', engineTimeUs: this.time.nowUs(), bytes });
  }

  private control(message: Answer | ClockAnnouncement | undefined): void {
    if (message === undefined) this.counts.controlMalformed += 1;
    else if (message.kind === 'clock') this.announce(message);
    else this.answer(message);
  }

  private announce({ timeUs, speed }: ClockAnnouncement): void {
    const { feedClock } = this.options;
    // A server that is no emulator does not set our clock.
    if (feedClock === undefined) return;
    const clampedUs = this.time.clampAnnounced(timeUs);
    if (clampedUs > timeUs) this.counts.clockBackwards += 1;
    feedClock.announce(clampedUs, speed);
    if (!this.open) this.begin();
  }

  private answer(answer: Answer): void {
    const { session, logger, random, keyInUseWaitMs, approvalKeysRefusedMax } = this.options;
    const { code } = answer;
    const kind = codeKind(code, answer.result);
    switch (kind) {
      case 'fatal':
        this.fail(code);
        break;
      case 'wait':
        this.waitMs = Math.round(keyInUseWaitMs * (1 + random()));
        void this.session?.end(code);
        break;
      case 'new_approval_key':
        this.approvalKeys.discard();
        this.approvalKeysRefused += 1;
        if (this.approvalKeysRefused >= approvalKeysRefusedMax) this.fail(code);
        else void this.session?.end(code);
        break;
      case 'ignore':
        logger.debug({ session, code }, 'KIS answered');
        break;
      default:
        this.registrar?.answer(answer, kind);
        if (kind === 'stop_adding') this.plan.limitTo(this.registrar?.active ?? 0);
    }
  }

  private registration(event: RegistrationEvent, registration: KisRegistration, code: string): void {
    const { session, logger } = this.options;
    const { trId } = registration;
    const trKey = visibleKey(registration);
    this.enter(event, trKey === '' ? { trId, code } : { trId, trKey, code });
    if (event === 'rejected') {
      if (codeKind(code, '9') === 'leave_out') this.plan.refuse(registration, code);
      else this.plan.miss(registration, code);
      logger.warn({ session, trId, trKey, code }, 'KIS registration left out');
    }
    this.settle();
  }

  /** Registering ends when the fate of every registration is known. */
  private settle(): void {
    if (this.state !== 'registering' || this.registrar === undefined || this.registrar.unconfirmed > 0) return;
    this.state = 'streaming';
    const { session, logger } = this.options;
    const { active } = this.registrar;
    const leftOut = this.plan.leftOut();
    if (active === 0) logger.warn({ session, leftOut }, 'no registration was confirmed: no data will come');
    else logger.info({ session, registered: active, leftOut }, 'KIS registrations confirmed');
  }

  private enter(event: SessionInput['event'], detail: Pick<SessionInput, 'trId' | 'trKey' | 'code'>): void {
    const { session } = this.options;
    this.batcher.add({ kind: 'session', engineTimeUs: this.time.nowUs(), session, event, ...detail });
  }

  private ended(): boolean {
    return this.state === 'stopped' || this.state === 'failed';
  }
}
