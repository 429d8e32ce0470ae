// Server messages as frames. An update goes to many clients and is encoded once for each encoding that somebody uses;
// only a client that was made to skip something needs a frame of its own, which differs in `prevSeq`.
//
// MessagePack is plain: maps, arrays, strings, nil, booleans, float64, and integers as integers (also beyond 32 bits,
// where msgpackr by itself would write a float).
import { Packr } from 'msgpackr';
import type { BatchTimes, Message, SourceKind, Stream, StreamUpdate } from '../engine/messages.ts';
import type { Encoding, ServerMessage, UpdateMessage } from './protocol.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true });

export function encode(encoding: Encoding, message: ServerMessage): Uint8Array {
  return encoding === 'json' ? Buffer.from(JSON.stringify(message)) : packPlain(message);
}

/** What all updates of a stream begin with, for as long as epoch and source stay: made once, not with every update. */
export class UpdateHead {
  readonly fields: Pick<UpdateMessage, 'type' | 'stream' | 'channel' | 'instrument' | 'variant' | 'epoch' | 'source'>;
  /** Ends where the value of `prevSeq` follows. */
  readonly json: string;

  constructor({ key, channel, instrument, variant }: Stream, epoch: string, source: SourceKind) {
    this.fields = { type: 'update', stream: key, channel, instrument, variant, epoch, source };
    this.json = `${JSON.stringify(this.fields).slice(0, -1)},"prevSeq":`;
  }
}

/** One update on its way out. Frames are made when the first client asks for them. */
export class UpdateFrames {
  readonly prevSeq: number;
  readonly seq: number;
  readonly messageCount: number;
  private readonly update: StreamUpdate;
  private readonly head: UpdateHead;
  private readonly times: BatchTimes | null;
  private jsonTail = '';
  private jsonFrame: Uint8Array | null = null;
  private msgpackFrame: Uint8Array | null = null;

  /** @param times null where the update is given again */
  constructor(update: StreamUpdate, head: UpdateHead, times: BatchTimes | null) {
    this.update = update;
    this.head = head;
    this.times = times;
    this.prevSeq = update.prevSeq;
    this.seq = update.messages[update.messages.length - 1]!.seq;
    this.messageCount = update.messages.length;
  }

  /** The frame for clients that have received everything up to `prevSeq`: one buffer for all of them. */
  shared(encoding: Encoding): Uint8Array {
    const made = encoding === 'json' ? this.jsonFrame : this.msgpackFrame;
    if (made !== null) return made;
    const frame = this.after(encoding, this.prevSeq);
    if (encoding === 'json') this.jsonFrame = frame;
    else this.msgpackFrame = frame;
    return frame;
  }

  /** The frame for a client whose last received seq is another. */
  after(encoding: Encoding, receivedSeq: number): Uint8Array {
    return encoding === 'json' ? this.json(receivedSeq) : this.msgpack(receivedSeq);
  }

  private json(prevSeq: number): Uint8Array {
    if (this.jsonTail === '') this.stringify();
    return Buffer.from(`${this.head.json}${prevSeq}${this.jsonTail}`);
  }

  private stringify(): void {
    const messages = JSON.stringify(this.update.messages);
    const times = this.times === null ? 'null' : `[${this.times.join(',')}]`;
    this.jsonTail = `,"seq":${this.seq},"times":${times},"messages":${messages}}`;
  }

  private msgpack(prevSeq: number): Uint8Array {
    const messages = this.update.messages as Message[];
    return packPlain({ ...this.head.fields, prevSeq, seq: this.seq, times: this.times, messages });
  }
}

export function packPlain(value: unknown): Uint8Array {
  return packr.pack(withIntegers(value));
}

/** A copy in which integers that need more than 32 bits are bigints, which msgpackr writes as integers. */
function withIntegers(value: unknown): unknown {
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && (value > 0xffff_ffff || value < -0x8000_0000) ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map(withIntegers);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = withIntegers((value as Record<string, unknown>)[key]);
  return copy;
}
