// The journal's writer: every batch is one write before anything is made of it, so that a killed process loses nothing
// that it published. Segments rotate by size and by trading day, closed ones are compressed in the background, and closed
// days beyond the disk budget are pruned.
//
// The trading day is the KST date: every session of KRX and NXT lies within one (07:00–20:00 at the widest). Sessions
// that run past midnight in Korea, as overseas and of night futures, are cut there; their records keep their own dates.
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { kstDate } from '../../config/calendar.ts';
import type { Input } from '../input.ts';
import { type CompressionChoice, chooseCompression } from './compression.ts';
import { type CompressionDisk, type CompressionFigures, SegmentCompressor } from './compressor.ts';
import { EntryEncoder, encodeHeader, HEADER_BYTES } from './format.ts';
import { readJournalEnd } from './reader.ts';
import { repairFolder } from './repair.ts';
import { pruneDays } from './retention.ts';
import { partPath, segmentPath } from './segment-names.ts';
import { listSegments } from './segments.ts';

/** The journal could not be written (disk full, say): what it holds stays good, the batch is not in it. */
export class JournalUnavailable extends Error {
  constructor(cause: unknown) {
    super(`journal cannot be written: ${(cause as Error).message}`, { cause });
    this.name = 'JournalUnavailable';
  }
}

/** What the journal asks of the disk; tests put a failing one in its place. */
export interface JournalDisk {
  write(fd: number, bytes: Uint8Array): number;
  truncate(fd: number, bytes: number): void;
  /** Returns once what was written is durable. */
  sync(fd: number): void;
  /** The same, while everything else goes on. */
  syncLater(fd: number): Promise<void>;
}

const disk: JournalDisk = {
  write: (fd, bytes) => writeSync(fd, bytes),
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  syncLater: promisify(fdatasync),
};

export interface JournalOptions {
  readonly folder: string;
  readonly segmentBytesMax: number;
  readonly diskBudgetBytes: number;
  /** Of closed segments. (none) */
  readonly compression?: CompressionChoice;
  readonly log: Logger;
  readonly disk?: Partial<JournalDisk>;
  readonly compressionDisk?: Partial<CompressionDisk>;
  /** Called before a new day's first entry: whoever keeps a snapshot of this moment can replay from it later. */
  readonly beforeDay?: () => void;
  /** Whether a replay can begin at this first entry of a day; the days before it are pruned only where it can. (always) */
  readonly mayBegin?: (offset: number) => boolean;
}

export class Journal {
  /** Number of the next entry. */
  nextOffset: number;
  nextBatchId: number;
  /** Engine time of the last entry; no later entry may lie before it. */
  lastTimeUs: number;
  bytesWritten = 0;
  private readonly options: JournalOptions;
  private readonly disk: JournalDisk;
  private readonly encoder = new EntryEncoder();
  private readonly compressor: SegmentCompressor | null;
  private fd: number;
  private segmentBytes = 0;
  private segmentDate = 0;
  private totalBytes: number;
  /** True where half an entry stands behind `segmentBytes` and could not be cut off yet. */
  private torn = false;
  private syncing = false;
  private budgetWarned = false;

  /**
   * Opens a folder for writing: cuts a torn tail, goes on behind the last good entry.
   * @throws JournalDamaged where entries in front of good ones are damaged
   * @throws CompressionUnavailable where this Node cannot compress as it is asked to
   */
  constructor(options: JournalOptions) {
    this.options = options;
    this.disk = { ...disk, ...options.disk };
    this.compressor = compressorOf(options, (bytes) => {
      this.totalBytes -= bytes;
    });
    mkdirSync(options.folder, { recursive: true });
    repairFolder(options.folder, options.log);
    const end = readJournalEnd(options.folder);
    this.nextOffset = end.nextOffset;
    this.nextBatchId = end.lastBatchId + 1;
    this.lastTimeUs = end.lastTimeUs;
    const segments = listSegments(options.folder);
    this.totalBytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const last = segments.at(-1);
    this.fd = -1;
    if (last !== undefined) this.segmentDate = kstDate(end.lastTimeUs);
    // Nothing can be appended to a compressed one: it was not the last, but the one behind it was torn in its header.
    if (last?.compression === null) {
      this.fd = openSync(last.path, 'a');
      this.segmentBytes = fstatSync(this.fd).size;
    }
    this.compressor?.start();
  }

  /** What the compression in the background has done; null where there is none. */
  get compression(): Readonly<CompressionFigures> | null {
    return this.compressor?.figures ?? null;
  }

  /** Bytes of all segments on the disk. */
  get bytes(): number {
    return this.totalBytes;
  }

  /** Resolves once every closed segment is compressed, or could not be. */
  compressed(): Promise<void> {
    return this.compressor?.idle() ?? Promise.resolve();
  }

  /**
   * Appends the inputs as one batch.
   * @returns the number of its first entry
   * @throws JournalUnavailable where it cannot be written; the journal is then as before
   */
  append(inputs: readonly Input[]): number {
    const firstOffset = this.nextOffset;
    const firstTimeUs = inputs[0].engineTimeUs;
    this.encoder.clear();
    for (const input of inputs) this.encoder.add(input, this.nextBatchId);
    const bytes = this.encoder.bytes();
    try {
      this.rotateIfDue(bytes.length, firstTimeUs);
      this.writeWhole(bytes);
    } catch (error) {
      throw new JournalUnavailable(error);
    }
    this.nextOffset += inputs.length;
    this.nextBatchId += 1;
    this.lastTimeUs = inputs[inputs.length - 1].engineTimeUs;
    return firstOffset;
  }

