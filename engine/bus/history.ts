// What was published in the last while, so that a client that comes back is given exactly what it missed. Messages are
// kept encoded, in large buffers outside the heap: as objects, a minute of the whole market would be walked over by
// every major garbage collection, and the slowest hundredth of all messages would pay for it.
//
//   chunk   │ record │ record │ record │ … │   the oldest goes first, whole: behind the window, or at bytesMax
//   record    payload bytes u32, place of the stream's record before u32 u32, prevSeq f64, seq f64, messages
//
// Each record points to its stream's record before, so that reading a stream costs what is missing of it and no more.
// MessagePack in plain maps takes half the time of JSON and two thirds of its room.
import { Packr } from 'msgpackr';
import type { Channel, Message, StreamUpdate } from '../messages.ts';

export interface OutputHistoryOptions {
  /** How far back, by the time of the messages themselves; milliseconds. */
  readonly windowMs: number;
  /** All of the buffers together. */
  readonly bytesMax: number;
}

export interface OutputHistoryCounters {
  /** Held by the buffers now. */
  bytes: number;
  /** Updates that can still be read. */
  updates: number;
  /** Updates that went because of `bytesMax`, hence before their time. */
  dropped: number;
  /** The end of the newest chunk that went, engine time, microseconds: all after it is there. 0 where none went yet. */
  goneUntilUs: number;
}

/** Measured in each process and numbered anew by it: what one missed of them is worth nothing. */
const WITHOUT_HISTORY: ReadonlySet<Channel> = new Set(['status', 'latency']);

const CHUNK_BYTES_MAX = 1024 * 1024;
/** The bound is kept in whole chunks, so a small one needs small chunks. */
const CHUNKS_AT_BOUND = 16;
const HEADER_BYTES = 28;
const NONE = 0xffff_ffff;

const packr = new Packr({ useRecords: false, variableMapSize: true });

interface Chunk {
  readonly bytes: Buffer;
  used: number;
  updates: number;
  newestUs: number;
}

/** The last record of a stream: number of its chunk, NONE where it was never kept, and where it begins there. */
interface Tail {
  chunk: number;
  offset: number;
  seq: number;
}

export class OutputHistory {
  readonly counters: OutputHistoryCounters = { bytes: 0, updates: 0, dropped: 0, goneUntilUs: 0 };
  private readonly windowUs: number;
  private readonly bytesMax: number;
  private readonly chunkBytes: number;
  /** Oldest first; the first of them is number `firstChunk`. */
  private chunks: Chunk[] = [];
  private firstChunk = 0;
  private readonly tails = new Map<string, Tail>();
  private epoch = '';
  /** The newest time that a message bore. Batches of several partitions do not come in the order of their times. */
  private newestUs = 0;
  /** A buffer that went, for the next chunk. */
  private spare: Buffer | null = null;

  constructor({ windowMs, bytesMax }: OutputHistoryOptions) {
    this.windowUs = windowMs * 1000;
    this.bytesMax = bytesMax;
    this.chunkBytes = Math.max(1, Math.min(CHUNK_BYTES_MAX, Math.floor(bytesMax / CHUNKS_AT_BOUND)));
  }

  /** Keeps the updates of a batch. Another epoch empties it first: nothing of it goes on in this one. */
  add(epoch: string, updates: readonly StreamUpdate[]): void {
    if (epoch !== this.epoch) this.clear(epoch);
    for (const update of updates) {
      if (update.messages.length > 0 && !WITHOUT_HISTORY.has(update.stream.channel)) this.keep(update);
    }
  }

  /**
   * What the stream published after `seq`, oldest first: all of it, or, where that is more than `bytesMax` encoded, the
   * first of it, at least one update. Null where it is not whole any more.
   */
  since(streamKey: string, epoch: string, seq: number, bytesMax = Number.POSITIVE_INFINITY): Message[] | null {
    const places = this.placesSince(streamKey, epoch, seq);
    if (places === null) return null;
    const messages: Message[] = [];
    let bytes = 0;
    for (let n = places.length - 2; n >= 0 && (bytes === 0 || bytes < bytesMax); n -= 2) {
      const chunk = this.chunks[places[n]! - this.firstChunk]!;
      const offset = places[n + 1]!;
      const length = chunk.bytes.readUInt32LE(offset);
      const begin = offset + HEADER_BYTES;
      // Copied: what the decoder hands out must not hang on to a buffer that is written anew later.
      const kept = packr.unpack(Buffer.from(chunk.bytes.subarray(begin, begin + length))) as Message[];
      for (const message of kept) if (message.seq > seq) messages.push(message);
      bytes += length;
    }
    return messages;
  }

