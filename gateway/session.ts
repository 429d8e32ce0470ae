// One client: its requests, its rate, whether it lives. It never throws at what a client does, and what one client does
// is felt by no other.
import { hostTimeUs, monotonicUs } from '../engine/clock.ts';
import { CHANNELS } from '../engine/messages.ts';
import { parseClientMessage } from './client-message.ts';
import { ClientStreams, type ResumedEpochs, type StreamSources } from './client-streams.ts';
import { encode } from './encoding.ts';
import { CLOSES, type CloseSlug, ERRORS, type ErrorSlug } from './errors.ts';
import { KeptSession } from './kept-session.ts';
import type { GatewayLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import type {
  ClientMessage,
  Encoding,
  KeptSubscriptions,
  ResumeRequest,
  ServerMessage,
  SubscribedMessage,
  SubscribeRequest,
  UnsubscribeRequest,
} from './protocol.ts';
import type { SessionStore } from './session-store.ts';
import { count } from './stats.ts';
import { patternCount, patternsOfRequest } from './stream-directory.ts';
import type { TransportPeer, TransportSocket } from './transport.ts';

/** So many times the allowed rate is no mistake any more. */
const FLOOD_FACTOR = 10;
/** Streams named in one heartbeat; the next one goes on behind them. */
const HEARTBEAT_STREAMS_MAX = 200;
const UNANSWERED_PINGS_MAX = 2;

export interface SessionOptions {
  /** Unique in the process; in the welcome frame and the logs. */
  readonly name: string;
  readonly encoding: Encoding;
  readonly sources: StreamSources;
  readonly limits: GatewayLimits;
  readonly store: SessionStore;
  readonly resumeWindowMs: number;
  readonly opened: (session: Session) => void;
  readonly ended: (session: Session, code: number) => void;
}

export class Session implements TransportPeer {
  readonly name: string;
  private readonly encoding: Encoding;
  private readonly limits: GatewayLimits;
  private readonly options: SessionOptions;
  private socket!: TransportSocket;
  private outbox!: Outbox;
  private streams!: ClientStreams;
  private kept!: KeptSession;
  private isClosed = false;
  private heardUs = monotonicUs();
  private unansweredPings = 0;
  private rateWindowUs = 0;
  private messagesInWindow = 0;
  private heartbeats = 0;

  constructor(options: SessionOptions) {
    this.options = options;
    this.name = options.name;
    this.encoding = options.encoding;
    this.limits = options.limits;
  }

  opened(socket: TransportSocket): void {
    const { sources, limits, encoding, store, resumeWindowMs } = this.options;
    this.socket = socket;
    this.outbox = new Outbox(socket, limits.queueBytesMax, sources.stats);
    const endOverflowed = () => this.close('queue_overflow');
    this.streams = new ClientStreams({ sources, encoding, outbox: this.outbox, limits, endOverflowed });
    this.kept = new KeptSession(store, sources.stats, () => this.streams.subscriptions());
    this.options.opened(this);
    const { messageBytesMax, messagesPerSecondMax, subscriptionsMax, queueBytesMax, heartbeatMs, positionsMax } =
      limits;
    this.send({
      type: 'welcome',
      version: 1,
      serverTimeUs: hostTimeUs(),
      ...sources.origin(),
      connection: this.name,
      session: this.kept.token,
      resumeWindowMs,
      channels: CHANNELS,
      limits: { messageBytesMax, messagesPerSecondMax, subscriptionsMax, queueBytesMax, heartbeatMs, positionsMax },
    });
  }

  message(data: Uint8Array, isBinary: boolean): void {
    if (this.isClosed) return;
    this.heard();
    if (data.length > this.limits.messageBytesMax) this.close('message_too_big');
    else if (this.isWithinRate()) this.read(data, isBinary);
  }

  pong(): void {
    this.heard();
  }

  drained(queuedBytes: number): void {
    if (this.isClosed) return;
    if (this.outbox.drained(queuedBytes)) this.streams.sendSkipped();
    this.streams.sendBeginnings();
  }

  closed(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.streams.release();
    this.options.ended(this, code);
  }

  /** At the heartbeat's interval: a heartbeat, and a look at whether the client still reads and lives. */
  beat(): void {
    this.kept.beat();
    const nowUs = monotonicUs();
    const silentMs = (nowUs - this.heardUs) / 1000;
    // The clock alone is no proof: if it was this process that stood still, the answers are yet to be read.
    if (silentMs > this.limits.idleMsMax && this.unansweredPings >= UNANSWERED_PINGS_MAX) {
      this.close('idle');
      return;
    }
    if (silentMs > this.limits.idleMsMax / 2) {
      this.unansweredPings += 1;
      this.socket.ping();
    }
    if (this.outbox.full) {
      // No heartbeat: it would name numbers that this client was made to skip and has not been told of yet.
      if (nowUs - this.outbox.fullSinceUs > this.limits.drainMsMax * 1000) this.close('slow_consumer');
      return;
    }
    this.heartbeats += 1;
    const lastSeq = this.streams.lastSeqs(HEARTBEAT_STREAMS_MAX);
    this.send({ type: 'heartbeat', counter: this.heartbeats, serverTimeUs: hostTimeUs(), lastSeq });
  }

  beginEpoch(epoch: string, previous: string): void {
    this.streams.beginEpoch(epoch);
    this.send({ type: 'epoch', epoch, previous, recovered: false });
  }

  shutDown(reason: string, reconnectAfterMs: number): void {
    this.send({ type: 'shutdown', reason, reconnectAfterMs });
    this.close('shutdown');
  }

  private heard(): void {
    this.heardUs = monotonicUs();
    this.unansweredPings = 0;
  }

  private isWithinRate(): boolean {
    const { messagesPerSecondMax } = this.limits;
    if (this.heardUs - this.rateWindowUs >= 1_000_000) {
      this.rateWindowUs = this.heardUs;
      this.messagesInWindow = 0;
    }
    this.messagesInWindow += 1;
    if (this.messagesInWindow <= messagesPerSecondMax) return true;
    // Told once in a window: an answer to each would double the flood.
    if (this.messagesInWindow === messagesPerSecondMax + 1) this.sendError(null, 'too_many_messages');
    if (this.messagesInWindow > FLOOD_FACTOR * messagesPerSecondMax) this.close('message_flood');
    return false;
  }

  private read(data: Uint8Array, isBinary: boolean): void {
    if (isBinary !== (this.encoding === 'msgpack')) {
      this.sendError(null, 'wrong_encoding');
      return;
    }
    const parsed = parseClientMessage(this.encoding, data);
    if (parsed.ok) this.handle(parsed.message);
    else this.sendError(parsed.id, parsed.slug, parsed.detail);
  }

  private handle(message: ClientMessage): void {
    switch (message.type) {
      case 'subscribe':
        this.subscribe(message);
        break;
      case 'unsubscribe':
        this.unsubscribe(message);
        break;
      case 'resume':
        void this.resume(message);
        break;
      case 'ping':
        this.send({ type: 'pong', id: message.id, serverTimeUs: hostTimeUs() });
        break;
      case 'list':
        this.send({ type: 'list', id: message.id, streams: this.streams.allKeys() });
        break;
    }
  }

  private subscribe(request: SubscribeRequest): void {
    const { id, delivery = 'latest', resume } = request;
    // The size alone first: some kilobytes may stand for millions of patterns.
    if (patternCount(request) > this.limits.subscriptionsMax) this.sendError(id, 'too_many_subscriptions');
    else if (resume !== undefined && !this.streams.positions.add(resume)) this.sendError(id, 'too_many_positions');
    else {
      const patterns = { all: [], latest: [], [delivery]: patternsOfRequest(request) };
      const resumed = resume?.epoch ?? null;
      const recovered = this.isHere(resumed ?? request.epoch);
      this.begin({ id, recovered }, patterns, { all: resumed, latest: resumed });
    }
  }

  private isHere(epoch: string | undefined): boolean {
    return epoch === this.options.sources.origin().epoch;
  }

  /** Answers, and then sends what the streams begin with. */
  private begin(
    answer: Pick<SubscribedMessage, 'id' | 'recovered' | 'subscriptions'>,
    subscriptions: KeptSubscriptions,
    resumed: ResumedEpochs,
  ): boolean {
    const subscribed = this.streams.subscribe(subscriptions, resumed);
    if (subscribed === null) {
      this.sendError(answer.id, 'too_many_subscriptions');
      return false;
    }
    this.outbox.add(encode(this.encoding, { type: 'subscribed', ...answer, ...subscribed }));
    this.streams.sendBeginnings();
    this.flush();
    void this.kept.changed();
    return true;
  }

  private async resume({ id, epoch, streams, session }: ResumeRequest): Promise<void> {
    if (!this.streams.positions.add({ epoch, streams })) this.sendError(id, 'too_many_positions');
    else if (session === undefined) this.send({ type: 'resumed', id, positions: this.streams.positions.size });
    else await this.restore(id, epoch, session);
  }

  private async restore(id: string | number, epoch: string, session: string): Promise<void> {
    let subscriptions: KeptSubscriptions | null;
    try {
      subscriptions = await this.kept.takeOver(session);
    } catch {
      this.sendError(id, 'sessions_unavailable');
      return;
    }
    if (this.isClosed) return;
    if (subscriptions === null) this.sendError(id, 'unknown_session');
    else if (
      this.begin({ id, recovered: this.isHere(epoch), subscriptions }, subscriptions, { all: epoch, latest: null })
    ) {
      this.options.sources.stats.sessions.restored += 1;
      await this.kept.replace(session);
    }
  }

  private unsubscribe(request: UnsubscribeRequest): void {
    this.send({ type: 'unsubscribed', id: request.id, streams: this.streams.unsubscribe(request) });
    void this.kept.changed();
  }

  private sendError(id: string | number | null, slug: ErrorSlug, detail?: string): void {
    if (this.isClosed) return;
    count(this.options.sources.stats.errors, slug);
    const { code, text, temporary, retryAfterMs } = ERRORS[slug];
    const fullText = detail === undefined ? text : `${text} (${detail})`;
    this.send({ type: 'error', id, code, slug, text: fullText, temporary, retryAfterMs });
  }

  private send(message: ServerMessage): void {
    if (this.isClosed) return;
    this.outbox.add(encode(this.encoding, message));
    this.flush();
  }

  private flush(): void {
    this.outbox.flush();
    if (this.outbox.isOverrun) this.close('slow_consumer');
  }

  private close(slug: CloseSlug): void {
    if (this.isClosed) return;
    const { code, text } = CLOSES[slug];
    this.outbox.flush();
    this.socket.close(code, text);
    // Whatever the other side does now, nothing more is taken from it or sent to it.
    this.closed(code);
  }
}
