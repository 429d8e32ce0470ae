// Ships a journal to the log: from memory as batches are recorded, from the disk what memory could not hold because the log
// was away or slow. The journal is the spool, so nothing is lost, and what is shipped is in the journal's order.
import type { Logger } from 'pino';
import { hostTimeUs } from '../clock.ts';
import { ContentError, type Contents } from '../journal/contents.ts';
import { type JournalBatch, readJournal } from '../journal/reader.ts';
import type { RecordedBatch } from '../journal/recorder.ts';
import { listSegments } from '../journal/segments.ts';
import { sharesOf } from '../partitions/partitioning.ts';
import { encodeShare } from '../partitions/share.ts';
import { contentRecord, namedContents } from './contents-topic.ts';
import { LogError, type LogRecord, type PartitionedLog } from './partitioned-log.ts';
import { RetryDelay } from './retry.ts';
import { type ShippingPlace, shippingPlace } from './shipping-place.ts';
import { asHeaders, type Topics } from './topics.ts';

export interface JournalShipperOptions {
  readonly log: PartitionedLog;
  readonly topics: Topics;
  /** Sees to the topics; how many partitions the journal's has. @throws LogError */
  readonly prepare: () => Promise<number>;
  readonly journalFolder: string;
  readonly journalId: string;
  /** Number of the journal's next entry when it was opened, before anything was recorded. */
  readonly nextOffset: number;
  readonly contents: Contents;
  /** Of this ingest, unless an earlier one had a higher one. */
  readonly term: number;
  /** Memory for batches that wait; the oldest are read from the disk again. (8 MiB) */
  readonly memoryBytesMax?: number;
  /** What is not the log's fault, as a damaged journal: nothing is shipped any more. */
  readonly onFailed: (error: Error) => void;
  readonly logger: Logger;
}

export interface ShippingFigures {
  shippedEntries: number;
  /** Entries that were pruned from the disk before the log took them. */
  lostEntries: number;
  /** Applied nowhere else either: the journal could not be written. */
  unjournaledEntries: number;
  appendFailures: number;
  missingContents: number;
  lastError: string | null;
}

const MEMORY_BYTES_MAX = 8 * 1024 * 1024;
const APPEND_BYTES_MAX = 1024 * 1024;
const ENTRY_BYTES = 64;

interface Queued {
  readonly batch: RecordedBatch;
  readonly bytes: number;
}

export class JournalShipper {
  readonly figures: ShippingFigures = {
    shippedEntries: 0,
    lostEntries: 0,
    unjournaledEntries: 0,
    appendFailures: 0,
    missingContents: 0,
    lastError: null,
  };
  private readonly options: JournalShipperOptions;
  /** The newest batches, without a hole; the oldest goes first where they are too many. */
  private readonly queue: Queued[] = [];
  private queueBytes = 0;
  private nextOffset: number;
  private lastTimeUs = 0;
  private shippedTimeUs = 0;
  private place: ShippingPlace | null = null;
  private spool: Iterator<JournalBatch> | null = null;
  /** Taken from the spool or the queue, and not known to be in the log. */
  private underWay: RecordedBatch[] = [];
  private readonly sent = new Set<string>();
  private readonly retry = new RetryDelay();
  private wake: () => void = () => {};
  private ending = false;
  private givenUp = false;
  private ended: Promise<void> | null = null;

  constructor(options: JournalShipperOptions) {
    this.options = options;
    this.nextOffset = options.nextOffset;
  }

  start(): void {
    this.ended = this.run().catch((error) => this.options.onFailed(error as Error));
  }

  /** Called with each batch, once it is in the journal and in that order. Returns at once. */
  record(batch: RecordedBatch): void {
    if (batch.firstOffset < 0) {
      this.figures.unjournaledEntries += batch.inputs.length;
      return;
    }
    const bytes = bytesOf(batch);
    this.queue.push({ batch, bytes });
    this.queueBytes += bytes;
    this.nextOffset = batch.firstOffset + batch.inputs.length;
    this.lastTimeUs = batch.inputs[batch.inputs.length - 1].engineTimeUs;
    const { memoryBytesMax = MEMORY_BYTES_MAX } = this.options;
    while (this.queueBytes > memoryBytesMax && this.queue.length > 1) this.queueBytes -= this.queue.shift()!.bytes;
    this.wake();
  }

  /** Entries that the log does not have yet; before it has told where it stands, all are. */
  get entriesBehind(): number {
    return this.nextOffset - (this.place?.next ?? 0);
  }

  get secondsBehind(): number {
    return this.entriesBehind === 0 ? 0 : Math.max(0, this.lastTimeUs - this.shippedTimeUs) / 1e6;
  }

  status(): object {
    const { figures, entriesBehind, secondsBehind, queueBytes } = this;
    return { ...figures, entriesBehind, secondsBehind, memoryBytes: queueBytes, shippedTo: this.place?.next ?? null };
  }

  /** Resolves once all is shipped, or `waitMs` are over: the journal keeps the rest for the next start. */
  async stop(waitMs: number): Promise<void> {
    this.ending = true;
    this.wake();
    const deadline = setTimeout(() => this.giveUp(), waitMs);
    await this.ended;
    clearTimeout(deadline);
  }

