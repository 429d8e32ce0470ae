// World 2, the log: an ingest with its journal, workers in a group, gateways that read all of it, on a log that delays,
// fails, lands things twice or late, and shares partitions out anew. One seed draws all of it; at the end what gateways
// have is held against one follower of the whole journal.
import { join } from 'node:path';
import { hostTimeUs } from '../../engine/clock.ts';
import { Random } from '../../engine/emulator/market/random.ts';
import type { Input } from '../../engine/input.ts';
import { TEN } from '../../engine/test-market.ts';
import { writeSmallArtifact } from './artifact.ts';
import { Ledger } from './audience.ts';
import { Disk } from './disk.ts';
import { WatchedBus } from './log-audit.ts';
import { Broker } from './log-broker.ts';
import { planLogFaults } from './log-faults.ts';
import { holdAgainstFollower } from './log-follower.ts';
import type { LogPlant } from './log-plants.ts';
import { Gateway, Ingest, type LogProcess, type Surroundings, Worker } from './log-processes.ts';
import { MARKET_SECONDS, marketOf, STEP_MS, Wire } from './market.ts';
import type { SeedReport } from './seed.ts';
import { RemoteStore } from './snapshot-store.ts';
import { Trace, Violation } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';

export interface LogSeedOptions {
  readonly plant?: LogPlant | undefined;
  readonly onEvent?: ((line: string) => void) | undefined;
}

/** Faults end with the market; so long the rest has to come back, and lag to end. */
const PATIENCE_MS = 20_000;
const DOWN_MS_MAX = 1500;
const CLOCK_MS = 250;
const GATEWAYS = 2;
/** Of one batch, which may be larger than the bound by itself. */
const BATCH_BYTES_MAX = 64 * 1024;
const RETENTION_MS = 3_600_000;

export class LogWorld {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly random: Random;
  readonly broker: Broker;
  readonly stores: RemoteStore[];
  ingest: Ingest | null = null;
  readonly workers: Worker[] = [];
  readonly gateways: Gateway[] = [];
  /** Retention has taken outputs that somebody still needed. */
  outputsLost = false;
  /** Retention has taken shares that no snapshot may hold: only a new epoch goes on. */
  epochWanted = false;
  private readonly seed: number;
  private readonly artifactFolder: string;
  private readonly ledger: Ledger;
  private readonly disk: Disk;
  private readonly around: Surroundings;
  private readonly counts: Record<string, number> = {};
  private readonly workersWanted: number;
  private readonly memoryBytesMax: number;
  private readonly windowMs: number;
  private lives = 0;
  private term = 0;
  private epoch = 0;

  constructor(seed: number, folder: string, { plant, onEvent }: LogSeedOptions) {
    this.seed = seed;
    this.artifactFolder = writeSmallArtifact(folder);
    const random = new Random(seed, 21);
    this.random = random;
    const partitions = 2 + random.below(3);
    this.workersWanted = 1 + random.below(3);
    this.memoryBytesMax = 1 << (10 + random.below(10));
    this.windowMs = random.below(2) === 0 ? 60_000 : 1500;
    const names = new Random(seed, 22);
    const time = new VirtualTime({ startMs: TEN / 1000, draw: () => names.int32() });
    const nowMs = (): number => time.nowMs;
    const trace = new Trace(nowMs, onEvent);
    this.time = time;
    this.trace = trace;
    const count = (what: string): void => this.count(what);
    this.broker = new Broker({ time, trace, random: new Random(seed, 23), partitions, count });
    const durableOffset = (): number => Infinity;
    this.stores = Array.from(
      { length: partitions },
      (_, i) => new RemoteStore({ time, trace, random: new Random(seed, 30 + i), durableOffset }),
    );
    this.disk = new Disk({ random: new Random(seed, 24), trace, nowMs, onDurable: () => {} });
    this.ledger = new Ledger(trace);
    const logger = trace.logger();
    this.around = {
      time,
      broker: this.broker,
      topics: {
        prefix: 'simulated',
        partitions,
        replicas: 1,
        journalRetentionMs: RETENTION_MS,
        signalRetentionMs: RETENTION_MS,
      },
      folder,
      logger,
      plant: plant ?? null,
      storeOf: (fuse) => (partition) => this.stores[partition].of(fuse),
      onFailed: (name, error) => this.failed(name, error),
    };
  }

