// The streams that one client gets: what it asked for, the snapshots still to be sent, and for each stream how far it
// has been sent, so that every update says truly what the client received before it.
//
//   pattern held ─► awaiting its snapshot ─► connected: updates ─► (outbox full: skipped) ─► skipped{…} ─► updates
import type { Bus } from '../engine/bus/bus.ts';
import type { SourceKind } from '../engine/messages.ts';
import { encode, type UpdateFrames } from './encoding.ts';
import type { Outbox } from './outbox.ts';
import type { Encoding, ServerMessage, SkippedMessage, SubscribeRequest, UnsubscribeRequest } from './protocol.ts';
import type { GatewayStats } from './stats.ts';
import {
  patternCount,
  patternsOfRequest,
  type Route,
  type StreamDirectory,
  type Subscription,
} from './stream-directory.ts';

/** Snapshots sent in one turn of the event loop: other clients' updates shall not wait behind a large subscription. */
const SNAPSHOT_BYTES_PER_TURN = 64 * 1024;
const SKIPPED_STREAMS_PER_MESSAGE = 500;

export type StreamSubscription = Subscription<ClientStreams>;
export type StreamRoute = Route<ClientStreams>;

/** What the streams of all clients share. */
export interface StreamSources {
  readonly bus: Pick<Bus, 'retained' | 'retainedTimes' | 'allStreams'>;
  readonly directory: StreamDirectory<ClientStreams>;
  /** Makes known to the directory what the bus keeps and never handed on: recovery derives before anyone listens. */
  readonly addRetainedStreams: () => void;
  readonly origin: () => { readonly epoch: string; readonly source: SourceKind };
  readonly stats: GatewayStats;
}

export class ClientStreams {
  readonly outbox: Outbox;
  private readonly encoding: Encoding;
  private readonly sources: StreamSources;
  private readonly patternsMax: number;
  private readonly patterns = new Set<string>();
  private readonly connected = new Map<StreamRoute, StreamSubscription>();
  private readonly awaitingSnapshot = new Set<StreamRoute>();
  private snapshotsScheduled = false;
  /** Lives on from heartbeat to heartbeat, so that each names the streams after those of the last one. */
  private lastSeqCursor: Iterator<StreamSubscription> | null = null;

  constructor(sources: StreamSources, encoding: Encoding, outbox: Outbox, patternsMax: number) {
    this.sources = sources;
    this.encoding = encoding;
    this.outbox = outbox;
    this.patternsMax = patternsMax;
  }

  /** Every stream there is. */
  allKeys(): string[] {
    return Array.from(this.sources.bus.allStreams(), (stream) => stream.key);
  }

  /** All of the request or nothing: the keys of the streams that match today, or null where it asks for too much. */
  subscribe(request: SubscribeRequest): string[] | null {
    // The size alone first: some kilobytes may stand for millions of patterns.
    if (patternCount(request) > this.patternsMax) return null;
    const patterns = new Set(patternsOfRequest(request));
    let added = 0;
    for (const pattern of patterns) if (!this.patterns.has(pattern)) added += 1;
    if (this.patterns.size + added > this.patternsMax) return null;

    this.sources.addRetainedStreams();
    const keys = new Set<string>();
    for (const pattern of patterns) {
      this.patterns.add(pattern);
      for (const route of this.sources.directory.hold(this, pattern)) {
        keys.add(route.stream.key);
        if (!this.connected.has(route)) this.awaitingSnapshot.add(route);
      }
    }
    return [...keys];
  }

  /** The keys of the streams that end: those that no other pattern of the client stands for. */
  unsubscribe(request: UnsubscribeRequest): string[] {
    const keys: string[] = [];
    // Nothing is held that `subscribe` would have refused.
    if (patternCount(request) > this.patternsMax) return keys;
    for (const pattern of patternsOfRequest(request)) {
      if (!this.patterns.delete(pattern)) continue;
      for (const route of this.sources.directory.release(this, pattern)) {
        if (route.patterns.some((other) => this.patterns.has(other))) continue;
        this.leave(route);
        keys.push(route.stream.key);
      }
    }
    return keys;
  }

