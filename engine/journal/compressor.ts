// Compresses closed segments beside a running journal: one at a time, block by block on the thread pool, resting as long
// as it works, so that it takes half a core at most and never the event loop. What it has not finished is as if it had
// not begun: a segment is removed only once its compressed form was read back and found equal, byte by byte.
//
// Names are changed in one step each and data are moved in the background: so `close` can take back what is under way.
import { close, existsSync, fsync, openSync, read, renameSync, rmSync, unlinkSync, write } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { Logger } from 'pino';
import { monotonicUs } from '../clock.ts';
import {
  BLOCK_BYTES,
  blockLength,
  type Compression,
  compressBlock,
  decompressBlockAside,
  endMark,
  LEAD_BYTES,
} from './compression.ts';
import { HEADER_BYTES } from './format.ts';
import { compressedPath, partPath } from './segment-names.ts';
import { listSegments, type SegmentFile } from './segments.ts';

const closeFile = promisify(close);
const syncFile = promisify(fsync);
const readSome = promisify(read);
const writeSome = promisify(write);

/** What compression asks of the disk; tests put a failing one in its place. */
export interface CompressionDisk {
  freeBytes(folder: string): Promise<number>;
  /** @returns how many of the bytes were written, at the end of the file */
  write(fd: number, bytes: Uint8Array): Promise<number>;
}