  async run(): Promise<SeedReport> {
    const { time, trace } = this;
    time.take();
    try {
      this.startIngest(false);
      for (let i = 0; i < this.workersWanted; i++) this.startWorker();
      for (let i = 0; i < GATEWAYS; i++) this.startGateway(i);
      this.planMarket();
      planLogFaults(this);
      await time.runUntil(MARKET_SECONDS * 1000, () => this.look());
      this.endFaults();
      await this.until('lag_ends', () => this.isAtRest());
      const { folder, logger: log } = this.around;
      const last = holdAgainstFollower({ folder, ledger: this.ledger, log });
      for (const { bus } of this.gateways) {
        bus.holdHistory();
        if (bus.epoch !== last.epoch) trace.fail('epoch', `${bus.epoch} at a gateway, ${last.epoch} in the journal`);
        for (const [key, seq] of last.seqs)
          if (bus.lastSeq(key) !== seq)
            trace.fail('no_hole', `${key} ends at ${bus.lastSeq(key)}, undisturbed at ${seq}`);
      }
    } catch (error) {
      if (!(error instanceof Violation)) trace.fail('no_exception', (error as Error).stack ?? String(error));
    } finally {
      for (const process of this.processes()) process.fuse.blow('the end');
      this.ingest?.journal.close();
      time.restore();
    }
    return { seed: this.seed, steps: time.steps, virtualMs: time.nowMs, ...trace.outcome(), counts: this.counts };
  }

  *processes(): Iterable<LogProcess> {
    if (this.ingest !== null) yield this.ingest;
    yield* this.workers;
    yield* this.gateways;
  }

