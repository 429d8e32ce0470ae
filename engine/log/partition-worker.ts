// One partition's state machine on the log: applies the shares of the journal topic, publishes what they make to the signal
// topic, keeps snapshots. Whoever had the partition before made the same of it; what stands in the signal topic already is
// derived and not sent again.
//
// Where retention has taken what follows the newest snapshot, the numbers that were given meanwhile are unknown: it waits
// for the next start entry of another epoch. A new epoch of its own would set this partition's clients apart from all others.
import type { Logger } from 'pino';
import { monotonicUs } from '../clock.ts';
import { Follower } from '../follower.ts';
import type { Contents } from '../journal/contents.ts';
import type { OutputBatch } from '../messages.ts';
import { decodeShare } from '../partitions/share.ts';
import type { FindingListener } from '../quality/findings.ts';
import type { SnapshotStore } from '../state/snapshot-store.ts';
import { type ContentsMirror, namedContents } from './contents-topic.ts';
import { lastRecords } from './last-records.ts';
import { decodeOutput, outputRecord } from './output-record.ts';
import { newPartitionFigures } from './partition-figures.ts';
import {
  encodePartitionSnapshot,
  type PartitionOf,
  type PartitionSnapshot,
  usableSnapshots,
} from './partition-snapshot.ts';
import { LogError, type LogRecord, type PartitionedLog, type ReadRecord } from './partitioned-log.ts';
import { RetryDelay } from './retry.ts';
import { fromStart, ShareSequence } from './share-sequence.ts';
import { outputHeaders, type ShareHeaders, shareHeaders, type Topics } from './topics.ts';

export interface PartitionWorkerOptions {
  readonly log: PartitionedLog;
  readonly topics: Topics;
  readonly partition: number;
  readonly partitions: number;
  /** Names this process in what it writes. */
  readonly worker: string;
  readonly build: string;
  readonly contents: Contents;
  readonly mirror: Pick<ContentsMirror, 'need'>;
  readonly store: SnapshotStore;
  readonly snapshotEveryMs: number;
  readonly snapshotEveryEntries: number;
  readonly onFinding?: FindingListener;
  readonly logger: Logger;
}

export type WorkerState = 'running' | 'waiting_for_start' | 'offset_out_of_range';

/** Shares whose outputs go out together while catching up. */
const SHARES_MAX = 64;

export class PartitionWorker {
  readonly figures = newPartitionFigures();
  /** Next record of the journal topic. */
  position = 0;
  /** Under which the partition is held. */
  term = 0;
  state: WorkerState = 'waiting_for_start';
  private readonly options: PartitionWorkerOptions;
  private follower: Follower | null = null;
  private readonly sequence = new ShareSequence();
  private signalPosition = 0;
  private epoch = '';
  /** Of what the signal topic holds already: the last one's journal and entry. */
  private out: { readonly journal: string; readonly offset: number } = { journal: '', offset: -1 };
  /** Its numbers were given for entries that are gone: they are not begun again. */
  private spentEpoch: string | null = null;
  private snapshotAt = { position: 0, us: monotonicUs(), entries: 0 };
  private saving: Promise<void> = Promise.resolve();
  private readonly retry = new RetryDelay();
  private ended = false;

  private constructor(options: PartitionWorkerOptions) {
    this.options = options;
  }

  /**
   * From the newest usable snapshot, or from the journal topic's beginning.
   * @throws LogError where the log cannot be read, or what it has lost stands in a store that does not answer
   */
  static async restore(options: PartitionWorkerOptions): Promise<PartitionWorker> {
    const worker = new PartitionWorker(options);
    await worker.restore();
    return worker;
  }

  /** In order. @throws ModelFailed, LogError where the log refuses, ContentError: the worker is of no use any more */
  async take(records: readonly ReadRecord[]): Promise<void> {
    for (let i = 0; i < records.length && !this.ended; i += SHARES_MAX) {
      const outputs: LogRecord[] = [];
      const some = records.slice(i, i + SHARES_MAX);
      for (const record of some) await this.apply(record, outputs);
      await this.publish(outputs);
      if (this.ended) return;
      this.position = some[some.length - 1].offset + 1;
      if (this.snapshotDue()) this.snapshot();
    }
  }

