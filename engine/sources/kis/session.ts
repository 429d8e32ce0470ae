// The session of one app key, kept alive for ever: it registers what it is assigned and turns what KIS sends into inputs.
// The same code talks to the live server, the paper server and the emulator. It decodes nothing and orders nothing.
//
//   idle ─► approving ─► connecting ─► registering ─► streaming
//               ▲  ▲                       │ loss         │ loss          held_elsewhere: another process has the key
//               │  └────── waiting ◄───────┴──────────────┘               failed: KIS will never take us
//               └── held_elsewhere                                        stopped: we were told to
import { hostTimeUs } from '../../clock.ts';
import type { SessionInput } from '../../input.ts';
import { Absence } from './absence.ts';
import { Access } from './access.ts';
import { ApprovalError } from './approval-keys.ts';
import { codeKind } from './codes.ts';
import { KisConnection } from './connection.ts';
import type { Answer, ClockAnnouncement } from './message.ts';
import type { WatchedSession } from './mute-watch.ts';
import { Reconnection } from './reconnection.ts';
import type { SessionRoom } from './registration-allocation.ts';
import type { KisSessionOptions } from './session-options.ts';
import { SessionRegistrations } from './session-registrations.ts';
import { type KisCounts, type KisSessionState, type KisSessionStatus, keyLabel, NO_COUNTS } from './source-status.ts';
import type { Cancel } from './timers.ts';

type Counts = { -readonly [name in keyof KisCounts]: KisCounts[name] };

export class KisSession implements SessionRoom, WatchedSession {
  readonly registrations: SessionRegistrations;

  private readonly options: KisSessionOptions;
  private readonly access: Access;
  private readonly reconnection: Reconnection;
  private readonly absence: Absence;
  private readonly counts: Counts = { ...NO_COUNTS };
  private state: KisSessionState = 'idle';
  private failure: string | undefined;
  private lastLoss: string | undefined;
  /** Since the last data frame. */
  private mutedInRow = 0;
  /** Of the wait before an attempt, or of the wait for a new connection's clock: never both. */
  private cancelWait: Cancel = () => {};

  // Of the present connection; replaced with each.
  private connection: KisConnection | undefined;
  /** From `connected` to `lost`. */
  private open = false;

  constructor(options: KisSessionOptions) {
    this.options = options;
    this.access = new Access(options, () => void this.connection?.end('key_lost'));
    this.reconnection = new Reconnection(options);
    this.absence = new Absence({ ...options, onChange: (down) => this.absenceChanged(down) });
    this.registrations = new SessionRegistrations({
      session: options,
      enter: (event, detail) => this.enter(event, detail),
      onIdle: () => this.absence.pause(),
      onAnswered: () => this.absence.end(),
      onSettled: () => {
        this.state = 'streaming';
      },
    });
  }

  get registrationsMax(): number {
    return this.registrations.registrationsMax;
  }

  get alive(): boolean {
    return !this.absence.down && !this.ended();
  }

  /** It has ended, and its last input is out. */
  get over(): boolean {
    return this.ended() && this.connection === undefined;
  }

  get frames(): number {
    return this.counts.frames;
  }

  get expectsData(): boolean {
    return this.registrations.expectsData;
  }

  /** Once; further calls do nothing. */
  start(): void {
    if (this.state !== 'idle') return;
    this.state = 'approving';
    this.absence.begin();
    void this.approve();
  }

  /** Ends the session; resolves once the socket is closed. */
  async stop(): Promise<void> {
    if (!this.ended()) this.state = 'stopped';
    this.cancelWait();
    await this.connection?.end('stopped');
    await this.end();
  }

  /** It has registered everything and delivers nothing: a new approval key may mend that, a bounded number of times. */
  mute(): void {
    const { muteReconnectsMax, muteRestMs } = this.options;
    this.counts.muted += 1;
    this.mutedInRow += 1;
    this.access.renew();
    if (this.mutedInRow > muteReconnectsMax) this.reconnection.prescribe(muteRestMs);
    void this.connection?.end('mute');
  }

  status(): KisSessionStatus {
    const { options, state, lastLoss, failure, counts } = this;
    return {
      session: options.session,
      key: keyLabel(options.key.appKey),
      state,
      ...this.registrations.counts,
      holderPid: this.access.holder?.pid,
      lastLoss,
      failure,
      counts: { ...counts, pings: counts.pings + (this.connection?.pings ?? 0) },
    };
  }

  private async approve(): Promise<void> {
    const claimed = await this.access.claim();
    if (this.ended()) return;
    if (!claimed) return this.waitForKey();
    this.state = 'approving';
    try {
      await this.access.approve();
      if (!this.ended()) this.connect();
    } catch (error) {
      if (!(error instanceof ApprovalError)) throw error;
      if (this.ended()) return;
      this.counts.approvalFailures += 1;
      if (error.fatal) this.fail(error.code);
      else this.comeBack(error.code);
    }
  }

  private waitForKey(): void {
    const { timers, leaseCheckMs } = this.options;
    this.state = 'held_elsewhere';
    this.absence.expect(Number.POSITIVE_INFINITY);
    this.cancelWait = timers.after(this.access.holder?.retryMs ?? leaseCheckMs, () => void this.approve());
  }

