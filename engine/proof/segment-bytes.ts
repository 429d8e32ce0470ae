// A segment's bytes as they were written, for who checks them: also of a file that is damaged, as far as it can be read.
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { blockLength, type Compression, LEAD_BYTES, matchesEndMark } from '../journal/compression.ts';
import { ENTRY_HEADER_BYTES, JournalDamaged } from '../journal/format.ts';
import { openSegment } from '../journal/segment-source.ts';
import type { SegmentFile } from '../journal/segments.ts';

export interface SegmentBytes {
  readonly bytes: Buffer;
  /** Where the file cannot be read any further, and why; of a compressed one alone. */
  readonly damage: { readonly what: string; readonly bytes: readonly [from: number, to: number] } | null;
}

export function segmentBytes({ path, compression }: SegmentFile): SegmentBytes {
  const source = openSegment(path);
  const pieces: Buffer[] = [];
  try {
    for (let piece = source.next(); piece !== null; piece = source.next()) pieces.push(piece);
    return { bytes: Buffer.concat(pieces), damage: compression === null ? null : changeOf(path, compression) };
  } catch (error) {
    if (!(error instanceof JournalDamaged) || compression === null) throw error;
    const file = readFileSync(path);
    const { position } = error;
    const length = blockLength(compression, file.subarray(position, position + LEAD_BYTES[compression]));
    const end = length === null ? file.length : Math.min(file.length, position + length);
    return { bytes: Buffer.concat(pieces), damage: { what: error.message, bytes: [position, end] } };
  } finally {
    source.close();
  }
}

/** Some bits of a compressed file say nothing, as the time in its head: only its checksum tells that they were changed. */
function changeOf(path: string, compression: Compression): SegmentBytes['damage'] {
  const file = readFileSync(path);
  if (matchesEndMark(compression, file)) return null;
  return {
    what: 'the file gives the bytes that were written, and does not match its checksum',
    bytes: [0, file.length],
  };
}

/**
 * Whether what stands at the end of the last segment is what a machine leaves that stops while it writes, and not a whole
 * record that was changed afterwards: its length may be what was changed, and the checksum tells, for it leaves that out.
 */
export function isTornTail(tail: Buffer): boolean {
  if (tail.length < ENTRY_HEADER_BYTES || tail.every((byte) => byte === 0)) return true;
  if (ENTRY_HEADER_BYTES + tail.readUInt32LE(0) <= tail.length) return false;
  return crc32(tail.subarray(8)) !== tail.readUInt32LE(4);
}
