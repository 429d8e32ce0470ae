// The numbering of what is derived: each stream counts from 1 without holes and keeps its digest. Messages of a batch
// collect here, and `take` hands them to the bus in the order in which their streams first spoke.
import { hash } from 'node:crypto';
import { type Channel, type MessageOf, type Stream, type StreamUpdate, streamKey } from '../messages.ts';
import { StreamDigest } from './digest.ts';

class NumberedStream {
  readonly stream: Stream;
  readonly digest = new StreamDigest();
  seq = 0;
  pending: MessageOf[Channel][] | null = null;

  constructor(stream: Stream) {
    this.stream = stream;
  }
}

export interface SavedStreams {
  readonly messages: number;
  readonly streams: { readonly stream: Stream; readonly seq: number; readonly digest: Uint8Array }[];
}

export interface DigestReport {
  readonly messages: number;
  readonly streams: number;
  /** SHA-256, hexadecimal: over `key digest` lines of the sorted streams. */
  readonly digest: string;
}

/** One stream as it stands: where two machines differ in it, they have published differently. */
export interface StreamDigestReport {
  readonly seq: number;
  /** SHA-256 of all its messages, hexadecimal. */
  readonly digest: string;
}

export class Streams {
  private readonly byKey = new Map<string, NumberedStream>();
  private updates: StreamUpdate[] = [];
  /** The streams of the updates, in their order. */
  private speaking: NumberedStream[] = [];
  /** Taken, and not yet in the digests. */
  private unsettled: readonly StreamUpdate[] = [];
  private unsettledStreams: readonly NumberedStream[] = [];
  private messages = 0;

  /**
   * Gives a message its number in a stream and adds it to the batch. The caller makes the message with
   * `seq: 0` in its first place, so that the shape of all messages of a channel is one.
   */
  emit<C extends Channel>(stream: NumberedStream, message: MessageOf[C]): void {
    stream.seq += 1;
    message.seq = stream.seq;
    this.messages += 1;
    if (stream.pending === null) {
      // Mostly the only one of its batch: an array that begins empty would make room for sixteen more.
      stream.pending = [message];
      this.updates.push({ stream: stream.stream, prevSeq: stream.seq - 1, messages: stream.pending });
      this.speaking.push(stream);
    } else stream.pending.push(message);
  }

  /** The stream of that key, made where it is new. */
  open(channel: Channel, instrument: string, variant = ''): NumberedStream {
    const key = streamKey(channel, instrument, variant);
    let stream = this.byKey.get(key);
    if (stream === undefined) {
      stream = new NumberedStream({ key, channel, instrument, variant });
      this.byKey.set(key, stream);
    }
    return stream;
  }

  /** The messages since the last call. Their digest is still owed: see `settle`. */
  take(): StreamUpdate[] {
    this.settle();
    const { updates, speaking } = this;
    for (const stream of speaking) stream.pending = null;
    this.updates = [];
    this.speaking = [];
    this.unsettled = updates;
    this.unsettledStreams = speaking;
    return updates;
  }

  /** Adds what was taken to the digests. Called once the messages are out, so that nobody waits for it. */
  settle(): void {
    const { unsettled, unsettledStreams } = this;
    for (let i = 0; i < unsettled.length; i++) unsettledStreams[i].digest.addAll(unsettled[i].messages);
    this.unsettled = [];
    this.unsettledStreams = [];
  }

  /** Begins a new numbering: every stream counts from 1 again, under the epoch that the caller announces. */
  restart(): void {
    for (const stream of this.byKey.values()) {
      stream.seq = 0;
      stream.digest.load(new StreamDigest().save());
      stream.pending = null;
    }
    this.updates = [];
    this.speaking = [];
    this.unsettled = [];
    this.unsettledStreams = [];
    this.messages = 0;
  }

  report(): DigestReport {
    this.settleAll();
    const spoken = [...this.byKey.values()].filter((stream) => stream.seq > 0);
    const lines = spoken.map(({ stream, digest }) => `${stream.key} ${digest.hex()}\n`).sort();
    return { messages: this.messages, streams: lines.length, digest: hash('sha256', lines.join(''), 'hex') };
  }

  /** Every stream that has spoken, by key. It takes a hash a stream: not for every batch. */
  listing(): Record<string, StreamDigestReport> {
    this.settleAll();
    const spoken = [...this.byKey.values()].filter(({ seq }) => seq > 0);
    return Object.fromEntries(spoken.map(({ stream, seq, digest }) => [stream.key, { seq, digest: digest.hex() }]));
  }

  save(): SavedStreams {
    this.settleAll();
    const streams = [...this.byKey.values()].map(({ stream, seq, digest }) => ({ stream, seq, digest: digest.save() }));
    return { messages: this.messages, streams };
  }

  /** A report or a state in the middle of a batch would be of no position in the journal. */
  private settleAll(): void {
    if (this.updates.length > 0) throw new Error('messages of a batch were not taken');
    this.settle();
  }

  load(saved: SavedStreams): void {
    this.restart();
    this.messages = saved.messages;
    for (const { stream, seq, digest } of saved.streams) {
      const numbered = this.open(stream.channel, stream.instrument, stream.variant);
      numbered.seq = seq;
      numbered.digest.load(digest);
    }
  }
}

export type { NumberedStream };
