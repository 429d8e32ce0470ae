// One client of the emulator: its requests are checked and answered, its frames pass the faults, its PINGPONG is
// watched. A session that does not echo is dropped without a close frame, as KIS drops it.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { PendingFaults } from './fault.ts';
import { registrationName } from './feed.ts';
import { encryptedFrame } from './notice.ts';
import { isOffered, TRS } from './tr-catalogue.ts';
import { type AesPair, answer, clockAnnouncement, pingPong, type WireCode } from './wire.ts';

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
  /** 0: never. */
  readonly pingIntervalMs: number;
  readonly timeUs: () => number;
  /** A session that reads so slowly is cut. */
  readonly bufferedBytesMax: number;
  readonly faults: PendingFaults;
  readonly host: SessionHost;
}

export class FeedSession {
  appKey: string | undefined;
  framesSent = 0;
  /** Cut by us for its neglect. */
  dropped = false;
  readonly registrations = new Set<string>();

  private readonly options: FeedSessionOptions;
  private readonly aes: AesPair = newAesPair();
  private readonly pingTimer: NodeJS.Timeout | undefined;
  private echoAwaited = false;
  private stalled = false;
  private announcedUs = Number.NEGATIVE_INFINITY;

  constructor(options: FeedSessionOptions) {
    this.options = options;
    const { webSocket, pingIntervalMs } = options;
    webSocket.on('message', (data) => this.receive(String(data)));
    // Official samples answer PINGPONG by a protocol pong that carries the text.
    webSocket.on('pong', (data) => this.echoed(data.toString('utf8')));
    if (pingIntervalMs > 0) this.pingTimer = setInterval(() => this.ping(), pingIntervalMs);
    webSocket.on('close', () => this.left());
  }

  get bufferedBytes(): number {
    return this.stalled ? 0 : this.options.webSocket.bufferedAmount;
  }

  /** Tells a client that asked for it the simulated time, where that has moved on by so much. */
  announce(timeUs: number, speed: number, sinceUs: number): void {
    if (!this.options.wantsClock || timeUs - this.announcedUs < sinceUs) return;
    this.announcedUs = timeUs;
    this.send(clockAnnouncement(timeUs, speed));
  }

  deliver(frame: Buffer): void {
    if (this.stalled) return;
    for (const part of this.options.faults.spoil(frame)) {
      this.options.webSocket.send(part, { binary: false });
      this.framesSent += 1;
    }
    if (this.options.webSocket.bufferedAmount > this.options.bufferedBytesMax) this.drop();
  }

  /** Sends an execution notice to a session that has registered for them. */
  notify(payload: string): void {
    const { htsId } = this.options;
    for (const trId of ['H0STCNI0', 'H0STCNI9']) {
      if (!this.registrations.has(registrationName(trId, htsId))) continue;
      this.send(encryptedFrame(trId, payload, this.aes));
    }
  }

  /** Many writes of one turn leave in one system call. */
  cork(): void {
    this.options.tcp.cork();
  }

  uncork(): void {
    this.options.tcp.uncork();
  }

  /** The socket stays open and delivers nothing more. */
  stall(): void {
    this.stalled = true;
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
    if (!this.stalled) this.options.webSocket.send(text);
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
    const { faults, host, registrationsMax } = this.options;
    const request = parseRequest(text);
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
    if (faults.take('no_answer')) return;
    const rejection = faults.takeRejection();
    const code = rejection ?? (request.register ? this.register(request, registrationsMax) : this.unregister(request));
    this.answer(code, request);
    // KIS drops a socket that asks for another's notices.
    if (code === 'OPSP0017') setImmediate(() => this.options.webSocket.terminate());
  }

  private register({ trId, trKey }: Request, registrationsMax: number): WireCode {
    const { environment, host, htsId } = this.options;
    const registration = registrationName(trId, trKey);
    if (!isOffered(trId, environment)) return 'OPSP8991';
    const isNotice = TRS.get(trId)?.content === 'notice';
    if (isNotice && trKey !== htsId) return 'OPSP0017';
    if (!isNotice && !host.offers(trId, trKey)) return 'OPSP8992';
    if (this.registrations.has(registration)) return 'OPSP0002';
    if (this.registrations.size >= registrationsMax) return 'OPSP0008';
    this.registrations.add(registration);
    host.join(registration, this);
    return 'OPSP0000';
  }

  private unregister({ trId, trKey }: Request): WireCode {
    const registration = registrationName(trId, trKey);
    if (!this.registrations.delete(registration)) return 'OPSP0003';
    this.options.host.leave(registration, this);
    return 'OPSP0001';
  }

  private answer(code: WireCode, request?: Request): void {
    const trId = request?.trId ?? '';
    this.send(answer(code, trId, request?.trKey ?? '', TRS.get(trId)?.content === 'notice', this.aes));
  }

  private left(): void {
    clearInterval(this.pingTimer);
    for (const registration of this.registrations) this.options.host.leave(registration, this);
    this.registrations.clear();
  }
}

interface Request {
  readonly approvalKey: unknown;
  readonly register: boolean;
  readonly trId: string;
  readonly trKey: string;
}

/** The request, or the code that says what is wrong with it. */
function parseRequest(text: string): Request | WireCode {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return 'OPSP9999';
  }
  const header = member(message, 'header');
  const body = member(message, 'body');
  const input = member(body, 'input');
  const customerType = member(header, 'custtype');
  const type = member(header, 'tr_type');
  const trId = member(input, 'tr_id');
  const trKey = member(input, 'tr_key');
  if (header === undefined) return 'OPSP9998';
  if (body === undefined) return 'OPSP9992';
  if (input === undefined) return 'OPSP9991';
  if (customerType === undefined) return 'OPSP9997';
  if (customerType !== 'P' && customerType !== 'B') return 'OPSP8998';
  if (type !== '1' && type !== '2') return 'OPSP8997';
  if (trKey === undefined) return 'OPSP9990';
  if (typeof trKey !== 'string' || trKey === '') return 'OPSP8993';
  return {
    approvalKey: member(header, 'approval_key'),
    register: type === '1',
    trId: typeof trId === 'string' ? trId : '',
    trKey,
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function newAesPair(): AesPair {
  const letters = [...randomBytes(32)].map((byte) => String.fromCharCode(97 + (byte % 26)));
  return { key: letters.join(''), iv: randomBytes(8).toString('hex') };
}
