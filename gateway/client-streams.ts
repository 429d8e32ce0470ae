// The streams that one client gets: what it asked for and with which delivery, those that are still to begin, and for
// each stream how far it has been sent, so that every update says truly what the client received before it.
//
//   pattern held ─► to begin ─► connected: updates ─► latest: (outbox full: skipped) ─► skipped{…} ─► updates
//                                                  └► all: (half full: warning) ─► (full: closed, comes back, resumes)
import type { Bus } from '../engine/bus/bus.ts';
import type { SourceKind } from '../engine/messages.ts';
import { encode, UpdateFrames } from './encoding.ts';
import { WARNINGS } from './errors.ts';
import { headOf } from './fan-out.ts';
import type { GatewayLimits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import { Positions } from './positions.ts';
import type {
  Delivery,
  Encoding,
  KeptSubscriptions,
  ServerMessage,
  SkippedMessage,
  UnsubscribeRequest,
} from './protocol.ts';
import { count, type GatewayStats } from './stats.ts';
import { StreamBeginnings } from './stream-beginnings.ts';
import {
  patternCount,
  patternsOfRequest,
  type Route,
  type StreamDirectory,
  type Subscription,
} from './stream-directory.ts';

const SKIPPED_STREAMS_PER_MESSAGE = 500;

export type StreamSubscription = Subscription<ClientStreams>;
export type StreamRoute = Route<ClientStreams>;

/** What the streams of all clients share. */
export interface StreamSources {
  readonly bus: Pick<Bus, 'retained' | 'retainedTimes' | 'allStreams' | 'lastSeq' | 'since' | 'holdsSince'>;
  readonly directory: StreamDirectory<ClientStreams>;
  /** Makes known to the directory what the bus keeps and never handed on: recovery derives before anyone listens. */
  readonly addRetainedStreams: () => void;
  readonly origin: () => { readonly epoch: string; readonly source: SourceKind };
  readonly stats: GatewayStats;
}

export interface ClientStreamsOptions {
  readonly sources: StreamSources;
  readonly encoding: Encoding;
  readonly outbox: Outbox;
  readonly limits: Pick<GatewayLimits, 'subscriptionsMax' | 'positionsMax' | 'queueBytesMax'>;
  /** An update of delivery `all` found the queue at its bound: the connection is to end. */
  readonly endOverflowed: () => void;
}

/** By delivery, the numbering in which streams go on; null where they begin with snapshots. */
export type ResumedEpochs = Readonly<Record<Delivery, string | null>>;

/** Keys of the streams that match today, and of those of them that could not be resumed. */
export interface SubscribedStreams {
  readonly streams: string[];
  readonly notRecovered: string[];
}

export class ClientStreams {
  readonly outbox: Outbox;
  readonly positions: Positions;
  /** Nothing more is taken: the connection ends once the batch at hand is over. */
  hasOverflowed = false;
  private readonly options: ClientStreamsOptions;
  private readonly sources: StreamSources;
  private readonly patterns = new Map<string, Delivery>();
  private readonly connected = new Map<StreamRoute, StreamSubscription>();
  private readonly beginnings: StreamBeginnings;
  private isWarned = false;
  /** Lives on from heartbeat to heartbeat, so that each names the streams after those of the last one. */
  private lastSeqCursor: Iterator<StreamSubscription> | null = null;

  constructor(options: ClientStreamsOptions) {
    const { sources, encoding, outbox, limits } = options;
    this.options = options;
    this.sources = sources;
    this.outbox = outbox;
    this.positions = new Positions(limits.positionsMax);
    this.beginnings = new StreamBeginnings({
      sources,
      encoding,
      outbox,
      queueBytesMax: limits.queueBytesMax,
      connect: (route, sentSeq) => this.connect(route, sentSeq),
    });
  }

  /** Every stream there is. */
  allKeys(): string[] {
    return Array.from(this.sources.bus.allStreams(), (stream) => stream.key);
  }

  /**
   * All of the patterns or, where they are too many, null and nothing. Streams begin behind their positions; those without
   * one at the first message of the epoch that is resumed with that delivery, or, where none is, with a snapshot.
   */
  subscribe({ all, latest }: KeptSubscriptions, resumed: ResumedEpochs): SubscribedStreams | null {
    // A stream that both stand for begins as the lossless one.
    const asked = new Map<string, Delivery>(all.map((pattern) => [pattern, 'all']));
    for (const pattern of latest) if (!asked.has(pattern)) asked.set(pattern, 'latest');
    let added = 0;
    for (const pattern of asked.keys()) if (!this.patterns.has(pattern)) added += 1;
    if (this.patterns.size + added > this.options.limits.subscriptionsMax) return null;

    this.sources.addRetainedStreams();
    const keys = new Set<string>();
    const notRecovered: string[] = [];
    for (const [pattern, delivery] of asked) {
      this.patterns.set(pattern, delivery);
      const epoch = resumed[delivery];
      if (delivery === 'all') this.outbox.hasLossless = true;
      for (const route of this.sources.directory.hold(this, pattern)) {
        const { key } = route.stream;
        keys.add(key);
        const position = this.positions.take(key) ?? (epoch === null ? null : { epoch, seq: 0 });
        const subscription = this.connected.get(route);
        if (subscription !== undefined) this.deliver(subscription);
        else if (!this.beginnings.has(route) && !this.beginnings.add(route, position)) notRecovered.push(key);
      }
    }
    return { streams: [...keys], notRecovered };
  }

  /** The keys of the streams that end: those that no other pattern of the client stands for. */
  unsubscribe(request: UnsubscribeRequest): string[] {
    const keys: string[] = [];
    // Nothing is held that `subscribe` would have refused.
    if (patternCount(request) > this.options.limits.subscriptionsMax) return keys;
    for (const pattern of patternsOfRequest(request)) {
      if (!this.patterns.delete(pattern)) continue;
      for (const route of this.sources.directory.release(this, pattern)) {
        const isWanted = route.patterns.some((other) => this.patterns.has(other));
        const subscription = this.connected.get(route);
        if (isWanted && subscription !== undefined) this.deliver(subscription);
        if (isWanted) continue;
        this.leave(route);
        keys.push(route.stream.key);
      }
    }
    this.outbox.hasLossless = [...this.patterns.values()].includes('all');
    return keys;
  }

  /** What the client holds, as it can be subscribed to again. */
  subscriptions(): KeptSubscriptions {
    const kept: Record<Delivery, string[]> = { all: [], latest: [] };
    for (const [pattern, delivery] of this.patterns) kept[delivery].push(pattern);
    return kept;
  }

  /** A stream appeared for which the client holds a pattern; `prevSeq` is the last seq from before it appeared. */
  join(route: StreamRoute, prevSeq: number): void {
    if (prevSeq === 0) this.connect(route, prevSeq);
    else this.beginnings.add(route, null);
  }

  /** Takes an update for a connected stream, to leave with the outbox's next flush; false where it is not taken. */
  offer(subscription: StreamSubscription, update: UpdateFrames): boolean {
    const { sentSeq, delivery } = subscription;
    if (this.hasOverflowed || (this.outbox.full && delivery === 'latest')) return false;
    // A snapshot taken between the bus's keeping it and its handing it on contains it already.
    if (sentSeq >= update.seq) return true;
    const { encoding } = this.options;
    const frame = sentSeq === update.prevSeq ? update.shared(encoding) : update.after(encoding, sentSeq);
    if (!this.outbox.offer(frame, delivery)) {
      this.hasOverflowed = delivery === 'all';
      return false;
    }
    subscription.sentSeq = update.seq;
    if (this.outbox.isPastHalf !== this.isWarned) this.warn();
    return true;
  }

  endOverflowed(): void {
    this.options.endOverflowed();
  }

  /** Sends what streams begin with, as much as the turn and the outbox allow; the rest follows. */
  sendBeginnings(): void {
    this.beginnings.sendSome();
  }

  /** The connection goes on under another numbering. */
  beginEpoch(epoch: string): void {
    this.beginnings.beginEpoch(epoch);
  }

  /** After the outbox was full: tells of each stream what was left out, and gives the last message of it. */
  sendSkipped(): void {
    const behind = [...this.connected.values()].filter(({ route, sentSeq }) => sentSeq < route.lastSeq);
    const lastFrames: Uint8Array[] = [];
    const skipped: SkippedMessage['streams'] = [];
    let bytesLeft = this.options.limits.queueBytesMax / 4;
    for (const subscription of behind) {
      const { route, sentSeq } = subscription;
      const last = bytesLeft > 0 ? this.lastUpdate(subscription) : null;
      const toSeq = last === null ? route.lastSeq : route.lastSeq - 1;
      if (toSeq > sentSeq) skipped.push({ stream: route.stream.key, fromSeq: sentSeq, toSeq });
      if (last === null) continue;
      lastFrames.push(last);
      bytesLeft -= last.length;
      subscription.sentSeq = route.lastSeq;
      this.sources.stats.messages[route.stream.channel].sent += 1;
    }
    this.tellSkipped(skipped);
    for (const frame of lastFrames) this.outbox.add(frame);
    this.outbox.flush();
  }

  /** Last seq of at most so many connected streams, going round from call to call. */
  lastSeqs(streamsMax: number): Record<string, number> {
    const lastSeqs: Record<string, number> = {};
    this.lastSeqCursor ??= this.connected.values();
    for (let named = 0; named < streamsMax; named++) {
      const next = this.lastSeqCursor.next();
      if (next.done) {
        this.lastSeqCursor = null;
        break;
      }
      const { route } = next.value;
      lastSeqs[route.stream.key] = route.lastSeq;
    }
    return lastSeqs;
  }

  /** The client is gone. */
  release(): void {
    for (const pattern of this.patterns.keys()) this.sources.directory.release(this, pattern);
    for (const subscription of this.connected.values()) this.sources.directory.disconnect(subscription);
    this.patterns.clear();
    this.connected.clear();
    this.beginnings.clear();
  }

  private connect(route: StreamRoute, sentSeq: number): void {
    const subscription = this.sources.directory.connect(this, route, sentSeq, this.deliveryOf(route));
    this.connected.set(route, subscription);
  }

  private deliveryOf(route: StreamRoute): Delivery {
    return route.patterns.some((pattern) => this.patterns.get(pattern) === 'all') ? 'all' : 'latest';
  }

  /** The patterns have changed. What a stream that is lossless from now on had left out is told before it goes on. */
  private deliver(subscription: StreamSubscription): void {
    const { route, sentSeq } = subscription;
    const delivery = this.deliveryOf(route);
    if (delivery === subscription.delivery) return;
    subscription.delivery = delivery;
    if (sentSeq < route.lastSeq)
      this.tellSkipped([{ stream: route.stream.key, fromSeq: sentSeq, toSeq: route.lastSeq }]);
  }

  private leave(route: StreamRoute): void {
    this.beginnings.delete(route);
    const subscription = this.connected.get(route);
    if (subscription === undefined) return;
    this.connected.delete(route);
    this.sources.directory.disconnect(subscription);
  }

  /** Once when half of the queue is passed; the next time only after it has drained. */
  private warn(): void {
    this.isWarned = this.outbox.isPastHalf;
    if (!this.isWarned) return;
    const slug = 'queue_half_full';
    count(this.sources.stats.warnings, slug);
    const { queueBytesMax } = this.options.limits;
    const queuedBytes = this.outbox.waitingBytes;
    this.add({ type: 'warning', ...WARNINGS[slug], slug, queuedBytes, queueBytesMax });
  }

  private lastUpdate({ route, sentSeq }: StreamSubscription): Uint8Array | null {
    const last = this.sources.bus.retained(route.stream.key).at(-1);
    if (last === undefined || last.seq !== route.lastSeq) return null;
    const update = { stream: route.stream, prevSeq: sentSeq, messages: [last] };
    return new UpdateFrames(update, headOf(route, this.sources.origin()), null).shared(this.options.encoding);
  }

  private tellSkipped(streams: SkippedMessage['streams']): void {
    for (let n = 0; n < streams.length; n += SKIPPED_STREAMS_PER_MESSAGE) {
      this.add({ type: 'skipped', streams: streams.slice(n, n + SKIPPED_STREAMS_PER_MESSAGE) });
    }
  }

  private add(message: ServerMessage): void {
    this.outbox.add(encode(this.options.encoding, message));
  }
}
