// The envelope of a data frame, read from its bytes without allocating:
//
//   <encrypted 0|1> '|' <tr_id> '|' <record count> '|' <fields joined by '^'>
import { LAYOUTS, type Layout } from './layouts.ts';
import { type QuarantineReason, RECORDS_PER_FRAME_MAX, type RecordKind } from './records.ts';

const PIPE = '|'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const ONE = '1'.charCodeAt(0);
const NINE = '9'.charCodeAt(0);
/** Every TR id that is decoded has eight characters. */
const TR_ID_START = 2;
const TR_ID_END = 10;
/** KIS has sent some 8 KB at most. */
export const FRAME_BYTES_MAX = 512 * 1024;
/** KIS writes three digits; one to four are read. */
const COUNT_DIGITS_MAX = 4;

/** The TR ids as two words of four bytes each, which compare faster than eight bytes. */
const TR_ID_WORDS = new Int32Array(new TextEncoder().encode(LAYOUTS.map(({ trId }) => trId).join('')).buffer);

/** Filled anew by each read. */
export class Envelope {
  /** Index of the TR's layout; −1 where it is none that is decoded, or where the frame is not read so far. */
  layoutIndex = -1;
  encrypted = false;
  count = 0;
  /** Where the fields begin. */
  payloadStart = 0;

  get layout(): Layout | null {
    return this.layoutIndex < 0 ? null : LAYOUTS[this.layoutIndex];
  }

  /** Null where it is well-formed and of a layout that is decoded. */
  read(frame: Uint8Array, frameBytesMax: number): QuarantineReason | null {
    this.layoutIndex = -1;
    if (frame.length === 0) return 'empty';
    if (frame.length > frameBytesMax) return 'too_large';
    const encryption = frame[0];
    if ((encryption !== ZERO && encryption !== ONE) || frame[1] !== PIPE) return 'envelope';
    this.layoutIndex = layoutIndexOf(frame);
    if (this.layoutIndex < 0) return hasPipes(frame, TR_ID_START, 2) ? 'unknown_tr' : 'envelope';
    this.encrypted = encryption === ONE;
    let count = 0;
    let at = TR_ID_END + 1;
    for (; frame[at] >= ZERO && frame[at] <= NINE && at <= TR_ID_END + COUNT_DIGITS_MAX; at++) {
      count = count * 10 + frame[at] - ZERO;
    }
    if (frame[at] !== PIPE) return hasPipes(frame, at, 1) ? 'record_count' : 'envelope';
    if (count < 1 || count > RECORDS_PER_FRAME_MAX) return 'record_count';
    this.count = count;
    this.payloadStart = at + 1;
    return null;
  }
}

/** What a frame holds, by its TR id alone; null for anything else, be it a control message or another TR. */
export function kindOfFrame(frame: Uint8Array): RecordKind | null {
  const index = frame[1] === PIPE ? layoutIndexOf(frame) : -1;
  return index < 0 ? null : LAYOUTS[index].kind;
}

function layoutIndexOf(frame: Uint8Array): number {
  if (frame[TR_ID_END] !== PIPE) return -1;
  const first = wordAt(frame, TR_ID_START);
  const last = wordAt(frame, TR_ID_START + 4);
  for (let i = 0; i < LAYOUTS.length; i++) {
    if (TR_ID_WORDS[i * 2 + 1] === last && TR_ID_WORDS[i * 2] === first) return i;
  }
  return -1;
}

function wordAt(frame: Uint8Array, at: number): number {
  return frame[at] | (frame[at + 1] << 8) | (frame[at + 2] << 16) | (frame[at + 3] << 24);
}

function hasPipes(frame: Uint8Array, start: number, pipes: number): boolean {
  let left = pipes;
  for (let at = start; at < frame.length && left > 0; at++) if (frame[at] === PIPE) left -= 1;
  return left === 0;
}