const disk: CompressionDisk = {
  async freeBytes(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  write: async (fd, bytes) => (await writeSome(fd, bytes)).bytesWritten,
};

export interface SegmentCompressorOptions {
  readonly folder: string;
  readonly compression: Compression;
  readonly log: Logger;
  readonly disk?: Partial<CompressionDisk>;
  /** Called once a segment has been replaced, with the bytes that the disk has got back. */
  readonly onSaved: (bytes: number) => void;
}

export interface CompressionFigures {
  running: boolean;
  segments: number;
  /** Of these segments, before and after. */
  plainBytes: number;
  compressedBytes: number;
  /** Attempts that failed; the segments stay as they were and are tried again when the next one is closed. */
  failures: number;
}

/** What is compressed leaves the journal this many times the segment's size: nothing may take its last room. */
const ROOM_FACTOR = 2;

class NoRoom extends Error {
  readonly code = 'ENOSPC';

  constructor(freeBytes: number) {
    super(`no room to compress it: ${freeBytes} bytes are free`);
    this.name = 'NoRoom';
  }
}

export class SegmentCompressor {
  readonly figures: CompressionFigures = {
    running: false,
    segments: 0,
    plainBytes: 0,
    compressedBytes: 0,
    failures: 0,
  };
  private readonly options: SegmentCompressorOptions;
  private readonly disk: CompressionDisk;
  private readonly closing = new AbortController();
  /** The file being written. */
  private part: string | null = null;
  private round: Promise<void> = Promise.resolve();
  private wanted = false;

  constructor(options: SegmentCompressorOptions) {
    this.options = options;
    this.disk = { ...disk, ...options.disk };
  }

  /** Compresses what is closed and not compressed yet: all but the last segment. Asked again meanwhile, it looks again. */
  start(): void {
    this.wanted = true;
    if (this.figures.running || this.closing.signal.aborted) return;
    this.round = this.run();
  }

  /** Resolves once nothing is left to compress, or it was closed. */
  idle(): Promise<void> {
    return this.round;
  }

  /** Gives up what is under way: afterwards no name in the folder is touched any more. */
  close(): void {
    this.closing.abort();
    this.removePart();
  }

  private async run(): Promise<void> {
    this.figures.running = true;
    try {
      while (this.wanted) {
        this.wanted = false;
        await this.compressClosed();
      }
    } finally {
      this.figures.running = false;
    }
  }

  private async compressClosed(): Promise<void> {
    const closed = listSegments(this.options.folder).slice(0, -1);
    for (const segment of closed.filter(({ compression }) => compression === null)) {
      try {
        await this.compress(segment);
      } catch (error) {
        if (this.closing.signal.aborted) return;
        this.fail(segment, error as NodeJS.ErrnoException);
        // The others would not fit either, or hardly: they wait until the next segment is closed.
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      }
    }
  }

  private fail({ path }: SegmentFile, error: NodeJS.ErrnoException): void {
    this.removePart();
    // Pruned by the disk budget meanwhile: nobody misses it.
    if (error.code === 'ENOENT' && !existsSync(path)) return;
    this.figures.failures += 1;
    this.options.log.warn({ segment: path, err: error }, 'journal segment stays uncompressed');
  }

  private async compress(segment: SegmentFile): Promise<void> {
    const { folder, compression } = this.options;
    const freeBytes = await this.disk.freeBytes(folder);
    this.closing.signal.throwIfAborted();
    if (freeBytes < ROOM_FACTOR * segment.bytes) throw new NoRoom(freeBytes);
    const target = compressedPath(segment.path, compression);
    const original = openSync(segment.path, 'r');
    try {
      const compressedBytes = await this.writePart(original, partPath(target));
      await this.replace(segment, target, compressedBytes);
    } finally {
      await closeFile(original);
    }
  }

  /** @returns its bytes, once they are durable and give the original again */
  private async writePart(original: number, part: string): Promise<number> {
    rmSync(part, { force: true });
    const fd = openSync(part, 'ax+');
    this.part = part;
    try {
      let written = 0;
      let checksum = 0;
      for await (const block of blocksOf(original)) {
        const beganUs = monotonicUs();
        const bytes = await compressBlock(this.options.compression, block);
        await this.writeAll(fd, bytes);
        written += bytes.length;
        checksum = crc32(bytes, checksum);
        await this.rest(monotonicUs() - beganUs);
      }
      const end = endMark(this.options.compression, checksum);
      await this.writeAll(fd, end);
      written += end.length;
      await syncFile(fd);
      await this.verify(original, fd, end);
      return written;
    } finally {
      await closeFile(fd);
    }
  }

  /** @throws Error where the compressed form is not the original's, or ends elsewhere */
  private async verify(original: number, part: number, end: Buffer): Promise<void> {
    const { compression } = this.options;
    let position = 0;
    for await (const block of blocksOf(original)) {
      const beganUs = monotonicUs();
      const length = blockLength(compression, await readAt(part, position, LEAD_BYTES[compression]));
      const same =
        length !== null &&
        (await decompressBlockAside(compression, await readAt(part, position, length))).equals(block);
      if (!same) throw new Error(`its compressed form differs at byte ${position}`);
      position += length;
      await this.rest(monotonicUs() - beganUs);
    }
    if (!(await readAt(part, position, end.length + 1)).equals(end))
      throw new Error('its compressed form does not end with it');
  }

  private async replace({ path, bytes }: SegmentFile, target: string, compressedBytes: number): Promise<void> {
    this.closing.signal.throwIfAborted();
    if (!existsSync(path)) return this.removePart();
    renameSync(partPath(target), target);
    this.part = null;
    await syncFolder(this.options.folder);
    // Given up here, it stands in both forms: whoever opens the journal next removes this one.
    this.closing.signal.throwIfAborted();
    if (!existsSync(path)) return;
    unlinkSync(path);
    this.figures.segments += 1;
    this.figures.plainBytes += bytes;
    this.figures.compressedBytes += compressedBytes;
    this.options.onSaved(bytes - compressedBytes);
  }

  private async writeAll(fd: number, bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) written += await this.disk.write(fd, bytes.subarray(written));
  }

  /** As long as it has just worked. */
  private async rest(workedUs: number): Promise<void> {
    await pause(workedUs / 1000, undefined, { signal: this.closing.signal });
  }

  private removePart(): void {
    if (this.part !== null) rmSync(this.part, { force: true });
    this.part = null;
  }
}

/** The segment's header alone, then blocks of the same size, the last one shorter. */
async function* blocksOf(fd: number): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const block = await readAt(fd, position, position === 0 ? HEADER_BYTES : BLOCK_BYTES);
    if (block.length === 0) return;
    yield block;
    position += block.length;
  }
}

/** Fewer bytes only at the file's end. */
async function readAt(fd: number, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let fill = 0;
  while (fill < bytes) {
    const { bytesRead } = await readSome(fd, buffer, fill, bytes - fill, position + fill);
    if (bytesRead === 0) break;
    fill += bytesRead;
  }
  return buffer.subarray(0, fill);
}

/** Makes the new name durable before the old one goes; where folders cannot be opened, the file system sees to it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const fd = openSync(folder, 'r');
  try {
    await syncFile(fd);
  } finally {
    await closeFile(fd);
  }
}
