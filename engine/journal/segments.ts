// The files of a journal folder: their names, their order, and reading one from a byte position on. What stands in them
// is the format's business.
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decodeEntry, decodeHeader, type Entry, HEADER_BYTES, JournalDamaged, type SegmentHeader } from './format.ts';

const EXTENSION = '.kisj';
const READ_BYTES = 1 << 20;

export interface SegmentFile {
  readonly path: string;
  readonly firstOffset: number;
  readonly bytes: number;
}

export function segmentPath(folder: string, firstOffset: number): string {
  return join(folder, `${String(firstOffset).padStart(16, '0')}${EXTENSION}`);
}

/** Segments of a folder in order; empty where there is no folder yet. */
export function listSegments(folder: string): SegmentFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
  return names
    .filter((name) => name.endsWith(EXTENSION))
    .sort()
    .map((name) => {
      const path = join(folder, name);
      return { path, firstOffset: Number(name.slice(0, -EXTENSION.length)), bytes: statSync(path).size };
    });
}

export interface SegmentEntry {
  readonly entry: Entry;
  /** Byte at which the entry begins in its file. */
  readonly position: number;
}

/** Reads a segment's header and then its entries in order; stops at the first that is torn or damaged. */
export class SegmentReader {
  readonly path: string;
  readonly header: SegmentHeader;
  /** Byte behind the last good entry that was read. */
  endPosition = HEADER_BYTES;
  private readonly fileBytes: number;

  /** @throws JournalDamaged where the header is not readable */
  constructor(path: string) {
    this.path = path;
    const fd = openSync(path, 'r');
    try {
      this.fileBytes = fstatSync(fd).size;
      this.header = decodeHeader(readAt(fd, 0, HEADER_BYTES), path);
    } finally {
      closeSync(fd);
    }
  }

  /** Entries whose frame bytes are views of a buffer that is not used again: they may be kept. */
  *entries(): Generator<SegmentEntry> {
    const fd = openSync(this.path, 'r');
    try {
      let chunkStart = HEADER_BYTES;
      let chunk = readAt(fd, chunkStart, READ_BYTES);
      let position = chunkStart;
      while (position < this.fileBytes) {
        const entry = decodeEntry(chunk, position - chunkStart);
        if (entry === 'incomplete' && chunkStart + chunk.length < this.fileBytes) {
          // An entry that begins its chunk and is still incomplete is longer than the chunk was.
          const wanted = position === chunkStart ? 2 * chunk.length : READ_BYTES;
          chunkStart = position;
          chunk = readAt(fd, chunkStart, wanted);
          continue;
        }
        if (typeof entry === 'string') return;
        const start = position;
        position += entry.bytes;
        this.endPosition = position;
        yield { entry, position: start };
      }
    } finally {
      closeSync(fd);
    }
  }

  /** After the entries were read: true where nothing torn stands behind the last one. */
  get complete(): boolean {
    return this.endPosition >= this.fileBytes;
  }
}

function readAt(fd: number, position: number, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafeSlow(bytes);
  let fill = 0;
  while (fill < bytes) {
    const got = readSync(fd, buffer, fill, bytes - fill, position + fill);
    if (got === 0) break;
    fill += got;
  }
  return buffer.subarray(0, fill);
}

/**
 * Byte of the first good entry behind `position`, or −1. A torn tail has none: what was being written when the machine
 * stopped is the last thing in the file. Where there is one, the entry at `position` was damaged afterwards; unless it
 * is good by now, because an engine was writing it when it was read.
 */
export function findEntryBehind(path: string, position: number): number {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, fstatSync(fd).size - position));
    readSync(fd, bytes, 0, bytes.length, position);
    if (typeof decodeEntry(bytes, 0) !== 'string') return -1;
    for (let i = 1; i < bytes.length; i++) {
      if (typeof decodeEntryChecked(bytes, i) !== 'string') return position + i;
    }
    return -1;
  } finally {
    closeSync(fd);
  }
}

/** The checksum is asked only where the cheap fields make sense, so that a scan byte by byte stays linear in practice. */
function decodeEntryChecked(bytes: Buffer, position: number): Entry | 'incomplete' | 'invalid' {
  if (position + 28 > bytes.length) return 'incomplete';
  const kind = bytes.readUInt32LE(position + 8);
  if (kind < 1 || kind > 4) return 'invalid';
  const batchId = bytes.readDoubleLE(position + 12);
  if (!Number.isSafeInteger(batchId) || batchId < 0) return 'invalid';
  return decodeEntry(bytes, position);
}

/** @throws JournalDamaged unless the segments follow each other without a hole */
export function assertContiguous(previousEnd: number, segment: SegmentFile): void {
  if (previousEnd !== segment.firstOffset) {
    throw new JournalDamaged(segment.path, 0, `begins at entry ${segment.firstOffset}, expected ${previousEnd}`);
  }
}