  /** Nothing more is taken; the last state is kept for whoever comes next. Resolves once it is, or could not be. */
  async handOver(): Promise<void> {
    if (this.position > this.snapshotAt.position) this.snapshot();
    await this.saving;
  }

  /** Gives up what could not be published: whoever comes next publishes it. */
  end(): void {
    this.ended = true;
    this.retry.cut();
  }

  status(): object {
    const { state, term, position, sequence, figures, epoch } = this;
    return { state, term, position, epoch, ...sequence.save(), ...figures };
  }

  private get of(): PartitionOf {
    const { topics, partition, partitions, build } = this.options;
    return { journalTopic: topics.journal, partition, partitions, build };
  }

  private async restore(): Promise<void> {
    const { log, topics, partition, store, logger } = this.options;
    const { first = 0, next = 0 } = (await log.extent(topics.journal)).find((one) => one.partition === partition) ?? {};
    const published = (await lastRecords(log, topics.signals, { only: [partition] })).get(partition)?.at(-1);
    const headers = published === undefined ? null : outputHeaders(published.headers);
    if (headers !== null) this.out = headers;
    let newest: PartitionSnapshot | null = null;
    for await (const snapshot of usableSnapshots(store, this.of, logger, first > 0)) {
      if (snapshot.places.journalPosition > next) continue;
      newest = snapshot;
      break;
    }
    this.position = first;
    if (newest !== null && newest.places.journalPosition >= first) await this.load(newest);
    else if (first > 0) this.loseNumbers(newest, published, first);
    this.snapshotAt = { position: this.position, us: monotonicUs(), entries: 0 };
    logger.info({ partition, position: this.position, next, state: this.state }, 'partition restored');
  }

  private async load(snapshot: PartitionSnapshot): Promise<void> {
    const { run, references } = snapshot.state;
    await this.options.mirror.need([run.configHash, run.modelHash, ...Object.values(references)]);
    const follower = this.begin();
    follower.load(snapshot);
    const { places } = snapshot;
    this.sequence.load(places);
    this.position = places.journalPosition;
    this.signalPosition = places.signalPosition;
    this.epoch = follower.machine.epoch;
  }

  private loseNumbers(newest: PartitionSnapshot | null, published: ReadRecord | undefined, first: number): void {
    const { partition, topics, logger } = this.options;
    const last = published === undefined ? 'nothing' : decodeOutput(published.value);
    this.spentEpoch = typeof last === 'string' ? (newest?.state.run.epoch ?? null) : last.epoch;
    this.state = 'offset_out_of_range';
    const position = newest?.places.journalPosition ?? 0;
    logger.error(
      { partition, topic: topics.journal, position, first, spentEpoch: this.spentEpoch },
      'offset_out_of_range: retention has taken entries that no snapshot holds; waiting for a start under a new epoch',
    );
  }

  private begin(): Follower {
    const { contents, partition, partitions, onFinding, logger } = this.options;
    const of = { index: partition, count: partitions };
    this.follower = new Follower({
      contents,
      partition: of,
      log: logger,
      ...(onFinding === undefined ? {} : { onFinding }),
    });
    this.state = 'running';
    return this.follower;
  }

