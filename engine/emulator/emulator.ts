// The KIS emulator: one server on one port that speaks KIS's REST and WebSocket, over a simulated market or a recording.
// What is served is never the market; a client that does not know this finds the same wire as at KIS.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { hostClock, monotonicUs } from '../clock.ts';
import { Audience } from './audience.ts';
import type { Emulator, EmulatorOptions, EmulatorStatus } from './emulator-options.ts';
import { type FaultRequest, PendingFaults } from './fault.ts';
import type { Feed } from './feed.ts';
import { MarketFeed } from './market-feed.ts';
import { noticePayload } from './notice.ts';
import { Pacer } from './pacer.ts';
import { RecordingFeed } from './recording-feed.ts';
import { Credentials } from './rest/credentials.ts';
import { Rest } from './rest/rest.ts';
import { FeedSession, type SessionHost } from './session.ts';

const TURN_US = 20_000;
const ANNOUNCE_EVERY_US = 100_000;
/** At speed 0 the feed waits for the slowest client at this; at a paced speed a client beyond the second is cut. */
const BUFFERED_BYTES_WAIT = 1 << 20;
const BUFFERED_BYTES_MAX = 64 << 20;
const REQUEST_BYTES_MAX = 64 * 1024;
/** A client that reads nothing for so long while the feed waits for it is cut. */
const CONGESTED_US_MAX = 30_000_000;
const CLOCK_BACK_US = 5_000_000;

