// The roles on the log, each put together from its parts: what ingest adds to its journal, what an engine worker is, what a
// gateway reads. All of them see to it that the topics are there.
import type { Logger } from 'pino';
import type { Bus } from '../bus/bus.ts';
import type { Contents } from '../journal/contents.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import type { FindingListener } from '../quality/findings.ts';
import type { SnapshotStore } from '../state/snapshot-store.ts';
import { ContentsMirror } from './contents-topic.ts';
import { EngineWorkers } from './engine-workers.ts';
import { JournalShipper, type JournalShipperOptions } from './journal-shipper.ts';
import { LogError, type PartitionedLog } from './partitioned-log.ts';
import { patiently } from './retry.ts';
import { SignalReader } from './signal-reader.ts';
import { type TopicOptions, topicSpecs, topicsOf } from './topics.ts';

interface RoleOptions {
  readonly log: PartitionedLog;
  readonly topics: TopicOptions;
  readonly onFailed: (error: Error) => void;
  readonly logger: Logger;
}

/** Samples for metrics: the label says which partition. */
export interface PartitionLag {
  readonly partition: number;
  readonly records: number;
}

export interface IngestShippingOptions
  extends RoleOptions,
    Pick<
      JournalShipperOptions,
      'journalFolder' | 'journalId' | 'nextOffset' | 'contents' | 'term' | 'memoryBytesMax'
    > {}

/**
 * Returns at once: KIS does not wait for Kafka. Where that is away, the journal keeps what is to be shipped. The topic that
 * is there decides the number of partitions.
 */
export function startIngestShipping({ log, topics: of, ...options }: IngestShippingOptions): JournalShipper {
  const shipper = new JournalShipper({
    ...options,
    log,
    topics: topicsOf(of.prefix),
    prepare: () => prepare(log, of),
  });
  shipper.start();
  return shipper;
}

export interface EngineWorkersRoleOptions extends RoleOptions {
  /** Names this process; every worker of the group another. */
  readonly worker: string;
  readonly build: string;
  /** A folder for contents, which need not outlive the process. */
  readonly contents: Contents;
  readonly storeOf: (partition: number) => SnapshotStore;
  readonly snapshotEveryMs: number;
  readonly snapshotEveryEntries: number;
  readonly lagEntriesMax: number;
  readonly onFinding?: FindingListener;
  /** Another worker has taken over, and asks this one to end. */
  readonly onRetired?: (() => void) | undefined;
}

export interface EngineWorkersRole {
  readonly workers: EngineWorkers;
  /** Null while ready, else the reason. */
  notReady(): string | null;
  lag(): PartitionLag[];
  status(): object;
  stop(waitMs: number): Promise<void>;
}

/** @throws LogError where the log refuses; it waits for one that is away */
export async function startEngineWorkers(options: EngineWorkersRoleOptions): Promise<EngineWorkersRole> {
  const { log, topics: of, contents, lagEntriesMax, onFailed, logger } = options;
  const topics = topicsOf(of.prefix);
  await initialiseBackend();
  const partitions = await patiently(() => prepare(log, of), logger);
  const onRetired = (worker: string): void => {
    if (worker === options.worker) options.onRetired?.();
  };
  const mirror = new ContentsMirror({ log, topic: topics.contents, contents, onFailed, onRetired, logger });
  await patiently(() => mirror.start(), logger);
  const workers = new EngineWorkers({ ...options, topics, partitions, mirror, group: `${of.prefix}.engine` });
  await patiently(() => workers.start(), logger);
  return {
    workers,
    notReady() {
      if (workers.rebalances === 0) return 'no partitions assigned yet';
      if (workers.lag > lagEntriesMax) return `${workers.lag} records behind`;
      const waiting = [...workers.workers].find(([, { state }]) => state !== 'running');
      return waiting === undefined ? null : `partition ${waiting[0]}: ${waiting[1].state}`;
    },
    lag: () => [...workers.workers.keys()].map((partition) => ({ partition, records: workers.lagOf(partition) })),
    status: () => ({ partitions, damagedContents: mirror.damaged, ...workers.status() }),
    async stop(waitMs) {
      await workers.stop(waitMs);
      await mirror.stop();
    },
  };
}

export interface SignalGatewayOptions extends RoleOptions {
  readonly bus: Bus;
  readonly build: string;
  readonly storeOf: (partition: number) => SnapshotStore;
  readonly windowMs: number;
  readonly lagEntriesMax: number;
}

export interface SignalGatewayRole {
  readonly reader: SignalReader;
  notReady(): string | null;
  lag(): PartitionLag[];
  status(): object;
  stop(): Promise<void>;
}

/** Resolves once the bus holds all that was there. @throws LogError where the log refuses; it waits for one that is away */
export async function startSignalGateway(options: SignalGatewayOptions): Promise<SignalGatewayRole> {
  const { log, topics: of, windowMs, lagEntriesMax, logger } = options;
  const partitions = await patiently(() => prepare(log, of), logger);
  const reader = new SignalReader({ ...options, topics: topicsOf(of.prefix), partitions, windowUs: windowMs * 1000 });
  await patiently(() => reader.start(), logger);
  return {
    reader,
    notReady: () => (reader.lag > lagEntriesMax ? `${reader.lag} records behind` : null),
    lag: () => Array.from({ length: partitions }, (_, partition) => ({ partition, records: reader.lagOf(partition) })),
    status: () => ({ partitions, ...reader.status() }),
    stop: () => reader.stop(),
  };
}

/** Number of partitions, which the topic that is there decides. */
async function prepare(log: PartitionedLog, of: TopicOptions): Promise<number> {
  const topics = topicsOf(of.prefix);
  await log.prepare(topicSpecs(of));
  const [journal, signals] = [await log.extent(topics.journal), await log.extent(topics.signals)];
  if (journal.length !== signals.length)
    throw new LogError(
      'log_refused',
      `${topics.journal} has ${journal.length} partitions and ${topics.signals} ${signals.length}: they must be as many`,
    );
  return journal.length;
}
