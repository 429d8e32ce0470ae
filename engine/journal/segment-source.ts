// The bytes of a segment in order, whatever form its file has: the 64 bytes of its header first, then pieces of at most
// 1 MiB. A compressed segment is decompressed block by block, so reading one takes no more memory than a plain one.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  BLOCK_BYTES,
  blockLength,
  type Compression,
  CompressionUnavailable,
  decompressBlock,
  isEndMark,
  LEAD_BYTES,
} from './compression.ts';
import { HEADER_BYTES, JournalDamaged } from './format.ts';
import { compressionOf, otherForms } from './segment-names.ts';

export interface SegmentSource {
  readonly compression: Compression | null;
  /** Null at the end. @throws JournalDamaged where a compressed block is not whole, CompressionUnavailable by its form */
  next(): Buffer | null;
  close(): void;
}

/** Where the file is gone, because it was compressed since it was listed, that one is opened. */
export function openSegment(path: string): SegmentSource {
  try {
    return sourceOf(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    for (const form of otherForms(path)) {
      try {
        return sourceOf(form);
      } catch {
        // Not in this form either; what is told is that the one asked for is missing.
      }
    }
    throw error;
  }
}

/** All of it, as it was written. @throws JournalDamaged where a compressed block is not whole */
export function readSegment(path: string): Buffer {
  const source = openSegment(path);
  try {
    const pieces: Buffer[] = [];
    for (let piece = source.next(); piece !== null; piece = source.next()) pieces.push(piece);
    return Buffer.concat(pieces);
  } finally {
    source.close();
  }
}

function sourceOf(path: string): SegmentSource {
  const fd = openSync(path, 'r');
  const compression = compressionOf(path);
  return compression === null ? new PlainSource(fd) : new CompressedSource(fd, path, compression);
}

class PlainSource implements SegmentSource {
  readonly compression = null;
  private readonly fd: number;
  private position = 0;

  constructor(fd: number) {
    this.fd = fd;
  }

  next(): Buffer | null {
    const left = Math.max(0, fstatSync(this.fd).size - this.position);
    const bytes = readAt(this.fd, this.position, Math.min(left, this.position === 0 ? HEADER_BYTES : BLOCK_BYTES));
    this.position += bytes.length;
    return bytes.length === 0 ? null : bytes;
  }

  close(): void {
    closeSync(this.fd);
  }
}

class CompressedSource implements SegmentSource {
  readonly compression: Compression;
  private readonly fd: number;
  private readonly path: string;
  private position = 0;

  constructor(fd: number, path: string, compression: Compression) {
    this.fd = fd;
    this.path = path;
    this.compression = compression;
  }

  next(): Buffer | null {
    const { fd, path, position, compression } = this;
    const lead = readAt(fd, position, LEAD_BYTES[compression]);
    if (lead.length === 0 || isEndMark(compression, lead)) return null;
    const length = blockLength(compression, lead);
    if (length === null) throw new JournalDamaged(path, position, `not a block of ${compression}`);
    const block = readAt(fd, position, length);
    if (block.length < length) throw new JournalDamaged(path, position, 'the file ends within a compressed block');
    this.position += length;
    try {
      return decompressBlock(compression, block);
    } catch (error) {
      if (error instanceof CompressionUnavailable) throw error;
      throw new JournalDamaged(path, position, (error as Error).message);
    }
  }

  close(): void {
    closeSync(this.fd);
  }
}

/** Fewer bytes only at the file's end; a buffer that nobody else writes to. */
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
