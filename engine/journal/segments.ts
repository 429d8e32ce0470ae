// The segments of a journal folder: their order, and reading one entry by entry. What stands in them is the format's
// business, in which form their files are that of the source.
import { closeSync, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Compression } from './compression.ts';
import {
  decodeHeader,
  decodeRecord,
  type Entry,
  HEADER_BYTES,
  JournalDamaged,
  SEAL_KIND,
  type SealRecord,
  type SegmentHeader,
} from './format.ts';
import { compressionOf, parseSegmentName } from './segment-names.ts';
import { openSegment } from './segment-source.ts';

export interface SegmentFile {
  readonly path: string;
  readonly firstOffset: number;
  /** On the disk. */
  readonly bytes: number;
  readonly compression: Compression | null;
}

/** A running engine renames at most one file at a time: a second look finds what the first one missed. */
const LOOKS_MAX = 5;

/** Segments of a folder in order; empty where there is no folder yet. One in two forms counts as it was written. */
export function listSegments(folder: string): SegmentFile[] {
  for (let look = 1; ; look++) {
    const paths = segmentPaths(folder);
    const sizes = paths.map(([, path]) => statSync(path, { throwIfNoEntry: false })?.size);
    if (sizes.includes(undefined) && look < LOOKS_MAX) continue;
    return paths.flatMap(([firstOffset, path], i) => {
      const bytes = sizes[i];
      return bytes === undefined ? [] : [{ path, firstOffset, bytes, compression: compressionOf(path) }];
    });
  }
}

/** What is left of a segment that was being made when the machine stopped: it holds nothing yet. */
export function isTornHeader({ bytes, compression }: SegmentFile): boolean {
  return compression === null && bytes < HEADER_BYTES;
}

function segmentPaths(folder: string): [firstOffset: number, path: string][] {
  const best = new Map<number, { rank: number; path: string }>();
  for (const name of namesIn(folder)) {
    const segment = parseSegmentName(name);
    if (segment === null) continue;
    const { firstOffset, rank } = segment;
    if (rank < (best.get(firstOffset)?.rank ?? Infinity)) best.set(firstOffset, { rank, path: join(folder, name) });
  }
  return [...best].map(([firstOffset, { path }]): [number, string] => [firstOffset, path]).sort(([a], [b]) => a - b);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}

export interface SegmentEntry {
  readonly entry: Entry;
  /** Byte of the segment, as it was written, at which the entry begins. */
  readonly position: number;
}

const NOTHING = Buffer.alloc(0);

/** Reads a segment's header and then its entries in order, passing seals; stops at what is torn or damaged. */
export class SegmentReader {
  readonly path: string;
  readonly header: SegmentHeader;
  /** Byte behind the last good record that was read. */
  endPosition = HEADER_BYTES;
  /** Byte behind the last whole batch, and the seal that may follow it. */
  wholePosition = HEADER_BYTES;
  /** After the entries were read: true where nothing torn stands behind the last one. */
  complete = false;

  /** @throws JournalDamaged where the header is not readable */
  constructor(path: string) {
    this.path = path;
    const source = openSegment(path);
    try {
      this.header = decodeHeader(source.next() ?? NOTHING, path);
    } finally {
      source.close();
    }
  }

  /**
   * Entries whose frame bytes are views of a buffer that is not used again: they may be kept.
   * @throws JournalDamaged in a compressed segment: it was whole when it was compressed, so nothing in it is torn
   */
  *entries(): Generator<SegmentEntry> {
    const source = openSegment(this.path);
    this.endPosition = HEADER_BYTES;
    this.wholePosition = HEADER_BYTES;
    try {
      source.next();
      let chunk: Buffer = NOTHING;
      let at = 0;
      for (;;) {
        const record = decodeRecord(chunk, at);
        if (record === 'incomplete') {
          const more = source.next();
          if (more !== null) {
            chunk = at === chunk.length ? more : Buffer.concat([chunk.subarray(at), more]);
            at = 0;
            continue;
          }
          this.complete = at === chunk.length;
        }
        if (typeof record === 'string') break;
        const position = this.endPosition;
        at += record.bytes;
        this.endPosition += record.bytes;
        if ('seal' in record || !record.hasMore) this.wholePosition = this.endPosition;
        if ('input' in record) yield { entry: record, position };
      }
      if (!this.complete && source.compression !== null) {
        throw new JournalDamaged(this.path, this.endPosition, 'an entry in it does not match its checksum');
      }
    } finally {
      source.close();
    }
  }
}

/**
 * Byte of the first good record behind `position`, or −1. A torn tail has none: what was being written when the machine
 * stopped is the last thing in the file. Where there is one, the record at `position` was damaged afterwards; unless it
 * is good by now, because an engine was writing it when it was read. For segments as they were written: a compressed
 * one has no torn tail.
 */
export function findEntryBehind(path: string, position: number): number {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, fstatSync(fd).size - position));
    readSync(fd, bytes, 0, bytes.length, position);
    if (typeof decodeRecord(bytes, 0) !== 'string') return -1;
    const found = findRecord(bytes, 1);
    return found === -1 ? -1 : position + found;
  } finally {
    closeSync(fd);
  }
}

/** Where the first good record at `from` or behind it begins, or −1. */
export function findRecord(bytes: Buffer, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    if (typeof decodeRecordChecked(bytes, i) !== 'string') return i;
  }
  return -1;
}

/** The checksum is asked only where the cheap fields make sense, so that a scan byte by byte stays linear in practice. */
function decodeRecordChecked(bytes: Buffer, position: number): Entry | SealRecord | 'incomplete' | 'invalid' {
  if (position + 28 > bytes.length) return 'incomplete';
  const kind = bytes.readUInt8(position + 8);
  if (kind < 1 || kind > SEAL_KIND) return 'invalid';
  const number = bytes.readDoubleLE(position + 12);
  if (!Number.isSafeInteger(number) || number < 0) return 'invalid';
  return decodeRecord(bytes, position);
}

/** @throws JournalDamaged unless the segments follow each other without a hole */
export function assertContiguous(previousEnd: number, segment: SegmentFile): void {
  if (previousEnd !== segment.firstOffset) {
    throw new JournalDamaged(segment.path, 0, `begins at entry ${segment.firstOffset}, expected ${previousEnd}`);
  }
}
