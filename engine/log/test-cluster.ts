// For tests: ingest, engine workers and gateways in this process on one real Kafka, and what an undisturbed follower makes of
// the same journal, stream by stream. All of it ends with the test.
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import { Bus } from '../bus/bus.ts';
import { hostTimeUs } from '../clock.ts';
import { Follower } from '../follower.ts';
import type { Input } from '../input.ts';
import { Contents } from '../journal/contents.ts';
import { Journal } from '../journal/journal.ts';
import { readJournal } from '../journal/reader.ts';
import { Recorder } from '../journal/recorder.ts';
import type { StreamUpdate } from '../messages.ts';
import { startEntry } from '../start-entry.ts';
import { FolderSnapshotStore } from '../state/snapshot-store.ts';
import { ARTIFACT_FOLDER, control, TEN, testSettings } from '../test-market.ts';
import type { JournalShipper } from './journal-shipper.ts';
import { KafkaLog } from './kafka-log.ts';
import {
  type EngineWorkersRole,
  type EngineWorkersRoleOptions,
  type SignalGatewayRole,
  startEngineWorkers,
  startIngestShipping,
  startSignalGateway,
} from './roles.ts';
import { type SucceedWorkersOptions, succeedWorkers } from './shadow-workers.ts';
import type { TopicOptions } from './topics.ts';

export const until = (condition: () => boolean) => vi.waitUntil(condition, { timeout: 40_000, interval: 20 });

/** What each stream said, and the epoch it was said in; what a partition says of itself is left out. */
export class Said {
  readonly streams = new Map<string, string>();
  messages = 0;

  add(epoch: string, updates: readonly StreamUpdate[]): void {
    for (const { stream, messages } of updates) {
      if (stream.instrument.startsWith('engine')) continue;
      const key = `${epoch} ${stream.key}`;
      this.messages += messages.length;
      // One at a time: the log may cut a batch elsewhere than the journal did.
      for (const message of messages)
        this.streams.set(key, hash('sha256', (this.streams.get(key) ?? '') + JSON.stringify(message), 'hex'));
    }
  }

