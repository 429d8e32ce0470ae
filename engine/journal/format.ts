// The bytes of a journal segment. A journal is a folder of segments; a segment is named by the offset (number) of its
// first entry, so that names sort in the order of time.
//
//   segment  = header record*                                          record = entry | seal
//   header   = magic[8] version:u16 headerBytes:u16 firstOffset:f64 createdUs:f64 previousHash[32] crc:u32   64 bytes
//   entry    = bodyBytes:u32 crc:u32 kind:u8 more:u8 zero:u8[2] batchId:f64 engineTimeUs:f64 body              28 + body
//   body     = raw frame (kind 1), or JSON in UTF-8 (session, control), or nothing (clock)
//   more     = 1 where another entry of its batch stands behind it, 0 in a batch's last one and in older journals
//   seal     = as an entry of kind 5, with the number of the next entry in place of batchId                   132 bytes
//   its body = previous[32] chain[32] signals:f64 signalsDigest[32]
//
// Little-endian. Whole numbers beyond 32 bits are doubles, exact below 2^53. A record's crc (CRC-32) covers everything
// after it. A batch is one write: where its last entry is missing, nothing of it was applied. A seal is no input and has no number: it closes the bytes since the last one into a chain of hashes.
// Version 1 has no seals, and its previousHash is zero; in version 2 it is the chain's hash in front of the segment.
import { crc32 } from 'node:zlib';
import type { ControlCommand, Input, SessionInput } from '../input.ts';

/** Segments without a chain of hashes, and with one. */
export const UNCHAINED_VERSION = 1;
export const CHAINED_VERSION = 2;
export const HEADER_BYTES = 64;
export const ENTRY_HEADER_BYTES = 28;
export const HASH_BYTES = 32;
const SEAL_BODY_BYTES = 3 * HASH_BYTES + 8;
export const SEAL_BYTES = ENTRY_HEADER_BYTES + SEAL_BODY_BYTES;
/** No frame comes near it; a longer length in a file is damage. */
export const BODY_BYTES_MAX = 1 << 20;
const MAGIC = Buffer.from('KISJRNL\n', 'latin1');
const HASH_OF_HEADER = 28;
const CRC_OF_HEADER = 60;
const KIND = { frame: 1, session: 2, clock: 3, control: 4 } as const;
export const SEAL_KIND = 5;
/** In the word of the kind: the byte behind it. */
const MORE = 1 << 8;

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
  /** The chain's hash in front of the segment; null where it has no chain. */
  readonly previousHash: Buffer | null;
}

/** @param previousHash the chain's hash so far; null for a segment without one */
export function encodeHeader(firstOffset: number, createdUs: number, previousHash: Buffer | null = null): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header, 0);
  header.writeUInt16LE(previousHash === null ? UNCHAINED_VERSION : CHAINED_VERSION, 8);
  header.writeUInt16LE(HEADER_BYTES, 10);
  header.writeDoubleLE(firstOffset, 12);
  header.writeDoubleLE(createdUs, 20);
  previousHash?.copy(header, HASH_OF_HEADER);
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
  if (version !== UNCHAINED_VERSION && version !== CHAINED_VERSION) {
    throw new JournalDamaged(file, 8, `format version ${version}, this build reads ${CHAINED_VERSION}`);
  }
  const hash = Buffer.from(bytes.subarray(HASH_OF_HEADER, HASH_OF_HEADER + HASH_BYTES));
  const previousHash = version === CHAINED_VERSION ? hash : null;
  return { version, firstOffset: bytes.readDoubleLE(12), createdUs: bytes.readDoubleLE(20), previousHash };
}

/** What a link of the chain says besides the bytes that it closes. */
export interface Seal {
  /** Number of the next entry: how many there were so far. */
  readonly offset: number;
  /** Engine time of the last entry in front of it. */
  readonly timeUs: number;
  readonly previousHash: Buffer;
  readonly chainHash: Buffer;
  readonly signals: SignalsSoFar;
}

/** Signals of the running epoch; count −1 and a digest of zeros where whoever wrote the journal derived none. */
export interface SignalsSoFar {
  readonly count: number;
  readonly digest: Buffer;
}

export const NOTHING_DERIVED: SignalsSoFar = { count: -1, digest: Buffer.alloc(HASH_BYTES) };

