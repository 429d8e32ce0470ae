// Role gateway on the log: every partition of the signal topic, one behind the other as they are numbered, into one bus.
// What comes twice is dropped by its number; what a fenced worker writes late is equal to what stands there or dropped.
//
// A new epoch begins in all partitions, though not at one moment: what comes of it first waits until the others have come
// to it as well, within bounds, because a bus holds one epoch only.
import type { Logger } from 'pino';
import type { Bus, RetainedStream } from '../bus/bus.ts';
import type { OutputBatch, StreamUpdate } from '../messages.ts';
import type { SnapshotStore } from '../state/snapshot-store.ts';
import { isInFrontOf, type JournalPlace } from './journal-place.ts';
import { decodeOutput } from './output-record.ts';
import { type PartitionOf, type PartitionSnapshot, usableSnapshots } from './partition-snapshot.ts';
import type { LogPosition, LogReader, PartitionedLog, ReadRecord } from './partitioned-log.ts';
import { outputHeaders, type Topics } from './topics.ts';

export interface SignalReaderOptions {
  readonly log: PartitionedLog;
  readonly topics: Topics;
  readonly partitions: number;
  readonly bus: Bus;
  readonly storeOf: (partition: number) => SnapshotStore;
  readonly build: string;
  /** How much of the past is read again, engine time: clients that come back from another gateway find it here. */
  readonly windowUs: number;
  readonly onFailed: (error: Error) => void;
  readonly logger: Logger;
}

export interface SignalFigures {
  records: number;
  messages: number;
  /** Messages that had come before. */
  doubled: number;
  /** Records of a worker that had lost its partition, or of an epoch that was over. */
  late: number;
  /** Streams in which numbers are missing. */
  holes: number;
  quarantined: number;
}

/** Of a new epoch, how much may wait for the others and how long. */
const HELD_MAX = 20_000;
const HELD_MS_MAX = 2000;
const EPOCHS_REMEMBERED = 16;

interface Held {
  readonly partition: number;
  readonly term: number;
  readonly place: JournalPlace;
  readonly output: OutputBatch;
}

export class SignalReader {
  readonly figures: SignalFigures = { records: 0, messages: 0, doubled: 0, late: 0, holes: 0, quarantined: 0 };
  private readonly options: SignalReaderOptions;
  private reader: LogReader | null = null;
  private epoch = '';
  /** The first entry that is known to be of this epoch: what an entry in front of it made is of one that is over. */
  private epochAt: JournalPlace | null = null;
  /** Over, newest last. */
  private readonly past: string[] = [];
  /** Last number of each stream. */
  private readonly seqs = new Map<string, number>();
  private readonly terms = new Map<number, number>();
  private held: Held[] = [];
  private readonly arrived = new Set<number>();
  private release: NodeJS.Timeout | undefined;
  private readonly position = new Map<number, number>();
  private onRead: () => void = () => {};
  private filledFrom: Map<number, PartitionSnapshot> | null = null;

  constructor(options: SignalReaderOptions) {
    this.options = options;
  }

  /**
   * Fills the bus with what the snapshots retain, reads on from there and follows; resolves once it has read what there was.
   * @throws LogError where the log cannot be read; it may be called again then
   */
  async start(): Promise<void> {
    const { log, topics, onFailed } = this.options;
    // Once only: another look at the store may find others, which would not go with what the bus holds by now.
    if (this.filledFrom === null) {
      this.filledFrom = await this.snapshots();
      this.fill(this.filledFrom);
    }
    const snapshots = this.filledFrom;
    const extent = await log.extent(topics.signals);
    const from = extent.map(({ partition, first, next }): LogPosition => {
      const known = snapshots.get(partition)?.places.signalPosition ?? first;
      return { partition, offset: known >= first && known <= next ? known : first };
    });
    for (const { partition, offset } of from) this.position.set(partition, offset);
    const readAll = (): boolean => extent.every(({ partition, next }) => this.position.get(partition)! >= next);
    const caughtUp = new Promise<void>((resolve) => {
      this.onRead = () => {
        if (readAll()) resolve();
      };
    });
    this.onRead();
    const onRecords = (partition: number, records: readonly ReadRecord[]): void => {
      for (const record of records) this.take(record);
      this.position.set(partition, records[records.length - 1].offset + 1);
      this.onRead();
    };
    this.reader = await log.read({ topic: topics.signals, from, onRecords, onFailed });
    await caughtUp;
  }

  get lag(): number {
    return [...(this.reader?.lag().values() ?? [])].reduce((sum, lag) => sum + lag, 0);
  }

  lagOf(partition: number): number {
    return this.reader?.lag().get(partition) ?? 0;
  }

  status(): object {
    const { figures, epoch, lag, held } = this;
    return { epoch, lag, waitingForEpoch: held.length, ...figures };
  }

  async stop(): Promise<void> {
    clearTimeout(this.release);
    await this.reader?.stop();
  }