  /** Whether `since` would give it. */
  holds(streamKey: string, epoch: string, seq: number): boolean {
    return this.placesSince(streamKey, epoch, seq) !== null;
  }

  clear(epoch = ''): void {
    this.epoch = epoch;
    this.tails.clear();
    while (this.chunks.length > 0) this.removeOldest();
    this.newestUs = 0;
    this.counters.goneUntilUs = 0;
  }

  /** Chunk and offset of each record that is needed, newest first; null where one is gone. */
  private placesSince(streamKey: string, epoch: string, seq: number): number[] | null {
    const tail = this.tails.get(streamKey);
    if (tail === undefined || epoch !== this.epoch || seq > tail.seq) return null;
    const places: number[] = [];
    let { chunk, offset } = tail;
    for (let reached = tail.seq; reached > seq; ) {
      if (chunk === NONE || chunk < this.firstChunk) return null;
      places.push(chunk, offset);
      const { bytes } = this.chunks[chunk - this.firstChunk]!;
      reached = bytes.readDoubleLE(offset + 12);
      chunk = bytes.readUInt32LE(offset + 4);
      offset = bytes.readUInt32LE(offset + 8);
    }
    return places;
  }

  private keep({ stream, prevSeq, messages }: StreamUpdate): void {
    const last = messages[messages.length - 1]!;
    let tail = this.tails.get(stream.key);
    if (tail === undefined) {
      tail = { chunk: NONE, offset: 0, seq: prevSeq };
      this.tails.set(stream.key, tail);
    }
    // Derived twice, as a recovery may do: equal by its number.
    if (last.seq <= tail.seq) return;
    this.newestUs = Math.max(this.newestUs, last.timeUs);
    this.removeWhatIsOver();
    const payload = packr.pack(messages);
    const length = HEADER_BYTES + payload.length;
    const follows = tail.seq === prevSeq;
    const previousChunk = follows ? tail.chunk : NONE;
    const previousOffset = tail.offset;
    tail.seq = last.seq;
    tail.chunk = NONE;
    const chunk = this.chunkFor(length);
    if (chunk === null) {
      this.counters.dropped += 1;
      return;
    }
    const { bytes, used } = chunk;
    bytes.writeUInt32LE(payload.length, used);
    bytes.writeUInt32LE(previousChunk, used + 4);
    bytes.writeUInt32LE(previousOffset, used + 8);
    bytes.writeDoubleLE(prevSeq, used + 12);
    bytes.writeDoubleLE(last.seq, used + 20);
    bytes.set(payload, used + HEADER_BYTES);
    tail.chunk = this.firstChunk + this.chunks.length - 1;
    tail.offset = used;
    chunk.used += length;
    chunk.updates += 1;
    chunk.newestUs = this.newestUs;
    this.counters.updates += 1;
  }

  /** The newest chunk where it has room, else one more, for which older ones go; null where nothing is large enough. */
  private chunkFor(length: number): Chunk | null {
    const newest = this.chunks[this.chunks.length - 1];
    if (newest !== undefined && newest.used + length <= newest.bytes.length) return newest;
    const wanted = Math.max(length, this.chunkBytes);
    if (wanted > this.bytesMax) return null;
    while (this.counters.bytes + wanted > this.bytesMax) {
      this.counters.dropped += this.chunks[0]!.updates;
      this.removeOldest();
    }
    const isSpare = wanted === this.chunkBytes && this.spare !== null;
    const bytes = isSpare ? this.spare! : Buffer.allocUnsafeSlow(wanted);
    if (isSpare) this.spare = null;
    const chunk: Chunk = { bytes, used: 0, updates: 0, newestUs: this.newestUs };
    this.chunks.push(chunk);
    this.counters.bytes += wanted;
    return chunk;
  }

  private removeWhatIsOver(): void {
    const fromUs = this.newestUs - this.windowUs;
    while (this.chunks.length > 0 && this.chunks[0]!.newestUs < fromUs) this.removeOldest();
  }

  private removeOldest(): void {
    const { bytes, updates, newestUs } = this.chunks.shift()!;
    this.firstChunk += 1;
    this.counters.bytes -= bytes.length;
    this.counters.updates -= updates;
    this.counters.goneUntilUs = newestUs;
    if (bytes.length === this.chunkBytes) this.spare = bytes;
  }
}
