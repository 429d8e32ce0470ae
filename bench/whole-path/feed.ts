// The load's process: a server that speaks KIS's wire with the emulator's own sessions, and sends ready-made frames each
// at its intended time. It does not wait for anybody: a frame that leaves late is late for the clients, too.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { hostClock } from '../../engine/clock.ts';
import { Audience } from '../../engine/emulator/audience.ts';
import { PendingFaults } from '../../engine/emulator/faults/pending-faults.ts';
import { registrationName } from '../../engine/emulator/feed.ts';
import { Credentials } from '../../engine/emulator/rest/credentials.ts';
import { Rest } from '../../engine/emulator/rest/rest.ts';
import { FeedSession, type SessionHost } from '../../engine/emulator/session.ts';
import { LatencyHistogram, type SavedHistogram } from '../latency-histogram.ts';
import { sharedUs } from '../shared-clock.ts';
import { serve } from '../worker.ts';
import { loadCodes, loadFrames, START_TIME_US } from './load.ts';
import { type LoadShape, Schedule } from './schedule.ts';

/** Slept until so shortly before a frame is due; the rest is waited awake, because a sleeper wakes late. */
const AWAKE_US = 60;
/** Slept at once at most, so that sockets are served between frames. */
const SLEEP_US_MAX = 2_000;
const BUFFERED_BYTES_MAX = 256 << 20;
const ANNOUNCE_EVERY_US = 100_000;
/** Feed time at the connection lies before that of the first frame, and jumps forward to it: never back. */
const BEFORE_START_US = 600_000_000;

interface ReadyFrame {
  readonly registration: string;
  readonly bytes: Buffer;
}

class LoadFeed implements SessionHost {
  /** How late frames left after their intended times, of those that are measured. */
  lateness = new LatencyHistogram();
  private readonly audience = new Audience<FeedSession>();
  private readonly sessions = new Set<FeedSession>();
  private readonly credentials = new Credentials({ clock: hostClock });
  private readonly faults = new PendingFaults<'reject' | 'no_answer'>();
  private readonly http = createServer();
  private readonly webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  private readonly sleeper = new Int32Array(new SharedArrayBuffer(4));
  private readonly schedule: Schedule;
  private readonly codes: ReadonlySet<string>;
  private readonly frames: readonly ReadyFrame[];
  private startUs = 0;
  private announcedUs = 0;
  private next = 0;
  private played: () => void = () => {};

  constructor(shape: LoadShape) {
    this.schedule = new Schedule(shape);
    this.codes = new Set(loadCodes(shape.symbols));
    this.frames = Array.from(loadFrames(this.schedule), ({ trId, code, bytes }) => ({
      registration: registrationName(trId, code),
      bytes,
    }));
    const rest = new Rest({
      credentials: this.credentials,
      clock: hostClock,
      requestsPerSecond: 18,
      fault() {},
      status: () => ({
        identity: 'bench',
        source: 'simulated',
        timeUs: this.timeUs,
        registrations: this.registrations,
      }),
    });
    this.http.on('request', (request, response) => {
      rest.serve(request, response).catch(() => response.destroy());
    });
    this.http.on('upgrade', (request, socket, head) => this.accept(request, socket, head));
  }

  async listen(): Promise<{ restUrl: string; webSocketUrl: string }> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve));
    const { port } = this.http.address() as AddressInfo;
    return { restUrl: `http://127.0.0.1:${port}`, webSocketUrl: `ws://127.0.0.1:${port}` };
  }

  get registrations(): number {
    return this.audience.size;
  }

  /** Resolves once the last frame has left. */
  play(startUs: number): Promise<void> {
    this.startUs = startUs;
    this.next = 0;
    this.lateness = new LatencyHistogram();
    return new Promise((resolve) => {
      this.played = resolve;
      this.run();
    });
  }

  appKeyOf(approvalKey: unknown): string | undefined {
    return this.credentials.appKeyOf(approvalKey);
  }

  claim(): boolean {
    return true;
  }

  offers(_trId: string, trKey: string): boolean {
    return this.codes.has(trKey);
  }

  join(registration: string, session: FeedSession): void {
    this.audience.join(registration, session);
  }

  leave(registration: string, session: FeedSession): void {
    this.audience.leave(registration, session);
  }

  private get timeUs(): number {
    return this.startUs === 0
      ? START_TIME_US - BEFORE_START_US
      : Math.round(Math.max(START_TIME_US - BEFORE_START_US, START_TIME_US + sharedUs() - this.startUs));
  }

  private accept(request: IncomingMessage, tcp: Duplex, head: Buffer): void {
    this.webSockets.handleUpgrade(request, tcp, head, (webSocket) => {
      const session = new FeedSession({
        webSocket,
        tcp: tcp as Socket,
        wantsClock: request.url?.includes('clock=1') ?? false,
        environment: 'live',
        htsId: '',
        registrationsMax: Number.POSITIVE_INFINITY,
        pingIntervalMs: 0,
        timeUs: () => this.timeUs,
        bufferedBytesMax: BUFFERED_BYTES_MAX,
        faults: this.faults,
        host: this,
      });
      (tcp as Socket).setNoDelay(true);
      this.sessions.add(session);
      session.announce(this.timeUs, 1, 0);
      webSocket.on('error', () => webSocket.terminate());
      webSocket.on('close', () => this.sessions.delete(session));
    });
  }

  /** One turn: sleeps to the next frame's intended time, sends what is due, lets sockets be served. */
  private run(): void {
    const dueUs = this.startUs + this.schedule.dueUs[this.next];
    const leftUs = dueUs - sharedUs();
    if (leftUs > AWAKE_US) {
      Atomics.wait(this.sleeper, 0, 0, Math.min(leftUs - AWAKE_US, SLEEP_US_MAX) / 1000);
    }
    if (leftUs < SLEEP_US_MAX) {
      while (sharedUs() < dueUs);
      this.sendDue();
    }
    if (this.next < this.frames.length) {
      setImmediate(() => this.run());
      return;
    }
    // The next round's engine asks for the time before it connects, and must not be told that of the round before.
    this.startUs = 0;
    this.played();
  }

  private sendDue(): void {
    const { schedule, startUs } = this;
    let nowUs = sharedUs();
    this.announce(nowUs);
    while (this.next < this.frames.length && startUs + schedule.dueUs[this.next] <= nowUs) {
      const { registration, bytes } = this.frames[this.next];
      for (const session of this.audience.of(registration)) session.deliver(bytes);
      const dueUs = schedule.dueUs[this.next];
      if (dueUs >= schedule.measuredFromUs && dueUs < schedule.measuredToUs) {
        this.lateness.record(nowUs - startUs - dueUs);
      }
      this.next += 1;
      nowUs = sharedUs();
    }
  }

  private announce(nowUs: number): void {
    if (nowUs - this.announcedUs < ANNOUNCE_EVERY_US) return;
    this.announcedUs = nowUs;
    for (const session of this.sessions) session.announce(this.timeUs, 1, 0);
  }
}

let feed: LoadFeed;

const handlers = {
  /** Makes the frames and listens. */
  prepare(shape: LoadShape): Promise<{ restUrl: string; webSocketUrl: string }> {
    feed = new LoadFeed(shape);
    return feed.listen();
  },
  registrations(_: null): number {
    return feed.registrations;
  },
  /** @param startUs shared clock */
  async play(startUs: number): Promise<SavedHistogram> {
    await feed.play(startUs);
    return feed.lateness.save();
  },
};
export type FeedHandlers = typeof handlers;

serve(handlers);