  sorted(): [string, string][] {
    return [...this.streams].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

export class TestCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'kisignal-cluster-'));
  readonly topics: TopicOptions;
  readonly lines: { readonly msg: string; readonly [name: string]: unknown }[] = [];
  readonly failures: Error[] = [];
  /** Workers that ended because another one took over. */
  readonly retired: string[] = [];
  readonly contents: Contents;
  readonly journal: Journal;
  shipper: JournalShipper;
  private readonly recorder: Recorder;
  private readonly brokers: readonly string[];
  private readonly logger = pino({ level: 'info' }, { write: (line: string) => this.lines.push(JSON.parse(line)) });
  private readonly ends: (() => Promise<unknown>)[] = [];
  private readonly ingestLog: KafkaLog;
  private memoryBytesMax: number | undefined;
  private members = 0;

  constructor(brokers: readonly string[], prefix: string, partitions: number) {
    this.brokers = brokers;
    const retentionMs = 3_600_000;
    this.topics = { prefix, partitions, replicas: 1, journalRetentionMs: retentionMs, signalRetentionMs: retentionMs };
    this.contents = new Contents(join(this.folder, 'contents'));
    const { logger: log } = this;
    this.journal = new Journal({ folder: this.journalFolder, segmentBytesMax: 1 << 20, diskBudgetBytes: 1e9, log });
    this.recorder = new Recorder(this.journal, log);
    this.ingestLog = this.open();
    this.shipper = this.newShipper(0);
    onTestFinished(() => this.end());
  }

  get journalFolder(): string {
    return join(this.folder, 'journal');
  }

  open(sockets: Sockets = new Sockets()): KafkaLog {
    const { brokers, logger: log } = this;
    const socketFactory = sockets.factory;
    const one = new KafkaLog({ brokers, clientId: 'test', compression: 'none', sessionMs: 1500, log, socketFactory });
    this.ends.push(() => one.close());
    return one;
  }

  /** As if the process had been killed and begun again: nothing is told by the old one. */
  restartShipper(memoryBytesMax?: number): void {
    void this.shipper.stop(0);
    this.memoryBytesMax = memoryBytesMax;
    // The clock was set back meanwhile: its term would lie below that of the one before.
    this.shipper = this.newShipper(-1);
  }

  start(epoch: string, feed = 'feed'): this {
    const settings = testSettings();
    const { contents } = this;
    const of = { contents, settings, artifactFolder: ARTIFACT_FOLDER, backend: 'plain', build: 'test' } as const;
    return this.play([[control(startEntry({ ...of, feed: { source: 'simulated', identity: feed } }, epoch), TEN)]]);
  }

  play(batches: readonly (readonly Input[])[]): this {
    for (const inputs of batches) {
      const copies = inputs.map((input) => ({ ...input }));
      this.shipper.record(this.recorder.record({ inputs: copies, receivedUs: hostTimeUs() }));
    }
    return this;
  }

  engine(sockets?: Sockets): Promise<EngineWorkersRole> {
    return this.worker(startEngineWorkers, { log: this.open(sockets) });
  }

  /** A worker that takes over from those that serve. */
  successor(change: Partial<SucceedWorkersOptions> = {}): Promise<EngineWorkersRole> {
    return this.worker(succeedWorkers, { log: this.open(), compareMs: 500, timeoutMs: 20_000, ...change });
  }

  private async worker<O extends EngineWorkersRoleOptions>(
    start: (options: O) => Promise<EngineWorkersRole>,
    change: Partial<O>,
  ): Promise<EngineWorkersRole> {
    const worker = `worker-${this.members++}`;
    let role: EngineWorkersRole | null = null;
    const options: EngineWorkersRoleOptions = {
      log: change.log!,
      topics: this.topics,
      worker,
      build: 'test',
      contents: new Contents(join(this.folder, `contents-of-${worker}`)),
      storeOf: (partition) => this.storeOf(partition),
      snapshotEveryMs: 300,
      snapshotEveryEntries: 400,
      lagEntriesMax: 100_000,
      onFailed: (error) => this.failures.push(error),
      onRetired: () => void role?.stop(5000).then(() => this.retired.push(worker)),
      logger: this.logger,
    };
    role = await start({ ...options, ...change } as O);
    const { stop } = role;
    this.ends.push(() => stop(100));
    return role;
  }

  /** A gateway, and what it hands to its clients. */
  async gateway(): Promise<{ readonly role: SignalGatewayRole; readonly said: Said }> {
    const bus = new Bus();
    const said = new Said();
    bus.subscribe(({ epoch, updates }) => said.add(epoch, updates));
    const role = await startSignalGateway({
      log: this.open(),
      topics: this.topics,
      bus,
      build: 'test',
      storeOf: (partition) => this.storeOf(partition),
      windowMs: 60_000,
      lagEntriesMax: 100_000,
      onFailed: (error) => this.failures.push(error),
      logger: this.logger,
    });
    this.ends.push(() => role.stop());
    return { role, said };
  }

  storeOf(partition: number): FolderSnapshotStore {
    return new FolderSnapshotStore(join(this.folder, 'snapshots', String(partition)));
  }

  /** What one follower of the whole journal says. */
  undisturbed(): Said {
    const { contents, logger: log } = this;
    const follower = new Follower({ contents, log });
    const said = new Said();
    follower.bus.subscribe(({ epoch, updates }) => said.add(epoch, updates));
    for (const batch of readJournal({ folder: this.journalFolder }))
      follower.apply({ ...batch, receivedUs: hostTimeUs() });
    return said;
  }

  logged(message: RegExp) {
    return this.lines.filter(({ msg }) => message.test(msg));
  }

  private newShipper(term: number): JournalShipper {
    mkdirSync(this.journalFolder, { recursive: true });
    return startIngestShipping({
      log: this.ingestLog,
      topics: this.topics,
      journalFolder: this.journalFolder,
      journalId: 'journal-1',
      nextOffset: this.journal.nextOffset,
      contents: this.contents,
      term,
      ...(this.memoryBytesMax === undefined ? {} : { memoryBytesMax: this.memoryBytesMax }),
      onFailed: (error) => this.failures.push(error),
      logger: this.logger,
    });
  }

  private async end(): Promise<void> {
    await this.shipper.stop(0);
    for (const end of this.ends.reverse()) await end();
    this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Connections that a test cuts, as if their process had been killed. */
export class Sockets {
  private readonly open: Socket[] = [];
  private isCut = false;

  readonly factory = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket => {
    const socket = connect(this.isCut ? 1 : port, host, onConnect);
    socket.setNoDelay(true);
    this.open.push(socket);
    return socket;
  };

  cut(): void {
    this.isCut = true;
    for (const socket of this.open) socket.destroy(new Error('cut'));
  }
}