  /** A stream appeared for which the client holds a pattern; `prevSeq` is the last seq from before it appeared. */
  join(route: StreamRoute, prevSeq: number): void {
    if (prevSeq === 0) this.connected.set(route, this.sources.directory.connect(this, route, prevSeq));
    else this.awaitingSnapshot.add(route);
  }

  /** Takes an update for a connected stream, to leave with the outbox's next flush; false where it is skipped. */
  offer(subscription: StreamSubscription, update: UpdateFrames): boolean {
    if (this.outbox.full) return false;
    const { sentSeq } = subscription;
    // A snapshot taken between the bus's keeping it and its handing it on contains it already.
    if (sentSeq >= update.seq) return true;
    const frame = sentSeq === update.prevSeq ? update.shared(this.encoding) : update.after(this.encoding, sentSeq);
    if (!this.outbox.offer(frame)) return false;
    subscription.sentSeq = update.seq;
    return true;
  }

  /** Sends snapshots that wait, as many as the turn and the outbox allow; the rest follows. */
  sendSnapshots(): void {
    let bytes = 0;
    for (const route of this.awaitingSnapshot) {
      if (!this.outbox.hasRoom) break;
      if (bytes >= SNAPSHOT_BYTES_PER_TURN) {
        this.scheduleSnapshots();
        break;
      }
      this.awaitingSnapshot.delete(route);
      bytes += this.connectWithSnapshot(route);
    }
    this.outbox.flush();
  }

  /** After the outbox was full: tells of each stream that went on meanwhile. */
  sendSkipped(): void {
    let streams: SkippedMessage['streams'] = [];
    for (const { route, sentSeq } of this.connected.values()) {
      if (sentSeq === route.lastSeq) continue;
      streams.push({ stream: route.stream.key, fromSeq: sentSeq, toSeq: route.lastSeq });
      if (streams.length < SKIPPED_STREAMS_PER_MESSAGE) continue;
      this.add({ type: 'skipped', streams });
      streams = [];
    }
    if (streams.length > 0) this.add({ type: 'skipped', streams });
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
    for (const pattern of this.patterns) this.sources.directory.release(this, pattern);
    for (const subscription of this.connected.values()) this.sources.directory.disconnect(subscription);
    this.patterns.clear();
    this.connected.clear();
    this.awaitingSnapshot.clear();
  }

  private leave(route: StreamRoute): void {
    this.awaitingSnapshot.delete(route);
    const subscription = this.connected.get(route);
    if (subscription === undefined) return;
    this.connected.delete(route);
    this.sources.directory.disconnect(subscription);
  }

  private scheduleSnapshots(): void {
    if (this.snapshotsScheduled) return;
    this.snapshotsScheduled = true;
    setImmediate(() => {
      this.snapshotsScheduled = false;
      this.sendSnapshots();
    });
  }

  /** From here on updates flow; the snapshot before them is taken in the same turn, so nothing is lost or doubled. */
  private connectWithSnapshot(route: StreamRoute): number {
    const messages = this.sources.bus.retained(route.stream.key);
    const last = messages[messages.length - 1];
    route.lastSeq = Math.max(route.lastSeq, last?.seq ?? 0);
    this.connected.set(route, this.sources.directory.connect(this, route, route.lastSeq));
    if (last === undefined) return 0;
    this.sources.stats.messages[route.stream.channel].sent += messages.length;
    const { key: stream, channel, instrument, variant } = route.stream;
    const { epoch, source } = this.sources.origin();
    const { seq } = last;
    const times = this.sources.bus.retainedTimes(stream);
    return this.add({
      type: 'snapshot',
      stream,
      channel,
      instrument,
      variant,
      epoch,
      source,
      seq,
      times,
      messages,
    });
  }

  private add(message: ServerMessage): number {
    const frame = encode(this.encoding, message);
    this.outbox.add(frame);
    return frame.length;
  }
}