  private async apply(record: ReadRecord, outputs: LogRecord[]): Promise<void> {
    const { partition, worker, mirror } = this.options;
    const headers = shareHeaders(record.headers);
    if (headers === null) return this.quarantine(record, 'of an unknown type');
    if (!this.isToBeApplied(headers, record)) return;
    const whole = decodeShare(Buffer.from(record.value.buffer, record.value.byteOffset, record.value.length));
    if (typeof whole === 'string') return this.quarantine(record, whole);
    const share = this.follower === null ? fromStart(whole, this.spentEpoch) : whole;
    if (share === null) {
      this.figures.skipped += 1;
      return;
    }
    await mirror.need(share.inputs.flatMap(namedContents));
    const there = headers.journal === this.out.journal && headers.batch <= this.out.offset;
    const output = (this.follower ?? this.begin()).apply(share, there);
    this.figures.appliedEntries += share.inputs.length;
    this.snapshotAt.entries += share.inputs.length;
    if (!there && this.saysSomething(output)) {
      const { journal, batch: offset } = headers;
      outputs.push(outputRecord(partition, output, { journal, offset, term: this.term, worker }));
    }
    this.epoch = output.epoch;
  }

  private saysSomething({ updates, epoch }: OutputBatch): boolean {
    return updates.length > 0 || epoch !== this.epoch;
  }

  private isToBeApplied(headers: ShareHeaders, { offset }: ReadRecord): boolean {
    const { partition, logger } = this.options;
    const { journal: before, lastEntry } = this.sequence;
    switch (this.sequence.judge(headers)) {
      case 'late':
        this.figures.late += 1;
        return false;
      case 'doubled':
        this.figures.doubled += 1;
        return false;
      case 'after_hole':
        this.figures.holes += 1;
        logger.error({ partition, offset, lastEntry, ...headers }, 'entries are missing in the journal topic');
        return true;
      case 'other_journal':
        if (before !== '') this.forget(before, headers.journal);
        return true;
      case 'next':
        return true;
    }
  }

  private forget(before: string, journal: string): void {
    const { partition, logger } = this.options;
    logger.warn({ partition, before, journal }, 'another journal: all begins anew at its first start');
    if (this.follower !== null) this.spentEpoch = this.epoch;
    this.follower = null;
    if (this.state === 'running') this.state = 'waiting_for_start';
  }

  private quarantine({ offset, value, headers }: ReadRecord, reason: string): void {
    const { partition, topics, logger } = this.options;
    this.figures.quarantined += 1;
    const bytes = value.length;
    logger.error({ topic: topics.journal, partition, offset, reason, headers, bytes }, 'record quarantined');
  }

  /** Until the log has it: nothing more is applied meanwhile, so nothing grows. */
  private async publish(outputs: readonly LogRecord[]): Promise<void> {
    const { log, topics, partition, logger } = this.options;
    if (outputs.length === 0) return;
    for (;;) {
      try {
        const first = await log.append(topics.signals, outputs);
        this.signalPosition = first.get(partition)! + outputs.length;
        this.figures.published += outputs.length;
        this.retry.reset();
        return;
      } catch (error) {
        if (!(error instanceof LogError) || error.code === 'log_refused') throw error;
        this.figures.appendFailures += 1;
        if (this.ended) return;
        logger.warn({ err: error, partition }, 'outputs wait: the log is away');
        await this.retry.wait();
        if (this.ended) return;
      }
    }
  }

  private snapshotDue(): boolean {
    const { snapshotEveryMs, snapshotEveryEntries } = this.options;
    const { us, entries } = this.snapshotAt;
    return entries >= snapshotEveryEntries || (entries > 0 && monotonicUs() - us >= snapshotEveryMs * 1000);
  }

  /** One at a time; all that is in the state is published. */
  private snapshot(): void {
    const { follower, position } = this;
    if (follower === null || this.ended) return;
    const { store, partition, logger } = this.options;
    const { sequence, signalPosition } = this;
    this.snapshotAt = { position, us: monotonicUs(), entries: 0 };
    const bytes = encodePartitionSnapshot(this.of, {
      offset: sequence.lastEntry + 1,
      state: follower.machine.save(),
      retained: follower.bus.save(),
      places: { ...sequence.save(), journalPosition: position, signalPosition },
    });
    this.saving = this.saving
      .then(() => store.save(position, bytes))
      .then(
        () => {
          this.figures.snapshots += 1;
        },
        (error) => {
          this.figures.failedSnapshots += 1;
          logger.warn({ err: error, partition, position }, 'snapshot not saved');
        },
      );
  }
}