  private connect(): void {
    const { webSocketUrl, feedClock, requestTimeoutMs, watchdogMs, timers, time, onNotice } = this.options;
    this.state = 'connecting';
    const url = new URL(webSocketUrl);
    if (feedClock !== undefined) url.searchParams.set('clock', '1');
    this.connection = new KisConnection({
      url,
      handshakeTimeoutMs: requestTimeoutMs,
      watchdogMs,
      timers,
      events: {
        opened: () => this.opened(),
        frame: (bytes) => this.frame(bytes),
        notice: (notice) => {
          this.counts.notices += 1;
          onNotice?.({ ...notice, receivedUs: hostTimeUs(), engineTimeUs: time.nowUs() });
        },
        control: (message) => this.control(message),
        lost: (reason) => this.lost(reason),
      },
    });
  }

  private opened(): void {
    const { feedClock, timers, requestTimeoutMs } = this.options;
    // An emulated feed says its time before all else: until then there is no engine time to put on an input.
    if (feedClock === undefined) this.begin();
    else this.cancelWait = timers.after(requestTimeoutMs, () => void this.connection?.end('no_clock'));
  }

  /** The connection is open and has a time. */
  private begin(): void {
    const { session, logger, events } = this.options;
    this.cancelWait();
    this.reconnection.opened();
    this.open = true;
    this.state = 'registering';
    this.counts.connects += 1;
    this.enter('connected', {});
    logger.info({ session }, 'KIS session opened');
    this.registrations.begin(this.access.approvalKey, (text) => this.connection?.send(text));
    events.changed();
  }

  private lost(reason: string): void {
    const { session, logger, time, events } = this.options;
    this.cancelWait();
    this.reconnection.closed();
    this.registrations.end();
    this.counts.pings += this.connection?.pings ?? 0;
    this.connection = undefined;
    this.lastLoss = reason;
    events.lost(reason);
    if (reason === 'watchdog') this.counts.watchdogTrips += 1;
    if (this.open) {
      this.open = false;
      this.counts.losses += 1;
      this.enter('lost', { code: reason });
      logger[reason === 'stopped' ? 'info' : 'warn']({ session, reason }, 'KIS session lost');
      this.absence.begin();
    }
    time.forget(session);
    if (this.state === 'failed') void this.end();
    else if (this.state !== 'stopped') this.comeBack(reason);
    events.changed();
  }

  private comeBack(reason: string): void {
    const { session, logger, timers } = this.options;
    const waitMs = this.reconnection.nextWaitMs();
    this.state = 'waiting';
    logger.info({ session, reason, waitMs }, 'KIS session comes back after a wait');
    this.absence.expect(waitMs);
    this.cancelWait = timers.after(waitMs, () => void this.approve());
  }

  private absenceChanged(down: boolean): void {
    // It was let in, and KIS has answered nothing since: a new connection may mend that.
    if (down && this.open) {
      this.registrations.stop();
      void this.connection?.end('no_answer');
    }
    this.options.events.changed();
  }

  private fail(code: string): void {
    const { session, logger, events } = this.options;
    this.state = 'failed';
    this.failure = code;
    logger.error({ session, code }, 'KIS refuses this app key for good; its session ends');
    if (this.connection === undefined) void this.end();
    else void this.connection.end(code);
    events.changed();
  }

  private async end(): Promise<void> {
    this.absence.end();
    await this.access.release();
  }

  private frame(bytes: Uint8Array): void {
    this.counts.frames += 1;
    this.reconnection.delivered();
    this.access.prove();
    this.mutedInRow = 0;
    this.options.events.input({ kind: 'frame', engineTimeUs: this.options.time.nowUs(), bytes });
  }

  private control(message: Answer | ClockAnnouncement | undefined): void {
    if (message === undefined) this.counts.controlMalformed += 1;
    else if (message.kind === 'clock') this.announce(message);
    else this.answer(message);
  }

  private announce({ timeUs, speed }: ClockAnnouncement): void {
    const { feedClock, time, session } = this.options;
    // A server that is no emulator does not set our clock.
    if (feedClock === undefined) return;
    if (!time.announce(session, timeUs, speed)) this.counts.clockBackwards += 1;
    if (!this.open) this.begin();
  }

  private answer(answer: Answer): void {
    const { session, logger, random, keyInUseWaitMs } = this.options;
    const { code } = answer;
    const kind = codeKind(code, answer.result);
    switch (kind) {
      case 'fatal':
        this.fail(code);
        break;
      case 'wait':
        this.reconnection.prescribe(Math.round(keyInUseWaitMs * (1 + random())));
        void this.connection?.end(code);
        break;
      case 'new_approval_key':
        if (this.access.refuse()) void this.connection?.end(code);
        else this.fail(code);
        break;
      default:
        if (kind === 'ignore') logger.debug({ session, code }, 'KIS answered');
        this.registrations.answer(answer, kind);
    }
  }

  private enter(event: SessionInput['event'], detail: Pick<SessionInput, 'trId' | 'trKey' | 'code'>): void {
    const { session, time, events } = this.options;
    events.input({ kind: 'session', engineTimeUs: time.nowUs(), session, event, ...detail });
  }

  private ended(): boolean {
    return this.state === 'stopped' || this.state === 'failed';
  }
}
