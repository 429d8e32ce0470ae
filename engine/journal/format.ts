// The bytes of a journal segment. A journal is a folder of segments; a segment is named by the offset (number) of its
// first entry, so that names sort in the order of time.
//
//   segment  = header entry*
//   header   = magic[8] version:u16 headerBytes:u16 firstOffset:f64 createdUs:f64 previousHash[32] crc:u32   64 bytes
//   entry    = bodyBytes:u32 crc:u32 kind:u8 zero:u8[3] batchId:f64 engineTimeUs:f64 body                     28 + body
//   body     = raw frame (kind 1), or JSON in UTF-8 (session, control), or nothing (clock)
//
// Little-endian. Whole numbers beyond 32 bits are doubles, exact below 2^53. An entry's crc (CRC-32) covers everything
// after it. previousHash is the place of the hash chain; it is zero in version 1.
import { crc32 } from 'node:zlib';
import type { ControlCommand, Input, SessionInput } from '../input.ts';

export const FORMAT_VERSION = 1;
export const HEADER_BYTES = 64;
export const ENTRY_HEADER_BYTES = 28;
/** No frame comes near it; a longer length in a file is damage. */
export const BODY_BYTES_MAX = 1 << 20;
const MAGIC = Buffer.from('KISJRNL\n', 'latin1');
const CRC_OF_HEADER = 60;
const KIND = { frame: 1, session: 2, clock: 3, control: 4 } as const;

/** A journal (or its segment) that cannot be read: what, where, and what to do stand in the message. */
export class JournalDamaged extends Error {
  readonly file: string;
  readonly position: number;

  constructor(file: string, position: number, what: string) {
    super(`journal damaged: ${file} at byte ${position}: ${what}`);
    this.name = 'JournalDamaged';
    this.file = file;
    this.position = position;
  }
}

export interface SegmentHeader {
  readonly version: number;
  readonly firstOffset: number;
  readonly createdUs: number;
}

export function encodeHeader(firstOffset: number, createdUs: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.writeUInt16LE(FORMAT_VERSION, 8);
  header.writeUInt16LE(HEADER_BYTES, 10);
  header.writeDoubleLE(firstOffset, 12);
  header.writeDoubleLE(createdUs, 20);
  header.writeUInt32LE(crc32(header.subarray(0, CRC_OF_HEADER)), CRC_OF_HEADER);
  return header;
}

/** @throws JournalDamaged where magic, checksum or version are not this format's */
export function decodeHeader(bytes: Buffer, file: string): SegmentHeader {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) {
    throw new JournalDamaged(file, 0, 'not a journal segment');
  }
  if (bytes.readUInt32LE(CRC_OF_HEADER) !== crc32(bytes.subarray(0, CRC_OF_HEADER))) {
    throw new JournalDamaged(file, 0, 'header checksum does not match');
  }
  const version = bytes.readUInt16LE(8);
  if (version !== FORMAT_VERSION) {
    throw new JournalDamaged(file, 8, `format version ${version}, this build reads ${FORMAT_VERSION}`);
  }
  return { version, firstOffset: bytes.readDoubleLE(12), createdUs: bytes.readDoubleLE(20) };
}

type Body = Omit<SessionInput, 'kind' | 'engineTimeUs'> | ControlCommand;

/** Encodes entries one behind the other into one buffer that grows as needed, so that a batch is one write. */
export class EntryEncoder {
  private buffer = Buffer.allocUnsafe(1 << 16);
  private fill = 0;

  clear(): void {
    this.fill = 0;
  }

  /** The bytes since `clear`; valid until the next `add`. */
  bytes(): Buffer {
    return this.buffer.subarray(0, this.fill);
  }

  /** @throws RangeError where nobody could read it again: sources bound what they take, far below */
  add(input: Input, batchId: number): void {
    const body = bodyOf(input);
    if (body.length > BODY_BYTES_MAX) throw new RangeError(`an entry of ${body.length} bytes is beyond the format`);
    this.reserve(ENTRY_HEADER_BYTES + body.length);
    const buffer = this.buffer;
    const start = this.fill;
    buffer.writeUInt32LE(body.length, start);
    buffer.writeUInt32LE(KIND[input.kind], start + 8);
    buffer.writeDoubleLE(batchId, start + 12);
    buffer.writeDoubleLE(input.engineTimeUs, start + 20);
    buffer.set(body, start + ENTRY_HEADER_BYTES);
    this.fill = start + ENTRY_HEADER_BYTES + body.length;
    buffer.writeUInt32LE(crc32(buffer.subarray(start + 8, this.fill)), start + 4);
  }

  private reserve(bytes: number): void {
    if (this.fill + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.fill + bytes));
    this.buffer.copy(larger, 0, 0, this.fill);
    this.buffer = larger;
  }
}

const NOTHING = new Uint8Array(0);

function bodyOf(input: Input): Uint8Array {
  switch (input.kind) {
    case 'frame':
      return input.bytes;
    case 'clock':
      return NOTHING;
    case 'session': {
      const { kind: _kind, engineTimeUs: _time, ...rest } = input;
      return Buffer.from(JSON.stringify(rest satisfies Body));
    }
    case 'control':
      return Buffer.from(JSON.stringify(input.command satisfies Body));
  }
}

export interface Entry {
  readonly batchId: number;
  readonly input: Input;
  /** Bytes that the entry takes in its segment. */
  readonly bytes: number;
}

/**
 * Reads the entry that begins at `position`; the input's frame bytes are a view of `bytes`.
 * @returns the entry, or why there is none: `incomplete` (more bytes are needed), or `invalid`
 */
export function decodeEntry(bytes: Buffer, position: number): Entry | 'incomplete' | 'invalid' {
  if (position + ENTRY_HEADER_BYTES > bytes.length) return 'incomplete';
  const bodyBytes = bytes.readUInt32LE(position);
  if (bodyBytes > BODY_BYTES_MAX) return 'invalid';
  const end = position + ENTRY_HEADER_BYTES + bodyBytes;
  const kind = bytes.readUInt32LE(position + 8);
  if (kind < KIND.frame || kind > KIND.control) return 'invalid';
  if (end > bytes.length) return 'incomplete';
  if (bytes.readUInt32LE(position + 4) !== crc32(bytes.subarray(position + 8, end))) return 'invalid';
  const batchId = bytes.readDoubleLE(position + 12);
  const engineTimeUs = bytes.readDoubleLE(position + 20);
  const body = bytes.subarray(position + ENTRY_HEADER_BYTES, end);
  return { batchId, input: inputOf(kind, engineTimeUs, body), bytes: end - position };
}

function inputOf(kind: number, engineTimeUs: number, body: Buffer): Input {
  switch (kind) {
    case KIND.frame:
      return { kind: 'frame', engineTimeUs, bytes: body };
    case KIND.session:
      return { kind: 'session', engineTimeUs, ...JSON.parse(body.toString('utf8')) };
    case KIND.clock:
      return { kind: 'clock', engineTimeUs };
    default:
      return { kind: 'control', engineTimeUs, command: JSON.parse(body.toString('utf8')) };
  }
}