  count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }

  startWorker(): void {
    const name = `worker${++this.lives}`;
    const worker = new Worker(name, this.around, 20 + this.random.below(300));
    this.workers.push(worker);
    worker.fuse.whenDead((at) => {
      this.trace.note(`${name} dies at ${at}`);
      this.count('workers ended');
      this.workers.splice(this.workers.indexOf(worker), 1);
      if (this.workers.length < this.workersWanted) this.soon(() => this.startWorker());
    });
  }

  private startGateway(i: number): void {
    const name = `gateway${i}.${++this.lives}`;
    const { ledger, trace } = this;
    const bus = new WatchedBus({ name, ledger, trace, mayMiss: () => this.outputsLost });
    const gateway = new Gateway(name, this.around, bus, this.windowMs);
    this.gateways[i] = gateway;
    gateway.fuse.whenDead((at) => {
      if (at === 'the end') return;
      trace.note(`${name} dies at ${at}`);
      this.count('gateways ended');
      this.soon(() => this.startGateway(i));
    });
  }

  private startIngest(isNewEpoch: boolean): void {
    const name = `ingest${++this.lives}`;
    if (isNewEpoch || this.epoch === 0) this.epoch += 1;
    this.term += 1;
    const { artifactFolder, disk, term, memoryBytesMax, random, trace, around } = this;
    const begin = (): void => {
      const options = { artifactFolder, disk, term, memoryBytesMax, epoch: `e${this.epoch}` };
      const ingest = new Ingest(name, around, options);
      trace.note(`${name} begins at ${ingest.journal.nextOffset} under epoch ${options.epoch}`);
      this.ingest = ingest;
      ingest.fuse.whenDead((at) => {
        if (at === 'the end') return;
        const losesPower = random.below(3) === 0;
        trace.note(`${name} dies at ${at}${losesPower ? ', and the machine with it' : ''}`);
        this.count(losesPower ? 'ingest lost power' : 'ingest killed');
        this.soon(() => {
          ingest.journal.close();
          if (losesPower) disk.losePower(join(around.folder, 'journal'));
          const asked = this.epochWanted;
          this.epochWanted = false;
          this.startIngest(losesPower || asked || random.below(6) === 0);
        });
      });
    };
    this.time.after(0, begin, name);
  }

  private planMarket(): void {
    const { time, random } = this;
    const wire = new Wire(new Random(this.seed, 26), 20 + random.below(60));
    const feed = (input: (engineTimeUs: number) => Input[]): void => {
      const inputs = input(hostTimeUs());
      if (inputs.length > 0) this.ingest?.feed(inputs);
    };
    for (const [step, frames] of marketOf(this.seed).entries())
      time.after(
        (step + 1) * STEP_MS,
        () => feed((engineTimeUs) => wire.deliver(frames).map((bytes) => ({ kind: 'frame', engineTimeUs, bytes }))),
        '',
      );
    for (let atMs = CLOCK_MS; atMs <= MARKET_SECONDS * 1000; atMs += CLOCK_MS)
      time.after(atMs, () => feed((engineTimeUs) => [{ kind: 'clock', engineTimeUs }]), '');
    for (let atMs = 400; atMs <= MARKET_SECONDS * 1000; atMs += 400)
      time.after(atMs, () => this.ingest?.journal.sync(), '');
  }

  private endFaults(): void {
    this.trace.note('faults end');
    this.broker.faultOneIn = 0;
    this.broker.awayUntilMs = 0;
    for (const store of this.stores) store.awayUntilMs = 0;
    for (const { fuse } of this.processes()) fuse.extinguish();
    if (this.epochWanted) this.ingest?.fuse.blow('a new epoch is wanted');
  }

  private isAtRest(): boolean {
    const { ingest, workers, gateways, broker } = this;
    if (ingest === null || ingest.fuse.isDead || this.epochWanted || ingest.shipper.entriesBehind > 0) return false;
    const held = workers.flatMap(({ role }) => [...(role?.workers.workers ?? [])]);
    if (held.length !== broker.options.partitions || workers.some(({ role }) => role === null)) return false;
    for (const { role } of workers) if (role!.notReady() !== null && role!.workers.workers.size > 0) return false;
    if (workers.some(({ role }) => role!.workers.lag > 0)) return false;
    const [journal] = [...broker.topics].filter(([name]) => name.endsWith('.journal'));
    if (held.some(([partition, { position }]) => position < journal[1][partition].next)) return false;
    return gateways.every(({ role, bus }) => role !== null && role.reader.lag === 0 && bus.epoch === `e${this.epoch}`);
  }

  private look(): void {
    const { ingest, trace, memoryBytesMax } = this;
    if (ingest !== null && ingest.memoryBytes > memoryBytesMax + BATCH_BYTES_MAX)
      trace.fail('memory_bounded', `${ingest.memoryBytes} bytes wait in ${ingest.name}`);
    if (trace.violation !== null) throw trace.violation;
  }

  private failed(name: string, error: Error): void {
    this.trace.note(`${name} cannot go on: ${error.message}`);
    this.count('failures');
    const isRetention = this.outputsLost || this.epochWanted || /offset_out_of_range/.test(error.message);
    if (!isRetention) this.trace.fail('goes_on', `${name}: ${error.stack}`);
  }

  private soon(run: () => void): void {
    this.time.after(1 + this.random.below(DOWN_MS_MAX), run, '');
  }

  private async until(invariant: string, condition: () => boolean): Promise<void> {
    const { time, trace } = this;
    const untilMs = time.nowMs + PATIENCE_MS;
    while (!condition() && time.nowMs < untilMs) await time.runUntil(time.nowMs + 100, () => this.look());
    if (!condition()) trace.fail(invariant, `not within ${PATIENCE_MS} ms: ${this.describe()}`);
    if (trace.violation !== null) throw trace.violation;
  }

  private describe(): string {
    const workers = this.workers.map(({ name, role }) => ({ name, ready: role?.notReady(), ...role?.status() }));
    const gateways = this.gateways.map(({ name, role, bus }) => ({ name, epoch: bus.epoch, ...role?.status() }));
    return JSON.stringify({ behind: this.ingest?.shipper.entriesBehind, workers, gateways });
  }
}