  /** Of each partition the newest that is older than the window, or else the oldest. */
  private async snapshots(): Promise<Map<number, PartitionSnapshot>> {
    const { partitions, storeOf, topics, build, windowUs, logger } = this.options;
    const chosen = new Map<number, PartitionSnapshot>();
    for (let partition = 0; partition < partitions; partition++) {
      const of: PartitionOf = { journalTopic: topics.journal, partition, partitions, build };
      let newestUs = Number.NaN;
      for await (const snapshot of usableSnapshots(storeOf(partition), of, logger)) {
        if (Number.isNaN(newestUs)) newestUs = snapshot.state.timeUs;
        chosen.set(partition, snapshot);
        if (snapshot.state.timeUs <= newestUs - windowUs) break;
      }
    }
    return chosen;
  }

  private fill(snapshots: ReadonlyMap<number, PartitionSnapshot>): void {
    const newest = [...snapshots.values()].sort((a, b) => b.state.timeUs - a.state.timeUs)[0];
    if (newest === undefined) return;
    this.epoch = newest.state.run.epoch;
    const retained: RetainedStream[] = [];
    for (const { state, places, retained: streams } of snapshots.values()) {
      if (state.run.epoch === this.epoch) {
        this.reach({ journal: places.journal, entry: places.lastEntry });
        retained.push(...streams);
      }
      for (const { stream, seq } of state.run.epoch === this.epoch ? state.streams.streams : [])
        this.seqs.set(stream.key, Math.max(seq, this.seqs.get(stream.key) ?? 0));
    }
    this.options.bus.load(retained, this.epoch);
  }

  private take(record: ReadRecord): void {
    const { partition } = record;
    const headers = outputHeaders(record.headers);
    const output = headers === null ? 'of an unknown type' : decodeOutput(record.value);
    this.figures.records += 1;
    if (headers === null || typeof output === 'string') {
      const { topics, logger } = this.options;
      const { offset } = record;
      this.figures.quarantined += 1;
      logger.error({ topic: topics.signals, partition, offset, reason: output }, 'record quarantined');
      return;
    }
    const highest = this.terms.get(partition) ?? headers.term;
    const isLate = headers.term < highest;
    this.terms.set(partition, Math.max(highest, headers.term));
    if (this.epoch === '') this.epoch = output.epoch;
    const place = { journal: headers.journal, entry: headers.offset };
    if (output.epoch === this.epoch) {
      this.reach(place);
      this.publish(output, partition, isLate);
      return;
    }
    const isOver = this.past.includes(output.epoch) || (this.epochAt !== null && isInFrontOf(place, this.epochAt));
    if (isLate || isOver) this.figures.late += 1;
    else this.hold({ partition, term: headers.term, place, output });
  }

  private reach(place: JournalPlace): void {
    if (this.epochAt === null || isInFrontOf(place, this.epochAt)) this.epochAt = place;
  }

  private hold(one: Held): void {
    this.held.push(one);
    // Of the epoch that all wait for; one after the next would come later in its partition.
    if (one.output.epoch === this.held[0].output.epoch) this.arrived.add(one.partition);
    this.release ??= setTimeout(() => this.change(), HELD_MS_MAX);
    if (this.arrived.size === this.options.partitions || this.held.length > HELD_MAX) this.change();
  }

  private change(): void {
    clearTimeout(this.release);
    this.release = undefined;
    const { held } = this;
    this.held = [];
    this.arrived.clear();
    this.past.push(this.epoch);
    if (this.past.length > EPOCHS_REMEMBERED) this.past.shift();
    this.epoch = held[0].output.epoch;
    this.seqs.clear();
    this.epochAt = null;
    this.options.logger.info({ epoch: this.epoch, before: this.past.at(-1) }, 'a new epoch begins');
    // What is held again may end the waiting for the epoch after this one: then the rest belongs to that.
    const others = held.filter((one) => !this.publishHeld(one));
    for (const one of others) if (!this.publishHeld(one)) this.hold(one);
  }

  private publishHeld({ partition, place, output }: Held): boolean {
    if (output.epoch !== this.epoch) return false;
    this.reach(place);
    this.publish(output, partition, false);
    return true;
  }

  private publish(output: OutputBatch, partition: number, isLate: boolean): void {
    const updates: StreamUpdate[] = [];
    for (const update of output.updates) {
      const fresh = this.freshOf(update, partition, isLate);
      if (fresh !== null) updates.push(fresh);
    }
    if (updates.length > 0 || output.updates.length === 0) this.options.bus.publish({ ...output, updates });
  }

  /** What of an update has not come yet. */
  private freshOf(update: StreamUpdate, partition: number, isLate: boolean): StreamUpdate | null {
    const { stream, prevSeq, messages } = update;
    const last = this.seqs.get(stream.key) ?? 0;
    const known = Math.min(Math.max(0, last - prevSeq), messages.length);
    this.figures.doubled += known;
    if (known === messages.length) return null;
    if (prevSeq > last) {
      if (isLate) {
        this.figures.late += 1;
        return null;
      }
      this.figures.holes += 1;
      this.options.logger.error({ partition, stream: stream.key, last, prevSeq }, 'numbers are missing in a stream');
    }
    const fresh = known === 0 ? messages : messages.slice(known);
    this.seqs.set(stream.key, prevSeq + messages.length);
    this.figures.messages += fresh.length;
    return known === 0 ? update : { stream, prevSeq: last, messages: fresh };
  }
}