  private giveUp(): void {
    this.givenUp = true;
    this.retry.cut();
    this.wake();
  }

  private async run(): Promise<void> {
    const { log, topics, prepare, journalId, nextOffset, term, logger } = this.options;
    while (!this.givenUp) {
      try {
        this.place ??= await shippingPlace(log, topics.journal, await prepare(), journalId, nextOffset, term);
        if (this.underWay.length === 0) this.underWay = this.nextBatches(this.place);
        if (this.underWay.length === 0) {
          if (this.ending) return;
          await this.recorded();
          continue;
        }
        this.place = await this.ship(this.underWay, this.place);
        this.underWay = [];
        if (this.figures.lastError !== null) logger.info('the log takes the journal again');
        this.figures.lastError = null;
        this.retry.reset();
      } catch (error) {
        if (!(error instanceof LogError) || error.code === 'log_refused') throw error;
        this.figures.appendFailures += 1;
        if (this.figures.lastError === null)
          logger.warn({ err: error }, 'the log is away: the journal waits on the disk');
        this.figures.lastError = error.message;
        await this.retry.wait();
      }
    }
  }

  private recorded(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (this.queue.length > 0 || this.ending) resolve();
    });
  }

  /** As many as go into one append; from the disk until what is in memory follows. */
  private nextBatches({ next }: ShippingPlace): RecordedBatch[] {
    const taken: RecordedBatch[] = [];
    let bytes = 0;
    let from = next;
    while (bytes < APPEND_BYTES_MAX) {
      const batch = this.fromMemory(from) ?? this.fromDisk(from);
      if (batch === null) break;
      taken.push(batch);
      bytes += bytesOf(batch);
      from = batch.firstOffset + batch.inputs.length;
    }
    return taken;
  }

  private fromMemory(from: number): RecordedBatch | null {
    const { queue } = this;
    while (queue.length > 0 && queue[0].batch.firstOffset <= from) {
      const { batch, bytes } = queue.shift()!;
      this.queueBytes -= bytes;
      if (batch.firstOffset < from) continue;
      this.spool?.return?.();
      this.spool = null;
      return batch;
    }
    return null;
  }

  private fromDisk(from: number): RecordedBatch | null {
    if (from >= this.nextOffset) return null;
    this.spool ??= this.openSpool(from);
    const { value, done } = this.spool.next();
    if (done !== true) return { ...value, receivedUs: hostTimeUs() };
    // It ended where the journal did at that moment; what was appended since is read from there.
    this.spool = null;
    return null;
  }

  private openSpool(from: number): Iterator<JournalBatch> {
    const { journalFolder, logger } = this.options;
    const first = listSegments(journalFolder)[0]?.firstOffset ?? from;
    if (first > from) {
      this.figures.lostEntries += first - from;
      logger.error({ from, to: first }, 'the disk budget has pruned entries that the log had not taken');
    }
    return readJournal({ folder: journalFolder, fromOffset: Math.max(from, first) });
  }

  private async ship(batches: readonly RecordedBatch[], place: ShippingPlace): Promise<ShippingPlace> {
    const { log, topics } = this.options;
    const { term } = place;
    await this.shipContents(batches);
    const last = [...place.last];
    const records: LogRecord[] = [];
    for (const batch of batches) {
      for (const [partition, share] of sharesOf(batch, last.length).entries()) {
        if (share === null) continue;
        const end = share.offsets[share.offsets.length - 1];
        // Behind a crash in an append some partitions have it and some have not.
        if (end <= last[partition]) continue;
        const { journal } = place;
        const [first] = share.offsets;
        const headers = { journal, first, last: end, batch: share.lastOffset, previous: last[partition], term };
        records.push({ partition, key: null, value: encodeShare(share), headers: asHeaders('share', headers) });
        last[partition] = end;
      }
    }
    await log.append(topics.journal, records);
    const { firstOffset, inputs } = batches[batches.length - 1];
    this.shippedTimeUs = inputs[inputs.length - 1].engineTimeUs;
    this.figures.shippedEntries += batches.reduce((sum, batch) => sum + batch.inputs.length, 0);
    return { ...place, next: firstOffset + inputs.length, last };
  }

  private async shipContents(batches: readonly RecordedBatch[]): Promise<void> {
    const { log, topics, contents, logger } = this.options;
    const named = batches.flatMap(({ inputs }) => inputs.flatMap(namedContents));
    for (const sha256 of new Set(named)) {
      if (this.sent.has(sha256)) continue;
      try {
        await log.append(topics.contents, [contentRecord(sha256, contents)]);
      } catch (error) {
        if (!(error instanceof ContentError)) throw error;
        this.figures.missingContents += 1;
        logger.error({ err: error }, 'an entry names a content that is not there: nobody else can apply it');
      }
      this.sent.add(sha256);
    }
  }
}

function bytesOf({ inputs }: RecordedBatch): number {
  return inputs.reduce((sum, input) => sum + ENTRY_BYTES + (input.kind === 'frame' ? input.bytes.length : 0), 0);
}
