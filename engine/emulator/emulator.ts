// The KIS emulator: one server on one port that speaks KIS's REST and WebSocket, over a simulated market or a recording.
// What is served is never the market; a client that does not know this finds the same wire as at KIS.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { hostClock, monotonicUs } from '../clock.ts';
import type { Emulator, EmulatorOptions, EmulatorStatus, FaultReport } from './emulator-options.ts';
import { type AtOnceActs, FaultDesk } from './faults/fault-desk.ts';
import { FaultSchedule } from './faults/fault-schedule.ts';
import type { FaultRequest } from './faults/request.ts';
import type { Feed } from './feed.ts';
import { FurtherMarkets } from './further-markets/further-markets.ts';
import type { MarketEvent } from './market/simulated-market.ts';
import { MarketFeed } from './market-feed.ts';
import { NoticeWriter } from './notice.ts';
import { Pacer } from './pacer.ts';
import { RecordingFeed } from './recording-feed.ts';
import { Credentials } from './rest/credentials.ts';
import { Rest } from './rest/rest.ts';
import { Sessions } from './sessions.ts';

const TURN_US = 20_000;
const REQUEST_BYTES_MAX = 64 * 1024;
const CLOCK_BACK_US = 5_000_000;

/** Rejects where the port is in use or the recording cannot be read. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const server = new EmulatorServer(options);
  await server.listen();
  return server;
}

class EmulatorServer implements Emulator {
  private readonly options: EmulatorOptions;
  private readonly speed: number;
  private readonly desk: FaultDesk;
  private readonly schedule: FaultSchedule;
  private readonly credentials: Credentials;
  private readonly feed: Feed;
  private readonly sessions: Sessions;
  private readonly pacer: Pacer;
  private readonly notices: NoticeWriter;
  private readonly http = createServer();
  private readonly webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: REQUEST_BYTES_MAX,
  });
  private noticeTimer: NodeJS.Timeout | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private begun = false;
  private closed = false;

  constructor(options: EmulatorOptions) {
    this.options = options;
    this.speed = options.speed ?? 1;
    const { clock = hostClock, htsId = 'emulator', feed } = options;
    const market = feed.kind === 'market' ? feed.market : undefined;
    this.credentials = new Credentials({ clock, ...(options.appKeys && { appKeys: options.appKeys }) });
    this.feed = newFeed(options);
    this.desk = new FaultDesk({ timeUs: () => this.feed.timeUs, atOnce: this.atOnce() });
    this.schedule = new FaultSchedule(options.faultSchedule ?? { seed: 0, faultsPerMinute: 0 });
    this.sessions = new Sessions({
      emulator: options,
      feed: this.feed,
      credentials: this.credentials,
      faults: this.desk,
      emptied: () => this.awaitIdle(),
      entered: () => clearTimeout(this.idleTimer),
    });
    this.pacer = new Pacer({
      speed: this.speed,
      turnUs: TURN_US,
      play: (elapsedUs) => this.play(elapsedUs),
      nextDueUs: () => Math.min(this.feed.nextDueUs, this.schedule.nextDueUs),
      held: () => this.held(),
    });
    const rest = new Rest({
      credentials: this.credentials,
      clock,
      requestsPerSecond: options.requestsPerSecond,
      environment: options.environment,
      calendar: options.calendar,
      market,
      fault: (request) => this.fault(request),
      faults: () => this.faults(),
      happen: (event) => this.happen(event),
      status: () => ({ ...this.status() }),
    });
    this.notices = new NoticeWriter({ htsId, market, account: rest.account });
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
    return {
      identity: this.options.identity ?? '',
      source: this.options.feed.kind === 'market' ? 'simulated' : 'recorded',
      sessions: this.sessions.size,
      registrations: this.sessions.registrations,
      timeUs: this.feed.timeUs,
      speed: this.speed,
      framesSent: this.sessions.framesSent,
      sessionsDropped: this.sessions.dropped,
    };
  }

  fault(request: FaultRequest): void {
    this.options.logger.info({ fault: request }, 'emulator fault');
    this.desk.ask(request);
  }

  faults(): FaultReport {
    return { faults: this.desk.log.entries, forgotten: this.desk.log.forgotten };
  }

  happen(event: MarketEvent): void {
    const { feed, logger } = this.options;
    if (feed.kind === 'recording') throw new RangeError('there is no market behind this emulator');
    logger.info({ event }, 'emulator event');
    feed.market.happen(event);
  }

  async close(): Promise<void> {
    this.closed = true;
    this.pacer.stop();
    clearInterval(this.noticeTimer);
    clearTimeout(this.idleTimer);
    this.sessions.each((session) => session.reset());
    this.webSockets.close();
    await new Promise<void>((resolve) => {
      this.http.close(() => resolve());
      this.http.closeAllConnections();
    });
  }

  private upgrade(request: IncomingMessage, tcp: Duplex, head: Buffer): void {
    tcp.on('error', () => tcp.destroy());
    this.webSockets.handleUpgrade(request, tcp, head, (webSocket) =>
      this.sessions.accept(request, tcp as Socket, webSocket),
    );
  }

  private atOnce(): AtOnceActs {
    return {
      stall: () => this.sessions.each((session) => session.stall()),
      no_pingpong: () => this.sessions.each((session) => session.stopPinging()),
      mute: () => this.sessions.mute(),
      reset: () => this.sessions.each((session) => session.reset()),
      close: () => this.sessions.each((session) => session.close()),
      expire_keys: () => this.credentials.forgetApprovalKeys(),
      revoke_keys: () => {
        this.credentials.revokeAll();
        this.sessions.each((session) => session.close());
      },
      switch_layout: () => {
        if (this.feed instanceof MarketFeed) this.feed.switchLayout();
      },
      clock_back: () => {
        const earlierUs = this.feed.timeUs - CLOCK_BACK_US;
        this.sessions.each((session) => session.announceEarlier(earlierUs, this.speed));
      },
      notice: () => this.notify(),
    };
  }

  /** A recording begins, and speed 0 runs, only for clients that have registered all they want. */
  private held(): boolean {
    const settledUs = (this.options.settleMs ?? 500) * 1000;
    const registered = this.sessions.registrations > 0 && monotonicUs() - this.sessions.lastJoinUs >= settledUs;
    if (this.speed === 0) return !registered || this.sessions.congested();
    this.begun ||= this.options.feed.kind === 'market' || registered;
    return !this.begun;
  }

  /** Scheduled faults fall between the frames before and after their time. */
  private play(elapsedUs: number): void {
    while (this.schedule.nextDueUs <= elapsedUs) {
      const dueUs = this.schedule.nextDueUs;
      this.sessions.deliver(this.feed.advanceTo(dueUs));
      for (const request of this.schedule.advanceTo(dueUs)) this.fault(request);
    }
    this.sessions.deliver(this.feed.advanceTo(elapsedUs));
  }

  private notify(): void {
    const payload = this.notices.next(this.feed.timeUs);
    this.sessions.each((session) => session.notify(payload));
  }

  private awaitIdle(): void {
    const { idleExitMs, onIdle } = this.options;
    if (idleExitMs === undefined || this.closed) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => onIdle?.(), idleExitMs);
  }
}

function newFeed({ feed, flushPeriodMs = 200 }: EmulatorOptions): Feed {
  if (feed.kind === 'recording') return new RecordingFeed(feed);
  const { market, furtherSeed: seed = 1 } = feed;
  const furtherMarkets = new FurtherMarkets({ market, seed });
  return new MarketFeed({ market, furtherMarkets, flushPeriodUs: flushPeriodMs * 1000 });
}
