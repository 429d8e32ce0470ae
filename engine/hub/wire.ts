// What goes over the socket between the process that writes the journal and those that follow it. Both are of one build
// and one machine's; a frame is bounded, and whoever has not said the token of the folder may send but a short one.
//
//   frame = bytes:u32 kind:u8 payload;  kind 1: a message in JSON, 2: a share (share.ts), 3: for the other engine
import type { ControlCommand } from '../input.ts';
import type { RecordedBatch } from '../journal/recorder.ts';
import { decodeShare, encodeShare } from '../partitions/share.ts';
import type { GapToFill } from '../reference/fill-queue.ts';
import type { IngestStatus } from './ingest-status.ts';

/**
 * serving: it publishes. shadow: it is to take over from the serving one. retired: a shadow has taken over from it.
 * successor: it is to take the journal over.
 */
export type FollowerRole = 'serving' | 'shadow' | 'retired' | 'successor';

/** What a mark is set for: digests to be compared there, or the end of what the serving engine publishes. */
export type MarkPurpose = 'compare' | 'take_over';

export type ToIngest =
  | { readonly type: 'hello'; readonly token: string; readonly role: FollowerRole; readonly pid: number }
  /** Batches from this entry on, which must be the first of one. */
  | { readonly type: 'follow'; readonly fromOffset: number }
  | { readonly type: 'command'; readonly command: ControlCommand }
  | { readonly type: 'fill'; readonly gap: GapToFill }
  /** A shadow's: both engines are told between the same two batches. */
  | { readonly type: 'mark'; readonly purpose: MarkPurpose }
  /** A successor's: the feed is to end, and the journal to be closed. */
  | { readonly type: 'yield' };

export type FromIngest =
  | {
      readonly type: 'welcome';
      readonly journalId: string;
      readonly nextOffset: number;
      readonly pid: number;
      /** The ends of the app keys that have a session. */
      readonly keysInUse: readonly string[];
    }
  | { readonly type: 'refused'; readonly code: RefusalCode; readonly message: string }
  | { readonly type: 'mark'; readonly purpose: MarkPurpose; readonly offset: number }
  | { readonly type: 'mark_refused'; readonly purpose: MarkPurpose; readonly reason: string }
  | { readonly type: 'status'; readonly status: IngestStatus }
  /** `lastFrameUs`: host time of the last frame that the old ingest recorded, 0 where there was none. */
  | { readonly type: 'yielded'; readonly lastFrameUs: number; readonly nextOffset: number };

/** role_taken: another follower has it. out_of_range: pruned, or beyond the journal's end. */
export type RefusalCode = 'token' | 'role_taken' | 'out_of_range' | 'protocol';

export type Received<Message> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'batch'; readonly batch: RecordedBatch }
  | { readonly kind: 'relay'; readonly bytes: Buffer };

const KIND = { message: 1, batch: 2, relay: 3 } as const;
const HEAD_BYTES = 5;
/** A listing of the digests of a whole market is some megabytes; a batch is far less. */
export const FRAME_BYTES_MAX = 256 * 1024 * 1024;

/** A peer that breaks the rules of the wire: the connection ends. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

export function encodeMessage(message: ToIngest | FromIngest): Buffer {
  return frameOf(KIND.message, Buffer.from(JSON.stringify(message)));
}

export function encodeRelay(bytes: Uint8Array): Buffer {
  return frameOf(KIND.relay, bytes);
}

/** @param batch one that stands in no journal (offset −1) travels likewise */
export function encodeBatch({ batchId, receivedUs, firstOffset, inputs }: RecordedBatch): Buffer {
  const journaled = firstOffset >= 0;
  return frameOf(
    KIND.batch,
    encodeShare({
      batchId,
      receivedUs,
      lastOffset: journaled ? firstOffset + inputs.length - 1 : -1,
      lastTimeUs: inputs[inputs.length - 1].engineTimeUs,
      offsets: inputs.map((_, i) => (journaled ? firstOffset + i : -1)),
      inputs,
    }),
  );
}

function frameOf(kind: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt8(kind, 4);
  frame.set(payload, HEAD_BYTES);
  return frame;
}

/** Puts frames together from the pieces that a socket gives. */
export class FrameReader<Message extends ToIngest | FromIngest> {
  /** Longest frame that is taken. */
  bytesMax: number;
  private pieces: Buffer[] = [];
  private bytes = 0;
  private wanted = HEAD_BYTES;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Whole frames so far, in order. @throws WireError where a frame is too long or cannot be read */
  *push(piece: Buffer): Generator<Received<Message>> {
    this.pieces.push(piece);
    this.bytes += piece.length;
    while (this.bytes >= this.wanted) {
      const joined = this.pieces.length === 1 ? this.pieces[0] : Buffer.concat(this.pieces);
      this.pieces = [joined];
      const length = joined.readUInt32LE(0);
      if (length > this.bytesMax) throw new WireError(`a frame of ${length} bytes, at most ${this.bytesMax}`);
      this.wanted = HEAD_BYTES + length;
      if (this.bytes < this.wanted) return;
      const received = decode<Message>(joined.readUInt8(4), joined.subarray(HEAD_BYTES, this.wanted));
      this.pieces = [joined.subarray(this.wanted)];
      this.bytes -= this.wanted;
      this.wanted = HEAD_BYTES;
      yield received;
    }
  }
}

function decode<Message>(kind: number, payload: Buffer): Received<Message> {
  switch (kind) {
    case KIND.message:
      return { kind: 'message', message: messageOf(payload) as Message };
    case KIND.relay:
      return { kind: 'relay', bytes: payload };
    case KIND.batch:
      return { kind: 'batch', batch: batchOf(payload) };
    default:
      throw new WireError(`a frame of kind ${kind}`);
  }
}

function messageOf(payload: Buffer): unknown {
  try {
    const message: unknown = JSON.parse(payload.toString('utf8'));
    if (typeof message === 'object' && message !== null && 'type' in message) return message;
  } catch {
    // Told below, with what has no type.
  }
  throw new WireError('a message that is none');
}

function batchOf(payload: Buffer): RecordedBatch {
  const share = decodeShare(payload);
  if (typeof share === 'string') throw new WireError(`a batch that is ${share}`);
  const { batchId, receivedUs, offsets, inputs } = share;
  if (inputs.length === 0) throw new WireError('a batch without inputs');
  return { batchId, receivedUs, firstOffset: offsets[0], inputs };
}