  /** Asks the disk to make durable what was written; one request at a time, the hot path never waits for it. */
  sync(): void {
    if (this.syncing) return;
    this.syncing = true;
    const failed = (error: NodeJS.ErrnoException): void =>
      this.options.log.error({ code: error.code }, 'journal sync failed');
    void this.durable()
      .catch(failed)
      .finally(() => {
        this.syncing = false;
      });
  }

  /**
   * Resolves once all that was appended before the call is durable, with the number of the entry behind it.
   * @throws Error where the disk refuses
   */
  async durable(): Promise<number> {
    const { fd, nextOffset } = this;
    try {
      if (fd !== -1) await this.disk.syncLater(fd);
    } catch (error) {
      // EBADF: the segment was rotated away meanwhile, and was synced before it was closed.
      if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error;
    }
    return nextOffset;
  }

  /**
   * Returns once all that was appended is durable; for what must not outlive the journal, as a snapshot of it.
   * @throws Error where the disk refuses
   */
  syncNow(): void {
    if (this.fd !== -1) this.disk.sync(this.fd);
  }

  /**
   * Durable once it returns; a disk that refuses that is logged, since nobody can be asked any more. A compression that
   * is under way is given up.
   */
  close(): void {
    this.compressor?.close();
    if (this.fd === -1) return;
    try {
      this.syncNow();
    } catch (error) {
      this.options.log.error({ code: (error as NodeJS.ErrnoException).code }, 'journal sync failed');
    }
    closeSync(this.fd);
    this.fd = -1;
  }

  private writeWhole(bytes: Uint8Array): void {
    try {
      this.writeAll(this.fd, bytes);
    } catch (error) {
      this.torn = true;
      this.cutTorn();
      throw error;
    }
    this.segmentBytes += bytes.length;
    this.totalBytes += bytes.length;
    this.bytesWritten += bytes.length;
  }

  /** A disk may take a part only. */
  private writeAll(fd: number, bytes: Uint8Array): void {
    for (let written = 0; written < bytes.length; ) written += this.disk.write(fd, bytes.subarray(written));
  }

  /** Nothing may be written behind half an entry: where it cannot be cut, the next write tries again first. */
  private cutTorn(): void {
    this.disk.truncate(this.fd, this.segmentBytes);
    this.torn = false;
  }

  private rotateIfDue(bytes: number, timeUs: number): void {
    const date = kstDate(timeUs);
    if (this.torn) this.cutTorn();
    const full = this.segmentBytes + bytes > this.options.segmentBytesMax && this.segmentBytes > HEADER_BYTES;
    if (this.fd !== -1 && !full && date === this.segmentDate) return;
    // What can be read from now on behind this segment must not outlive it. Once a day or a segment: the wait is rare.
    this.syncNow();
    if (this.segmentDate !== 0 && date !== this.segmentDate) this.options.beforeDay?.();
    const fd = this.newSegment(encodeHeader(this.nextOffset, timeUs));
    // One without an entry had the same name: the new one has taken its place.
    if (this.segmentBytes === HEADER_BYTES) this.totalBytes -= HEADER_BYTES;
    if (this.fd !== -1) closeSync(this.fd);
    this.fd = fd;
    this.segmentBytes = HEADER_BYTES;
    this.segmentDate = date;
    this.totalBytes += HEADER_BYTES;
    this.prune();
    this.compressor?.start();
  }

  /** Renamed into place whole; replaces a segment in which no entry came to stand. */
  private newSegment(header: Buffer): number {
    const path = segmentPath(this.options.folder, this.nextOffset);
    const part = partPath(path);
    rmSync(part, { force: true });
    // Appending, so that a cut after a failed write leaves no hole.
    const fd = openSync(part, 'ax');
    try {
      this.writeAll(fd, header);
      renameSync(part, path);
      return fd;
    } catch (error) {
      closeSync(fd);
      rmSync(part, { force: true });
      throw error;
    }
  }

  /** Removes closed days until the budget holds: at each new segment, and again once more of them may go. */
  prune(): void {
    const { log, diskBudgetBytes } = this.options;
    const { totalBytes } = this;
    if (totalBytes > diskBudgetBytes) this.totalBytes -= pruneDays({ ...this.options, totalBytes });
    if (this.totalBytes <= diskBudgetBytes || this.budgetWarned) return;
    this.budgetWarned = true;
    log.warn(
      { totalBytes: this.totalBytes, diskBudgetBytes },
      'what must be kept of the journal exceeds the disk budget',
    );
  }
}

function compressorOf(options: JournalOptions, onSaved: (bytes: number) => void): SegmentCompressor | null {
  const { folder, log, compressionDisk } = options;
  const compression = chooseCompression(options.compression ?? 'none');
  if (compression === null) return null;
  return new SegmentCompressor({
    folder,
    compression,
    log,
    onSaved,
    ...(compressionDisk && { disk: compressionDisk }),
  });
}
