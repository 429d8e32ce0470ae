// One client: its requests, its rate, whether it lives. It never throws at what a client does, and what one client does
// is felt by no other.
import { hostTimeUs, monotonicUs } from '../engine/clock.ts';
import { CHANNELS } from '../engine/messages.ts';
import { parseClientMessage } from './client-message.ts';
import { ClientStreams, type StreamSources } from './client-streams.ts';
import { encode } from './encoding.ts';
import { CLOSES, type CloseSlug, ERRORS, type ErrorSlug } from './errors.ts';
import type { GatewayLimits } from './limits.ts';
import { Outbox } from './outbox.ts';
import type { ClientMessage, Encoding, ServerMessage, SubscribeRequest, UnsubscribeRequest } from './protocol.ts';
import { count } from './stats.ts';
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
    const { sources, limits, encoding } = this.options;
    this.socket = socket;
    this.outbox = new Outbox(socket, limits.queueBytesMax, sources.stats);
    this.streams = new ClientStreams(sources, encoding, this.outbox, limits.subscriptionsMax);
    this.options.opened(this);
    const { messageBytesMax, messagesPerSecondMax, subscriptionsMax, queueBytesMax, heartbeatMs } = limits;
    this.send({
      type: 'welcome',
      version: 1,
      serverTimeUs: hostTimeUs(),
      ...sources.origin(),
      connection: this.name,
      channels: CHANNELS,
      limits: { messageBytesMax, messagesPerSecondMax, subscriptionsMax, queueBytesMax, heartbeatMs },
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
    this.streams.sendSnapshots();
  }

  closed(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.streams.release();
    this.options.ended(this, code);
  }

  /** At the heartbeat's interval: a heartbeat, and a look at whether the client still reads and lives. */
  beat(): void {
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
      case 'ping':
        this.send({ type: 'pong', id: message.id, serverTimeUs: hostTimeUs() });
        break;
      case 'list':
        this.send({ type: 'list', id: message.id, streams: this.streams.allKeys() });
        break;
    }
  }

  private subscribe(request: SubscribeRequest): void {
    const streams = this.streams.subscribe(request);
    if (streams === null) {
      this.sendError(request.id, 'too_many_subscriptions');
      return;
    }
    const recovered = request.epoch === this.options.sources.origin().epoch;
    this.outbox.add(encode(this.encoding, { type: 'subscribed', id: request.id, streams, recovered }));
    this.streams.sendSnapshots();
    this.flush();
  }

  private unsubscribe(request: UnsubscribeRequest): void {
    this.send({ type: 'unsubscribed', id: request.id, streams: this.streams.unsubscribe(request) });
  }

  private sendError(id: string | number | null, slug: ErrorSlug, detail?: string): void {
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
