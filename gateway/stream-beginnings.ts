// What streams begin with for one client: a snapshot, or exactly what it missed. Sent piece by piece, as the client
// reads, and only when all of it has gone is the stream connected: its updates can neither overtake nor be lost.
//
//   waiting ─► snapshot ──────────────────────────┐
//           └► piece, piece, … of what was missed ┴─► connected at the seq of the last message sent
import type { Message } from '../engine/messages.ts';
import type { StreamRoute, StreamSources } from './client-streams.ts';
import { encode, UpdateFrames } from './encoding.ts';
import { headOf } from './fan-out.ts';
import type { Outbox } from './outbox.ts';
import type { Position } from './positions.ts';
import type { Encoding } from './protocol.ts';
import { isCountedByProcess } from './stream-continuity.ts';

/** Sent in one turn of the event loop: other clients' updates shall not wait behind a large subscription. */
const BYTES_PER_TURN = 64 * 1024;
/** Of the client's queue: what is sent at once shall leave most of it to updates. */
const QUEUE_SHARE = 8;

export interface StreamBeginningsOptions {
  readonly sources: StreamSources;
  readonly encoding: Encoding;
  readonly outbox: Outbox;
  readonly queueBytesMax: number;
  /** From here on updates behind `sentSeq` flow. Called in the turn in which the last piece was taken. */
  readonly connect: (route: StreamRoute, sentSeq: number) => void;
}

export class StreamBeginnings {
  private readonly options: StreamBeginningsOptions;
  private readonly pieceBytes: number;
  /** Null: a snapshot. A position moves on with each piece. */
  private readonly waiting = new Map<StreamRoute, Position | null>();
  private isScheduled = false;

  constructor(options: StreamBeginningsOptions) {
    this.options = options;
    this.pieceBytes = Math.min(BYTES_PER_TURN, Math.floor(options.queueBytesMax / QUEUE_SHARE));
  }

  has(route: StreamRoute): boolean {
    return this.waiting.has(route);
  }

  /**
   * The stream is to begin behind the position, or with a snapshot where there is none. False where what lies behind the
   * position is not whole any more: then it is a snapshot as well.
   */
  add(route: StreamRoute, position: Position | null): boolean {
    const { bus, stats } = this.options.sources;
    // What each process measures and counts anew has no past.
    if (position === null || isCountedByProcess(route.stream.channel)) {
      this.waiting.set(route, null);
      return true;
    }
    const isWhole = bus.holdsSince(route.stream.key, position.epoch, position.seq);
    this.waiting.set(route, isWhole ? position : null);
    if (!isWhole) stats.streamsResumed.notRecovered += 1;
    return isWhole;
  }

  delete(route: StreamRoute): void {
    this.waiting.delete(route);
  }

  clear(): void {
    this.waiting.clear();
  }

  /** All is numbered anew: what was to be resumed begins with the first message of that count. */
  beginEpoch(epoch: string): void {
    for (const [route, position] of this.waiting) if (position !== null) this.waiting.set(route, { epoch, seq: 0 });
  }

  /** Sends as much as the turn and the outbox allow; the rest follows. */
  sendSome(): void {
    const { outbox } = this.options;
    let bytes = 0;
    for (const [route, position] of this.waiting) {
      while (this.waiting.has(route) && outbox.hasRoom && bytes < this.pieceBytes) {
        bytes += position === null ? this.sendSnapshot(route) : this.sendPiece(route, position);
      }
      if (!outbox.hasRoom || bytes >= this.pieceBytes) break;
    }
    outbox.flush();
    // Where the socket did not take it all, it is heard of once it has.
    if (this.waiting.size > 0 && outbox.hasRoom) this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.sendSome();
    });
  }

  private sendPiece(route: StreamRoute, position: Position): number {
    const { sources, connect } = this.options;
    const { key } = route.stream;
    const messages = sources.bus.since(key, position.epoch, position.seq, this.pieceBytes);
    if (messages === null) {
      // The client read so slowly that the rest went out of the window: the snapshot says so.
      sources.stats.streamsResumed.notRecovered += 1;
      return this.sendSnapshot(route);
    }
    let bytes = 0;
    if (messages.length > 0) {
      bytes = this.sendUpdate(route, position, messages);
      position.seq = messages[messages.length - 1]!.seq;
    }
    if (position.seq < sources.bus.lastSeq(key)) return bytes;
    sources.stats.streamsResumed.recovered += 1;
    this.waiting.delete(route);
    route.lastSeq = Math.max(route.lastSeq, position.seq);
    connect(route, position.seq);
    return bytes;
  }

  private sendUpdate(route: StreamRoute, { epoch, seq }: Position, messages: readonly Message[]): number {
    const { sources, encoding, outbox } = this.options;
    const { stream } = route;
    const head = headOf(route, { epoch, source: sources.origin().source });
    const update = new UpdateFrames({ stream, prevSeq: seq, messages }, head, null);
    const frame = update.shared(encoding);
    outbox.add(frame);
    sources.stats.messages[stream.channel].sent += messages.length;
    return frame.length;
  }

  private sendSnapshot(route: StreamRoute): number {
    const { sources, encoding, outbox, connect } = this.options;
    const { key: stream, channel, instrument, variant } = route.stream;
    const messages = sources.bus.retained(stream);
    const last = messages[messages.length - 1];
    this.waiting.delete(route);
    route.lastSeq = Math.max(route.lastSeq, last?.seq ?? 0);
    connect(route, route.lastSeq);
    if (last === undefined) return 0;
    sources.stats.messages[channel].sent += messages.length;
    const { epoch, source } = sources.origin();
    const { seq } = last;
    const times = sources.bus.retainedTimes(stream);
    const frame = encode(encoding, {
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
    outbox.add(frame);
    return frame.length;
  }
}