export function encodeSeal({ offset, timeUs, previousHash, chainHash, signals }: Seal): Buffer {
  const bytes = Buffer.alloc(SEAL_BYTES);
  bytes.writeUInt32LE(SEAL_BODY_BYTES, 0);
  bytes.writeUInt32LE(SEAL_KIND, 8);
  bytes.writeDoubleLE(offset, 12);
  bytes.writeDoubleLE(timeUs, 20);
  previousHash.copy(bytes, ENTRY_HEADER_BYTES);
  chainHash.copy(bytes, ENTRY_HEADER_BYTES + HASH_BYTES);
  bytes.writeDoubleLE(signals.count, ENTRY_HEADER_BYTES + 2 * HASH_BYTES);
  signals.digest.copy(bytes, ENTRY_HEADER_BYTES + 2 * HASH_BYTES + 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

type Body = Omit<SessionInput, 'kind' | 'engineTimeUs'> | ControlCommand;

/** Encodes entries one behind the other into one buffer that grows as needed, so that a batch is one write. */
export class EntryEncoder {
  private buffer = Buffer.allocUnsafe(1 << 16);
  /** Of the same bytes: five times as quick as the buffer's own methods. */
  private view = viewOf(this.buffer);
  private fill = 0;

  /** @param room bytes kept free in front, for what is known once the entries are encoded */
  clear(room = 0): void {
    this.fill = room;
  }

  /** The bytes since `clear`, from that one on; valid until the next `add`. */
  bytes(from = 0): Buffer {
    return this.buffer.subarray(from, this.fill);
  }

  /**
   * @param hasMore whether another entry of its batch follows
   * @throws RangeError where nobody could read it again: sources bound what they take, far below
   */
  add(input: Input, batchId: number, hasMore = false): void {
    const body = bodyOf(input);
    if (body.length > BODY_BYTES_MAX) throw new RangeError(`an entry of ${body.length} bytes is beyond the format`);
    this.reserve(ENTRY_HEADER_BYTES + body.length);
    const { buffer, view } = this;
    const start = this.fill;
    const end = start + ENTRY_HEADER_BYTES + body.length;
    view.setUint32(start, body.length, true);
    view.setUint32(start + 8, hasMore ? KIND[input.kind] | MORE : KIND[input.kind], true);
    view.setFloat64(start + 12, batchId, true);
    view.setFloat64(start + 20, input.engineTimeUs, true);
    buffer.set(body, start + ENTRY_HEADER_BYTES);
    view.setUint32(start + 4, crc32(buffer.subarray(start + 8, end)), true);
    this.fill = end;
  }

  private reserve(bytes: number): void {
    if (this.fill + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.buffer.length, this.fill + bytes));
    this.buffer.copy(larger, 0, 0, this.fill);
    this.buffer = larger;
    this.view = viewOf(larger);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
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
  /** Whether another entry of its batch stands behind it; said by none of journals written before this was. */
  readonly hasMore: boolean;
  readonly input: Input;
  /** Bytes that the entry takes in its segment. */
  readonly bytes: number;
}

export interface SealRecord {
  readonly seal: Seal;
  readonly bytes: number;
}

/**
 * Reads the record that begins at `position`; an input's frame bytes are a view of `bytes`.
 * @returns the record, or why there is none: `incomplete` (more bytes are needed), or `invalid`
 */
export function decodeRecord(bytes: Buffer, position: number): Entry | SealRecord | 'incomplete' | 'invalid' {
  if (position + ENTRY_HEADER_BYTES > bytes.length) return 'incomplete';
  const bodyBytes = bytes.readUInt32LE(position);
  if (bodyBytes > BODY_BYTES_MAX) return 'invalid';
  const end = position + ENTRY_HEADER_BYTES + bodyBytes;
  const word = bytes.readUInt32LE(position + 8);
  const hasMore = (word & MORE) !== 0;
  const kind = hasMore ? word - MORE : word;
  if (kind < KIND.frame || kind > SEAL_KIND || (hasMore && kind === SEAL_KIND)) return 'invalid';
  if (end > bytes.length) return 'incomplete';
  if (bytes.readUInt32LE(position + 4) !== crc32(bytes.subarray(position + 8, end))) return 'invalid';
  const batchId = bytes.readDoubleLE(position + 12);
  const engineTimeUs = bytes.readDoubleLE(position + 20);
  const body = bytes.subarray(position + ENTRY_HEADER_BYTES, end);
  if (kind !== SEAL_KIND) return { batchId, hasMore, input: inputOf(kind, engineTimeUs, body), bytes: end - position };
  if (bodyBytes !== SEAL_BODY_BYTES) return 'invalid';
  return { seal: sealOf(batchId, engineTimeUs, body), bytes: end - position };
}

/** The same where nothing but an entry may stand. */
export function decodeEntry(bytes: Buffer, position: number): Entry | 'incomplete' | 'invalid' {
  const record = decodeRecord(bytes, position);
  return typeof record !== 'string' && 'seal' in record ? 'invalid' : record;
}

/** A view of nothing: a seal may be kept. */
function sealOf(offset: number, timeUs: number, body: Buffer): Seal {
  const hashAt = (position: number): Buffer => Buffer.from(body.subarray(position, position + HASH_BYTES));
  return {
    offset,
    timeUs,
    previousHash: hashAt(0),
    chainHash: hashAt(HASH_BYTES),
    signals: { count: body.readDoubleLE(2 * HASH_BYTES), digest: hashAt(2 * HASH_BYTES + 8) },
  };
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