/** Rejects where the port is in use or the recording cannot be read. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const server = new EmulatorServer(options);
  await server.listen();
  return server;
}

class EmulatorServer implements Emulator, SessionHost {
  private readonly options: EmulatorOptions;
  private readonly speed: number;
  private readonly audience = new Audience<FeedSession>();
  private readonly sessions = new Set<FeedSession>();
  private readonly faults = new PendingFaults();
  private readonly credentials: Credentials;
  private readonly feed: Feed;
  private readonly pacer: Pacer;
  private readonly http = createServer();
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: REQUEST_BYTES_MAX,
  });
  private noticeTimer: NodeJS.Timeout | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  /** Of sessions that have gone. */
  private framesSent = 0;
  private sessionsDropped = 0;
  private notices = 0;
  private lastJoinUs = 0;
  private congestedSinceUs: number | undefined;
  private begun = false;
  private closed = false;

  constructor(options: EmulatorOptions) {
    this.options = options;
    this.speed = options.speed ?? 1;
    const clock = options.clock ?? hostClock;
    this.credentials = new Credentials({ clock, ...(options.appKeys && { appKeys: options.appKeys }) });
    this.feed = this.newFeed();
    this.pacer = new Pacer({
      speed: this.speed,
      turnUs: TURN_US,
      play: (elapsedUs) => this.play(elapsedUs),
      nextDueUs: () => this.feed.nextDueUs,
      held: () => this.held(),
    });
    const rest = new Rest({
      credentials: this.credentials,
      clock,
      requestsPerSecond: options.requestsPerSecond,
      environment: options.environment,
      market: options.feed.kind === 'market' ? options.feed.market : undefined,
      fault: (request) => this.fault(request),
      status: () => ({ ...this.status() }),
    });
    this.http.on('request', (request, response) => {
      // A client that goes away in the middle of its request ends nothing but that request.
      rest.serve(request, response).catch(() => response.destroy());
    });
    this.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  get port(): number {
    return (this.http.address() as AddressInfo).port;
  }

  get restUrl(): string {
    return `http://${this.options.host ?? '127.0.0.1'}:${this.port}`;
  }

  get webSocketUrl(): string {
    return `ws://${this.options.host ?? '127.0.0.1'}:${this.port}`;
  }

  async listen(): Promise<void> {
    const { host = '127.0.0.1', port = 0, noticeIntervalMs = 30_000 } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.http.once('error', reject);
      this.http.listen(port, host, () => {
        this.http.off('error', reject);
        resolve();
      });
    });
    this.pacer.start();
    if (noticeIntervalMs > 0) this.noticeTimer = setInterval(() => this.notify(), noticeIntervalMs);
    this.awaitIdle();
  }

  status(): EmulatorStatus {
    let framesSent = this.framesSent;
    for (const session of this.sessions) framesSent += session.framesSent;
    return {
      identity: this.options.identity ?? '',
      source: this.options.feed.kind === 'market' ? 'simulated' : 'recorded',
      sessions: this.sessions.size,
      registrations: this.audience.size,
      timeUs: this.feed.timeUs,
      speed: this.speed,
      framesSent,
      sessionsDropped: this.sessionsDropped,
    };
  }

  fault({ type, count = 1, code }: FaultRequest): void {
    this.options.logger.info({ type, count, code }, 'emulator fault');
    switch (type) {
      case 'stall':
        for (const session of this.sessions) session.stall();
        break;
      case 'reset':
        for (const session of this.sessions) session.reset();
        break;
      case 'close':
        for (const session of this.sessions) session.close();
        break;
      case 'expire_keys':
        this.credentials.forgetApprovalKeys();
        break;
      case 'switch_layout':
        if (this.feed instanceof MarketFeed) this.feed.layout = this.feed.layout === 'new' ? 'old' : 'new';
        break;
      case 'clock_back':
        for (const session of this.sessions) session.announceEarlier(this.feed.timeUs - CLOCK_BACK_US, this.speed);
        break;
      case 'notice':
        this.notify();
        break;
      default:
        this.faults.add(type, count, code);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    this.pacer.stop();
    clearInterval(this.noticeTimer);
    clearTimeout(this.idleTimer);
    for (const session of this.sessions) session.reset();
    this.webSockets.close();
    await new Promise<void>((resolve) => {
      this.http.close(() => resolve());
      this.http.closeAllConnections();
    });
  }

  // What sessions ask.

  appKeyOf(approvalKey: unknown): string | undefined {
    return this.credentials.appKeyOf(approvalKey);
  }

  claim(appKey: string): boolean {
    let held = 0;
    for (const session of this.sessions) if (session.appKey === appKey) held += 1;
    return held < (this.options.sessionsPerAppKey ?? 1);
  }

  offers(trId: string, trKey: string): boolean {
    return this.feed.offers(trId, trKey);
  }

  join(registration: string, session: FeedSession): void {
    this.audience.join(registration, session);
    this.lastJoinUs = monotonicUs();
  }

  leave(registration: string, session: FeedSession): void {
    this.audience.leave(registration, session);
  }

  private newFeed(): Feed {
    const { feed, flushPeriodMs = 200 } = this.options;
    if (feed.kind === 'recording') return new RecordingFeed(feed);
    return new MarketFeed({ market: feed.market, audience: this.audience, flushPeriodUs: flushPeriodMs * 1000 });
  }

  private upgrade(request: IncomingMessage, tcp: Duplex, head: Buffer): void {
    tcp.on('error', () => tcp.destroy());
    this.webSockets.handleUpgrade(request, tcp, head, (webSocket) => this.accept(request, tcp as Socket, webSocket));
  }

  private accept(request: IncomingMessage, tcp: Socket, webSocket: WebSocket): void {
    const { environment = 'live', htsId = 'emulator', registrationsMax = 41, pingIntervalMs = 10_000 } = this.options;
    const session = new FeedSession({
      webSocket,
      tcp,
      wantsClock: new URL(request.url ?? '/', 'ws://emulator').searchParams.get('clock') === '1',
      environment,
      htsId,
      registrationsMax,
      pingIntervalMs,
      timeUs: () => this.feed.timeUs,
      bufferedBytesMax: BUFFERED_BYTES_MAX,
      faults: this.faults,
      host: this,
    });
    tcp.setNoDelay(true);
    this.sessions.add(session);
    clearTimeout(this.idleTimer);
    session.announce(this.feed.timeUs, this.speed, 0);
    webSocket.on('error', () => webSocket.terminate());
    webSocket.on('close', () => {
      this.sessions.delete(session);
      this.framesSent += session.framesSent;
      if (session.dropped) this.sessionsDropped += 1;
      if (this.sessions.size === 0) this.awaitIdle();
    });
  }

  /** A recording begins, and speed 0 runs, only for clients that have registered all they want. */
  private held(): boolean {
    const registered =
      this.audience.size > 0 && monotonicUs() - this.lastJoinUs >= (this.options.settleMs ?? 500) * 1000;
    if (this.speed === 0) return !registered || this.congested();
    this.begun ||= this.options.feed.kind === 'market' || registered;
    return !this.begun;
  }

  private congested(): boolean {
    const slow = [...this.sessions].filter((session) => session.bufferedBytes > BUFFERED_BYTES_WAIT);
    if (slow.length === 0) {
      this.congestedSinceUs = undefined;
      return false;
    }
    this.congestedSinceUs ??= monotonicUs();
    if (monotonicUs() - this.congestedSinceUs > CONGESTED_US_MAX) for (const session of slow) session.drop();
    return true;
  }

  private play(elapsedUs: number): void {
    const deliveries = this.feed.advanceTo(elapsedUs);
    if (deliveries.length === 0 && this.speed !== 0) return;
    for (const session of this.sessions) {
      session.cork();
      session.announce(this.feed.timeUs, this.speed, this.speed === 0 ? 1 : ANNOUNCE_EVERY_US);
    }
    for (const { registration, frame } of deliveries) {
      const bytes = Buffer.from(frame);
      for (const session of this.audience.of(registration)) session.deliver(bytes);
    }
    for (const session of this.sessions) session.uncork();
  }

  private notify(): void {
    this.notices += 1;
    const payload = noticePayload({
      htsId: this.options.htsId ?? 'emulator',
      orderNumber: this.notices,
      code: '005930',
      name: '삼성전자',
      quantity: 10,
      priceWon: 70_500,
      timeUs: this.feed.timeUs,
    });
    for (const session of this.sessions) session.notify(payload);
  }

  private awaitIdle(): void {
    const { idleExitMs, onIdle } = this.options;
    if (idleExitMs === undefined || this.closed) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => onIdle?.(), idleExitMs);
  }
}
