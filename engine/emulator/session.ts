// One client of the emulator: its requests are checked and answered, its frames go out, its PINGPONG is watched. A session
// that does not echo is dropped without a close frame, as KIS drops it.
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { PendingFaults } from './faults/pending-faults.ts';
import { registrationName } from './feed.ts';
import { encryptedFrame } from './notice.ts';
import { type Carriage, Outbox, type Outgoing } from './outbox.ts';
import { parseSessionRequest, type SessionRequest } from './session-request.ts';
import { isOffered, TRS } from './tr-catalogue.ts';
import { type AesPair, answer, clockAnnouncement, newAesPair, pingPong, type WireCode } from './wire.ts';

/** What a session asks of the server that it belongs to. */
export interface SessionHost {
  appKeyOf(approvalKey: unknown): string | undefined;
  /** False where the app key has its sessions already. */
  claim(appKey: string): boolean;
  offers(trId: string, trKey: string): boolean;
  join(registration: string, session: FeedSession): void;
  leave(registration: string, session: FeedSession): void;
}

export interface FeedSessionOptions {
  readonly webSocket: WebSocket;
  /** The connection beneath: reset and corking are its. */
  readonly tcp: Socket;
  readonly wantsClock: boolean;
  readonly environment: 'live' | 'paper';
  readonly htsId: string;
  readonly registrationsMax: number;
  /** Each registration of notices has an AES pair of its own (the default); else all share the session's. */
  readonly aesPerSubscription?: boolean | undefined;
  /** 0: never. */
  readonly pingIntervalMs: number;
  readonly timeUs: () => number;
  /** A session that reads so slowly is cut. */
  readonly bufferedBytesMax: number;
  readonly faults: PendingFaults<'reject' | 'no_answer'>;
  /** Reset after so many data frames, as a fault. */
  readonly framesMax?: number | undefined;
  readonly host: SessionHost;
}

export class FeedSession {
  appKey: string | undefined;
  approvalKey: unknown;
  framesSent = 0;
  /** Cut by us for its neglect. */
  dropped = false;
  /** Registers, and gets no data. */
  muted = false;
  readonly registrations = new Set<string>();

  private readonly options: FeedSessionOptions;
  private readonly aes: AesPair = newAesPair();
  private readonly aesOf = new Map<string, AesPair>();
  private readonly outbox: Outbox;
  private pingTimer: NodeJS.Timeout | undefined;
  private echoAwaited = false;
  private stalled = false;
  private announcedUs = Number.NEGATIVE_INFINITY;

  constructor(options: FeedSessionOptions) {
    this.options = options;
    const { webSocket, pingIntervalMs } = options;
    this.outbox = new Outbox({ send: (outgoing) => this.carry(outgoing), overflowed: () => this.drop() });
    webSocket.on('message', (data) => this.receive(String(data)));
    // Official samples answer PINGPONG by a protocol pong, others by a protocol ping, that carries the text.
    webSocket.on('pong', (data) => this.echoed(data.toString('utf8')));
    webSocket.on('ping', (data) => this.echoed(data.toString('utf8')));
    if (pingIntervalMs > 0) this.pingTimer = setInterval(() => this.ping(), pingIntervalMs);
    webSocket.on('close', () => this.left());
  }

  get bufferedBytes(): number {
    return this.stalled ? 0 : this.options.webSocket.bufferedAmount + this.outbox.bufferedBytes;
  }

  /** Tells a client that asked for it the simulated time, where that has moved on by so much. */
  announce(timeUs: number, speed: number, sinceUs: number): void {
    if (!this.options.wantsClock || timeUs - this.announcedUs < sinceUs) return;
    this.announcedUs = timeUs;
    this.send(clockAnnouncement(timeUs, speed));
  }

  deliver(frame: Buffer, carriage: Carriage = 'whole'): void {
    if (this.stalled || this.muted) return;
    this.outbox.push({ data: frame, carriage });
    this.framesSent += 1;
    if (this.framesSent === this.options.framesMax) this.reset();
    else if (this.bufferedBytes > this.options.bufferedBytesMax) this.drop();
  }

  /** Sends an execution notice under every TR of notices of this market that the session has registered. */
  notify(payload: string): void {
    const { htsId } = this.options;
    if (this.muted) return;
    for (const trId of ['H0STCNI0', 'H0STCNI9']) {
      const registration = registrationName(trId, htsId);
      if (!this.registrations.has(registration)) continue;
      this.send(encryptedFrame(trId, payload, this.aesOf.get(registration) ?? this.aes));
    }
  }

  /** Many writes of one turn leave in one system call. */
  cork(): void {
    this.options.tcp.cork();
  }

  uncork(): void {
    this.options.tcp.uncork();
  }

  delay(ms: number): void {
    this.outbox.delay(ms);
  }

