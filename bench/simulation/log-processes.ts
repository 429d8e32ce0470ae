// The processes of the world of the log, each with the real parts of its role: an ingest that records and ships, workers
// that derive, gateways that read. Each has a line to the log, and a fuse.
import { join } from 'node:path';
import type { Logger } from 'pino';
import { hostTimeUs } from '../../engine/clock.ts';
import type { Input } from '../../engine/input.ts';
import { Contents } from '../../engine/journal/contents.ts';
import { Journal } from '../../engine/journal/journal.ts';
import { Recorder } from '../../engine/journal/recorder.ts';
import type { JournalShipper } from '../../engine/log/journal-shipper.ts';
import type { PartitionedLog } from '../../engine/log/partitioned-log.ts';
import {
  type EngineWorkersRole,
  type SignalGatewayRole,
  startEngineWorkers,
  startIngestShipping,
  startSignalGateway,
} from '../../engine/log/roles.ts';
import type { TopicOptions } from '../../engine/log/topics.ts';
import { startEntry } from '../../engine/start-entry.ts';
import type { SnapshotStore } from '../../engine/state/snapshot-store.ts';
import type { Disk } from './disk.ts';
import { Fuse } from './fuse.ts';
import type { WatchedBus } from './log-audit.ts';
import type { Broker } from './log-broker.ts';
import type { LogPlant, LogUser } from './log-plants.ts';
import { SimulatedLog } from './log-simulated.ts';
import { SETTINGS } from './settings.ts';
import type { VirtualTime } from './virtual-time.ts';

export const BUILD = 'simulation';
const LAG_ENTRIES_MAX = 100;

export interface Surroundings {
  readonly time: VirtualTime;
  readonly broker: Broker;
  readonly topics: TopicOptions;
  readonly folder: string;
  readonly logger: Logger;
  readonly plant: LogPlant | null;
  readonly storeOf: (fuse: Fuse) => (partition: number) => SnapshotStore;
  /** A process that is alive could not go on. */
  readonly onFailed: (name: string, error: Error) => void;
}

/** What all of them are: a name for what it sets up, a fuse, a line. */
export class LogProcess {
  readonly name: string;
  readonly fuse = new Fuse();
  readonly line: SimulatedLog;
  readonly log: PartitionedLog;
  protected readonly around: Surroundings;

  constructor(name: string, user: LogUser, around: Surroundings) {
    this.name = name;
    this.around = around;
    const { time, broker, plant } = around;
    this.fuse.whenDead(() => time.end(name));
    this.line = new SimulatedLog(broker, name, this.fuse);
    this.log = plant?.log(this.line, user) ?? this.line;
  }

  protected readonly failed = (error: Error): void => {
    if (this.fuse.isDead) return;
    this.around.onFailed(this.name, error);
    this.fuse.blow('a failure');
  };

  protected begin(work: () => Promise<void>): void {
    this.around.time.after(0, () => void work().catch(this.failed), this.name);
  }
}

export interface IngestOptions {
  readonly disk: Disk;
  readonly artifactFolder: string;
  readonly epoch: string;
  readonly term: number;
  readonly memoryBytesMax: number;
}

export class Ingest extends LogProcess {
  readonly journal: Journal;
  readonly shipper: JournalShipper;
  private readonly recorder: Recorder;

  constructor(name: string, around: Surroundings, options: IngestOptions) {
    super(name, 'ingest', around);
    const { folder, topics, logger } = around;
    const { disk, artifactFolder, epoch, term, memoryBytesMax } = options;
    const journalFolder = join(folder, 'journal');
    const contents = new Contents(join(folder, 'contents'));
    this.journal = new Journal({
      folder: journalFolder,
      segmentBytesMax: 32 * 1024,
      diskBudgetBytes: 1e9,
      disk: disk.of(this.fuse),
      log: logger,
    });
    this.recorder = new Recorder(this.journal, logger);
    this.shipper = startIngestShipping({
      log: this.log,
      topics,
      journalFolder,
      journalId: 'journal',
      nextOffset: this.journal.nextOffset,
      contents,
      term,
      memoryBytesMax,
      onFailed: this.failed,
      logger,
    });
    const feed = { source: 'simulated', identity: 'feed' } as const;
    const start = startEntry(
      { contents, settings: SETTINGS, artifactFolder, backend: 'plain', build: BUILD, feed },
      epoch,
    );
    const engineTimeUs = hostTimeUs();
    this.feed([
      { kind: 'control', engineTimeUs, command: start },
      { kind: 'session', engineTimeUs, session: 's1', event: 'connected' },
    ]);
  }

  get memoryBytes(): number {
    return (this.shipper.status() as { memoryBytes: number }).memoryBytes;
  }

  feed(inputs: Input[]): void {
    if (!this.fuse.isDead) this.shipper.record(this.recorder.record({ inputs, receivedUs: hostTimeUs() }));
  }
}

export class Worker extends LogProcess {
  role: EngineWorkersRole | null = null;
  private isStopping = false;

  constructor(name: string, around: Surroundings, snapshotEveryEntries: number) {
    super(name, 'worker', around);
    const { folder, topics, logger, storeOf } = around;
    this.begin(async () => {
      this.role = await startEngineWorkers({
        log: this.log,
        topics,
        worker: name,
        build: BUILD,
        contents: new Contents(join(folder, 'contents-of-workers')),
        storeOf: storeOf(this.fuse),
        snapshotEveryMs: 700,
        snapshotEveryEntries,
        lagEntriesMax: LAG_ENTRIES_MAX,
        onFailed: this.failed,
        logger,
      });
    });
  }

  /** Ends in order, then is as dead as others. */
  stop(): void {
    const { role } = this;
    if (role === null || this.isStopping) return;
    this.isStopping = true;
    this.begin(async () => {
      await role.stop(500);
      this.fuse.blow('its end, in order');
    });
  }
}

export class Gateway extends LogProcess {
  readonly bus: WatchedBus;
  role: SignalGatewayRole | null = null;

  constructor(name: string, around: Surroundings, bus: WatchedBus, windowMs: number) {
    super(name, 'gateway', around);
    this.bus = bus;
    const { topics, logger, storeOf } = around;
    this.begin(async () => {
      this.role = await startSignalGateway({
        log: this.log,
        topics,
        bus,
        build: BUILD,
        storeOf: storeOf(this.fuse),
        windowMs,
        lagEntriesMax: LAG_ENTRIES_MAX,
        onFailed: this.failed,
        logger,
      });
    });
  }
}
