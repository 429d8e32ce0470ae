// A snapshot of all derived state at an offset of the journal, as bytes: what a start needs besides the journal's tail.
// Its header alone tells whether it is of use, so that megabytes are read of the one that is chosen only.
//
//   snapshot = magic[8] headerBytes:u32 crc:u32 header payload
//   header   = JSON of SnapshotHeader in UTF-8, which names the payload's length and SHA-256; crc (CRC-32) covers it
//   payload  = V8 serialisation of {state, retained}
import { hash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import type { RetainedStream } from '../bus/bus.ts';
import { type SavedState, STATE_VERSION } from './saved-state.ts';

const MAGIC = Buffer.from('KISSNP2\n', 'latin1');
const HEADER_AT = MAGIC.length + 8;
/** So many bytes of a snapshot hold its header. */
export const SNAPSHOT_HEAD_BYTES = 1024;

export interface Snapshot {
  /** Names the journal: a snapshot of another one is of no use. */
  readonly journalId: string;
  /** Build that wrote it; another build may derive otherwise. */
  readonly build: string;
  /** The first entry that is not in it. */
  readonly offset: number;
  readonly state: SavedState;
  readonly retained: readonly RetainedStream[];
}

export interface SnapshotHeader extends Pick<Snapshot, 'journalId' | 'build' | 'offset'> {
  /** STATE_VERSION of the build that wrote it. */
  readonly version: number;
  /** Engine time of the last entry that is in it, UTC microseconds. */
  readonly timeUs: number;
  readonly payloadBytes: number;
  /** Of the payload, hexadecimal. */
  readonly sha256: string;
}

/** Where a snapshot comes from, if it is to be used. */
export type SnapshotOrigin = Pick<SnapshotHeader, 'journalId' | 'build'>;

export function encodeSnapshot({ journalId, build, offset, state, retained }: Snapshot): Buffer {
  const payload = serialize({ state, retained });
  const { version, timeUs } = state;
  const sha256 = hash('sha256', payload, 'hex');
  const header: SnapshotHeader = {
    version,
    build,
    journalId,
    offset,
    timeUs,
    payloadBytes: payload.length,
    sha256,
  };
  const headerBytes = Buffer.from(JSON.stringify(header));
  const lead = Buffer.alloc(HEADER_AT);
  MAGIC.copy(lead);
  lead.writeUInt32LE(headerBytes.length, MAGIC.length);
  lead.writeUInt32LE(crc32(headerBytes), MAGIC.length + 4);
  return Buffer.concat([lead, headerBytes, payload]);
}

/** The header in front of these first bytes of a snapshot, whoever wrote it; or what is the matter with it. */
export function readSnapshotHeader(head: Buffer): SnapshotHeader | string {
  if (head.length < HEADER_AT || !head.subarray(0, MAGIC.length).equals(MAGIC)) return 'not a snapshot of this format';
  const bytes = head.subarray(HEADER_AT, payloadAt(head));
  if (bytes.length < payloadAt(head) - HEADER_AT || crc32(bytes) !== head.readUInt32LE(MAGIC.length + 4))
    return 'checksum does not match';
  return JSON.parse(bytes.toString('utf8')) as SnapshotHeader;
}

/** The header of a snapshot of that journal by that build, or why it is passed over. */
export function judgeSnapshot(head: Buffer, { journalId, build }: SnapshotOrigin): SnapshotHeader | string {
  const header = readSnapshotHeader(head);
  if (typeof header === 'string') return header;
  if (header.journalId !== journalId) return 'of another journal';
  if (header.build !== build || header.version !== STATE_VERSION) return 'of another build';
  return header;
}

/** The snapshot, or why these bytes are passed over. */
export function decodeSnapshot(bytes: Buffer, journalId: string, build: string): Snapshot | string {
  const header = judgeSnapshot(bytes, { journalId, build });
  if (typeof header === 'string') return header;
  const payload = bytes.subarray(payloadAt(bytes));
  if (payload.length !== header.payloadBytes || hash('sha256', payload, 'hex') !== header.sha256)
    return 'checksum does not match';
  try {
    const { state, retained } = deserialize(payload) as Pick<Snapshot, 'state' | 'retained'>;
    return { journalId, build, offset: header.offset, state, retained };
  } catch (error) {
    return `written by another Node version: ${(error as Error).message}`;
  }
}

function payloadAt(head: Buffer): number {
  return HEADER_AT + head.readUInt32LE(MAGIC.length);
}