  slow(ms: number, messages: number): void {
    this.outbox.slow(ms, messages);
  }

  /** The socket stays open and delivers nothing more. */
  stall(): void {
    this.stalled = true;
    this.outbox.end();
  }

  stopPinging(): void {
    clearInterval(this.pingTimer);
    this.echoAwaited = false;
  }

  reset(): void {
    this.options.tcp.resetAndDestroy();
  }

  close(): void {
    this.options.webSocket.close(1000);
  }

  drop(): void {
    this.dropped = true;
    this.options.webSocket.terminate();
  }

  /** A clock that goes back, as a fault. */
  announceEarlier(timeUs: number, speed: number): void {
    if (this.options.wantsClock) this.send(clockAnnouncement(timeUs, speed));
  }

  private send(text: string): void {
    if (!this.stalled) this.outbox.push({ data: text, carriage: 'whole' });
  }

  private carry({ data, carriage }: Outgoing): void {
    const { webSocket, tcp } = this.options;
    if (carriage === 'whole') {
      webSocket.send(data, { binary: false });
      return;
    }
    const bytes = Buffer.from(data);
    const third = Math.ceil(bytes.length / 3);
    if (carriage === 'fragments') {
      webSocket.send(bytes.subarray(0, third), { binary: false, fin: false });
      webSocket.send(bytes.subarray(third, 2 * third), { fin: false });
      webSocket.send(bytes.subarray(2 * third), { fin: true });
      return;
    }
    tcp.write(Buffer.concat([textHeader(bytes.length), bytes.subarray(0, third)]));
    tcp.destroySoon();
  }

  private ping(): void {
    if (this.stalled) return;
    if (this.echoAwaited) {
      this.drop();
      return;
    }
    this.echoAwaited = true;
    this.send(pingPong(this.options.timeUs()));
  }

  private echoed(text: string): boolean {
    if (!text.includes('PINGPONG')) return false;
    this.echoAwaited = false;
    return true;
  }

  private receive(text: string): void {
    if (this.stalled || this.echoed(text)) return;
    const { faults, host } = this.options;
    const request = parseSessionRequest(text);
    if (typeof request === 'string') {
      this.answer(request);
      return;
    }
    const appKey = host.appKeyOf(request.approvalKey);
    if (appKey === undefined) {
      this.answer('OPSP0011');
      return;
    }
    if (this.appKey === undefined && !host.claim(appKey)) {
      this.answer('OPSP8996');
      this.close();
      return;
    }
    this.appKey ??= appKey;
    this.approvalKey = request.approvalKey;
    const fault = faults.take(request.trId, request.trKey);
    if (fault?.type === 'no_answer') return;
    const code = fault?.code ?? (request.register ? this.register(request) : this.unregister(request));
    this.answer(code, request);
    // KIS drops a socket that asks for another's notices.
    if (code === 'OPSP0017') setImmediate(() => this.options.webSocket.terminate());
  }

  private register({ trId, trKey }: SessionRequest): WireCode {
    const { environment, host, htsId, registrationsMax, aesPerSubscription = true } = this.options;
    const registration = registrationName(trId, trKey);
    if (!isOffered(trId, environment)) return 'OPSP8991';
    const isNotice = TRS.get(trId)?.content === 'notice';
    if (isNotice && trKey !== htsId) return 'OPSP0017';
    if (!isNotice && !host.offers(trId, trKey)) return 'OPSP8992';
    if (this.registrations.has(registration)) return 'OPSP0002';
    if (this.registrations.size >= registrationsMax) return 'OPSP0008';
    if (isNotice && aesPerSubscription) this.aesOf.set(registration, newAesPair());
    this.registrations.add(registration);
    host.join(registration, this);
    return 'OPSP0000';
  }

  private unregister({ trId, trKey }: SessionRequest): WireCode {
    const registration = registrationName(trId, trKey);
    if (!this.registrations.delete(registration)) return 'OPSP0003';
    this.options.host.leave(registration, this);
    return 'OPSP0001';
  }

  private answer(code: WireCode, request?: SessionRequest): void {
    const { trId = '', trKey = '' } = request ?? {};
    const aes = this.aesOf.get(registrationName(trId, trKey)) ?? this.aes;
    this.send(answer(code, trId, trKey, TRS.get(trId)?.content === 'notice', aes));
  }

  private left(): void {
    clearInterval(this.pingTimer);
    this.outbox.end();
    for (const registration of this.registrations) this.options.host.leave(registration, this);
    this.registrations.clear();
  }
}

/** RFC 6455: a final text frame of so many bytes, unmasked. */
function textHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length]);
  if (length < 65_536) return Buffer.from([0x81, 126, length >> 8, length & 0xff]);
  const header = Buffer.alloc(10);
  header.set([0x81, 127]);
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
