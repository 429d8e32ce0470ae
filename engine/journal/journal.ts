// The journal's writer: every batch is one write before anything is made of it, so that a killed process loses nothing
// that it published. Segments rotate by size and by trading day, closed ones are compressed in the background, and closed
// days beyond the disk budget are pruned.
//
// The trading day is the KST date: every session of KRX and NXT lies within one (07:00–20:00 at the widest). Sessions
// that run past midnight in Korea, as overseas and of night futures, are cut there; their records keep their own dates.
import { closeSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import type { Logger } from 'pino';
import { kstDate } from '../../config/calendar.ts';
import type { Input } from '../input.ts';
import { Chain, type ChainOptions, chainBeginning, chainOf } from './chain.ts';
import { type CompressionChoice, chooseCompression } from './compression.ts';
import { type CompressionDisk, type CompressionFigures, SegmentCompressor } from './compressor.ts';
import { EntryEncoder, encodeHeader, encodeSeal, HEADER_BYTES, SEAL_BYTES } from './format.ts';
import { createSegment, type JournalDisk, systemDisk, writeAll } from './journal-disk.ts';
import { readJournalEnd } from './reader.ts';
import { repairFolder } from './repair.ts';
import { pruneDays } from './retention.ts';
import { segmentPath } from './segment-names.ts';
import { listSegments } from './segments.ts';

/** The journal could not be written (disk full, say): what it holds stays good, the batch is not in it. */
export class JournalUnavailable extends Error {
  constructor(cause: unknown) {
    super(`journal cannot be written: ${(cause as Error).message}`, { cause });
    this.name = 'JournalUnavailable';
  }
}

export type { JournalDisk };

export interface JournalOptions {
  readonly folder: string;
  readonly segmentBytesMax: number;
  readonly diskBudgetBytes: number;
  /** Of closed segments. (none) */
  readonly compression?: CompressionChoice;
  /** Seals that link what is written into a chain of hashes. A journal that has one goes on with it in any case. */
  readonly proof?: ChainOptions;
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
  private chain: Chain | null = null;
  private syncing = false;
  private budgetWarned = false;

  /**
   * Opens a folder for writing: cuts a torn tail, goes on behind the last good entry.
   * @throws JournalDamaged where entries in front of good ones are damaged
   * @throws CompressionUnavailable where this Node cannot compress as it is asked to
   */
  constructor(options: JournalOptions) {
    this.options = options;
    this.disk = { ...systemDisk, ...options.disk };
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
    if (last !== undefined) {
      this.segmentDate = kstDate(end.lastTimeUs);
      this.chain = chainOf(last.path, options.proof);
    }
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
    const { encoder, nextOffset: firstOffset } = this;
    const firstTimeUs = inputs[0].engineTimeUs;
    encoder.clear(SEAL_BYTES);
    const last = inputs.length - 1;
    for (let i = 0; i <= last; i++) encoder.add(inputs[i], this.nextBatchId, i < last);
    try {
      this.rotateIfDue(encoder.bytes(SEAL_BYTES).length, firstTimeUs);
      this.writeBatch(firstTimeUs);
    } catch (error) {
      throw new JournalUnavailable(error);
    }
    this.nextOffset += inputs.length;
    this.nextBatchId += 1;
    this.lastTimeUs = inputs[last].engineTimeUs;
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
      if (this.torn) this.cutTorn();
      this.seal();
      this.syncNow();
    } catch (error) {
      this.options.log.error({ code: (error as NodeJS.ErrnoException).code }, 'journal sync failed');
    }
    closeSync(this.fd);
    this.fd = -1;
  }

  /** What was encoded, with a seal in front of it where one is due. */
  private writeBatch(timeUs: number): void {
    const { chain, encoder } = this;
    const batch = encoder.bytes(SEAL_BYTES);
    if (chain?.isDue(timeUs)) {
      const seal = chain.seal(this.nextOffset, this.lastTimeUs);
      encodeSeal(seal).copy(encoder.bytes());
      this.writeWhole(encoder.bytes());
      chain.written(seal);
    } else {
      this.writeWhole(batch);
    }
    chain?.add(batch);
  }

  /** Behind the last entry, where nothing follows it in this segment. */
  private seal(): void {
    const { chain } = this;
    if (chain === null || chain.isSealed || this.segmentBytes <= HEADER_BYTES) return;
    const seal = chain.seal(this.nextOffset, this.lastTimeUs);
    this.writeWhole(encodeSeal(seal));
    chain.written(seal);
  }

  private writeWhole(bytes: Uint8Array): void {
    try {
      writeAll(this.disk, this.fd, bytes);
    } catch (error) {
      this.torn = true;
      this.cutTorn();
      throw error;
    }
    this.segmentBytes += bytes.length;
    this.totalBytes += bytes.length;
    this.bytesWritten += bytes.length;
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
    const { folder, proof, beforeDay } = this.options;
    const isUnchained = this.chain === null && proof !== undefined;
    if (this.fd !== -1 && !full && date === this.segmentDate && !isUnchained) return;
    this.seal();
    // What can be read from now on behind this segment must not outlive it. Once a day or a segment: the wait is rare.
    this.syncNow();
    if (this.segmentDate !== 0 && date !== this.segmentDate) beforeDay?.();
    const begun = proof === undefined ? null : new Chain(chainBeginning(proof.journalId), timeUs, proof);
    const chain = this.chain ?? begun;
    const header = encodeHeader(this.nextOffset, timeUs, chain?.hash);
    const fd = createSegment(this.disk, segmentPath(folder, this.nextOffset), header);
    // One without an entry had the same name: the new one has taken its place.
    if (this.segmentBytes === HEADER_BYTES) this.totalBytes -= HEADER_BYTES;
    if (this.fd !== -1) closeSync(this.fd);
    this.fd = fd;
    this.segmentBytes = HEADER_BYTES;
    this.segmentDate = date;
    this.totalBytes += HEADER_BYTES;
    chain?.begin(header);
    this.chain = chain;
    this.prune();
    this.compressor?.start();
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
