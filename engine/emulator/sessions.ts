// All sessions of the emulator: who holds which app key, who has registered what, and how frames and time reach them.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { monotonicUs } from '../clock.ts';
import { Audience } from './audience.ts';
import type { EmulatorOptions } from './emulator-options.ts';
import type { FaultDesk } from './faults/fault-desk.ts';
import { type Delivery, type Feed, partsOf } from './feed.ts';
import type { Credentials } from './rest/credentials.ts';
import { FeedSession, type SessionHost } from './session.ts';

export interface SessionsOptions {
  readonly emulator: EmulatorOptions;
  readonly feed: Feed;
  readonly credentials: Credentials;
  readonly faults: FaultDesk;
  /** Nobody is connected any more; somebody is. */
  readonly emptied: () => void;
  readonly entered: () => void;
}

const ANNOUNCE_EVERY_US = 100_000;
/** At speed 0 the feed waits for the slowest client at this; at a paced speed a client beyond the second is cut. */
const BUFFERED_BYTES_WAIT = 1 << 20;
const BUFFERED_BYTES_MAX = 64 << 20;
/** A client that reads nothing for so long while the feed waits for it is cut. */
const CONGESTED_US_MAX = 30_000_000;
const DELAY_MS = 1_000;
const SLOW_MS = 50;
const SLOW_MESSAGES = 100;

export class Sessions implements SessionHost {
  lastJoinUs = 0;
  /** Cut for neglecting PINGPONG, or for reading too slowly. */
  dropped = 0;
  private readonly options: SessionsOptions;
  private readonly speed: number;
  private readonly sessions = new Set<FeedSession>();
  private readonly audience = new Audience<FeedSession>();
  /** Approval keys that register and deliver nothing. */
  private readonly mutedKeys = new Set<unknown>();
  /** Of sessions that have gone. */
  private framesSentBefore = 0;
  private congestedSinceUs: number | undefined;

  constructor(options: SessionsOptions) {
    this.options = options;
    this.speed = options.emulator.speed ?? 1;
  }

  get size(): number {
    return this.sessions.size;
  }

  get registrations(): number {
    return this.audience.size;
  }

  get framesSent(): number {
    return [...this.sessions].reduce((sum, { framesSent }) => sum + framesSent, this.framesSentBefore);
  }

  accept(request: IncomingMessage, tcp: Socket, webSocket: WebSocket): void {
    const { feed, faults } = this.options;
    const { environment = 'live', htsId = 'emulator', registrationsMax = 41 } = this.options.emulator;
    const { pingIntervalMs = 10_000, aesPerSubscription } = this.options.emulator;
    const session = new FeedSession({
      webSocket,
      tcp,
      wantsClock: /[?&]clock=1(&|$)/.test(request.url ?? ''),
      environment,
      htsId,
      registrationsMax,
      aesPerSubscription,
      pingIntervalMs,
      timeUs: () => feed.timeUs,
      bufferedBytesMax: BUFFERED_BYTES_MAX,
      faults: faults.registrations,
      framesMax: faults.takeSessionFrames(),
      host: this,
    });
    tcp.setNoDelay(true);
    this.sessions.add(session);
    this.options.entered();
    session.announce(feed.timeUs, this.speed, 0);
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', () => {
      this.sessions.delete(session);
      this.framesSentBefore += session.framesSent;
      if (session.dropped) this.dropped += 1;
      if (this.sessions.size === 0) this.options.emptied();
    });
  }

  appKeyOf(approvalKey: unknown): string | undefined {
    return this.options.credentials.appKeyOf(approvalKey);
  }

  claim(appKey: string): boolean {
    const held = [...this.sessions].filter((session) => session.appKey === appKey);
    return held.length < (this.options.emulator.sessionsPerAppKey ?? 1);
  }

  offers(trId: string, trKey: string): boolean {
    return this.options.feed.offers(trId, trKey);
  }

  join(registration: string, session: FeedSession): void {
    session.muted ||= this.mutedKeys.has(session.approvalKey);
    if (this.audience.join(registration, session)) this.options.feed.begin(...partsOf(registration));
    this.lastJoinUs = monotonicUs();
  }

  leave(registration: string, session: FeedSession): void {
    if (this.audience.leave(registration, session)) this.options.feed.end(...partsOf(registration));
  }

  each(act: (session: FeedSession) => void): void {
    for (const session of this.sessions) act(session);
  }

  mute(): void {
    for (const session of this.sessions) {
      session.muted = true;
      if (session.approvalKey !== undefined) this.mutedKeys.add(session.approvalKey);
    }
  }

  /** Whether somebody reads so slowly that a feed at speed 0 has to wait. */
  congested(): boolean {
    const slow = [...this.sessions].filter((session) => session.bufferedBytes > BUFFERED_BYTES_WAIT);
    if (slow.length === 0) {
      this.congestedSinceUs = undefined;
      return false;
    }
    this.congestedSinceUs ??= monotonicUs();
    if (monotonicUs() - this.congestedSinceUs > CONGESTED_US_MAX) for (const session of slow) session.drop();
    return true;
  }

  /** Time first, so that no frame is younger than the clock that its client knows. */
  deliver(deliveries: readonly Delivery[]): void {
    if (deliveries.length === 0 && this.speed !== 0) return;
    const { feed, faults } = this.options;
    for (const session of this.sessions) {
      session.cork();
      session.announce(feed.timeUs, this.speed, this.speed === 0 ? 1 : ANNOUNCE_EVERY_US);
    }
    for (const { registration, frame } of deliveries) {
      for (const message of faults.frames.spoil(Buffer.from(frame), registration)) this.send(message, registration);
    }
    for (const session of this.sessions) session.uncork();
  }

  private send(message: Buffer, registration: string): void {
    const fault = this.options.faults.takeTransport(message, registration);
    for (const session of this.audience.of(registration)) {
      if (fault?.type === 'delay') session.delay(fault.ms ?? DELAY_MS);
      if (fault?.type === 'slow') session.slow(fault.ms ?? SLOW_MS, fault.frames ?? SLOW_MESSAGES);
      session.deliver(message, fault?.type === 'fragment' ? 'fragments' : fault?.type === 'cut' ? 'cut' : 'whole');
    }
  }
}
