// The envelope of a data frame, read from its bytes without allocating:
//
//   <encrypted 0|1> '|' <tr_id> '|' <record count> '|' <fields joined by '^'>
import { LAYOUTS, type Layout, TR_ID_LENGTH } from './layouts.ts';
import { type QuarantineReason, RECORDS_PER_FRAME_MAX, type RecordKind } from './records.ts';

const PIPE = '|'.charCodeAt(0);
const ZERO = '0'.charCodeAt(0);
const ONE = '1'.charCodeAt(0);
const TR_ID_START = 2;
/** KIS has sent some 8 KB at most. */
export const FRAME_BYTES_MAX = 512 * 1024;
/** KIS writes three digits; one to four are read. */
const COUNT_DIGITS_MAX = 4;

const TR_IDS = LAYOUTS.map(({ trId }) => Uint8Array.from(trId, (character) => character.charCodeAt(0)));

/** Filled anew by each read; after a failed one only `layout` is meant, null where the TR is none that is decoded. */
export class Envelope {
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
    const trIdEnd = pipeFrom(frame, TR_ID_START);
    const countEnd = trIdEnd < 0 ? -1 : pipeFrom(frame, trIdEnd + 1);
    if (countEnd < 0) return 'envelope';
    this.layoutIndex = layoutIndex(frame, trIdEnd);
    if (this.layoutIndex < 0) return 'unknown_tr';
    this.encrypted = encryption === ONE;
    this.count = decimalNumber(frame, trIdEnd + 1, countEnd);
    if (this.count < 1 || this.count > RECORDS_PER_FRAME_MAX) return 'record_count';
    this.payloadStart = countEnd + 1;
    return null;
  }
}

/** What a frame holds, by its TR id alone; null for anything else, be it a control message or another TR. */
export function kindOfFrame(frame: Uint8Array): RecordKind | null {
  const index =
    frame[1] === PIPE && frame[TR_ID_START + TR_ID_LENGTH] === PIPE
      ? layoutIndex(frame, TR_ID_START + TR_ID_LENGTH)
      : -1;
  return index < 0 ? null : LAYOUTS[index].kind;
}

function layoutIndex(frame: Uint8Array, trIdEnd: number): number {
  if (trIdEnd - TR_ID_START !== TR_ID_LENGTH) return -1;
  for (let i = 0; i < TR_IDS.length; i++) {
    const trId = TR_IDS[i];
    let at = 0;
    while (at < TR_ID_LENGTH && frame[TR_ID_START + at] === trId[at]) at += 1;
    if (at === TR_ID_LENGTH) return i;
  }
  return -1;
}

/** −1 where there is none; a loop, because the bytes are few and a call of indexOf costs more than they do. */
function pipeFrom(frame: Uint8Array, start: number): number {
  for (let at = start; at < frame.length; at++) if (frame[at] === PIPE) return at;
  return -1;
}

/** −1 where it is no number of up to four digits. */
function decimalNumber(frame: Uint8Array, start: number, end: number): number {
  if (start === end || end - start > COUNT_DIGITS_MAX) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = frame[at] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
