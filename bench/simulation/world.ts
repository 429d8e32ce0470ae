// World 1, the data folder: one machine with a disk, a process of engine and gateway that is started again whenever it
// dies, a store of snapshots, a feed, an operator, and clients far away. One seed draws all of it; what must hold is
// looked at after every event.
import { join } from 'node:path';
import { hostTimeUs } from '../../engine/clock.ts';
import { dataLayout } from '../../engine/data-folder.ts';
import { Random } from '../../engine/emulator/market/random.ts';
import type { Engine } from '../../engine/engine.ts';
import type { OutputBatch } from '../../engine/messages.ts';
import type { DigestReport } from '../../engine/streams/streams.ts';
import { TEN } from '../../engine/test-market.ts';
import { writeSmallArtifact } from './artifact.ts';
import { Ledger, Publications } from './audience.ts';
import { ClientProcess } from './client-process.ts';
import { Disk, orphanLock } from './disk.ts';
import { EngineProcess } from './engine-process.ts';
import { planFaults } from './faults.ts';
import { loseSession, planMarket } from './feed.ts';
import { LIMITS } from './gateway-process.ts';
import { MARKET_SECONDS, marketOf, Wire } from './market.ts';
import { Network } from './network.ts';
import type { Plant } from './plants.ts';
import { replayInto } from './replayed.ts';
import type { SeedOptions, SeedReport } from './seed.ts';
import { SETTINGS } from './settings.ts';
import { RemoteStore } from './snapshot-store.ts';
import { Trace, Violation } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';

/** Faults end with the market; so long clients have to come back, and at least so long nothing new may go wrong. */
const QUIET_MS = 8000;
const QUIET_MS_MIN = 400;
const PATIENCE_MS = 60_000;
const CLIENTS = 3;
const WINDOWS_MS = [60_000, 1000];
const HISTORY_BYTES_MAX = 4 * 1024 * 1024;
const DOWN_MS_MAX = 500;
/** Frames of one flush may pass a client's bound by themselves. */
const FLUSH_BYTES_MAX = 512 * 1024;

export class World {
  private readonly seed: number;
  private readonly plant: Plant;
  private readonly dataFolder: string;
  private readonly artifactFolder: string;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly random: Random;
  readonly network: Network;
  readonly disk: Disk;
  readonly store: RemoteStore;
  readonly ledger: Ledger;
  private readonly publications: Publications;
  private readonly wire: Wire;
  private readonly counts: Record<string, number> = {};
  private readonly clients: ClientProcess[] = [];
  private readonly log;
  process: EngineProcess | null = null;
  private lives = 0;
  private durableOffset = 0;
  /** What the operator's file says, and what the engine is known to have been told. */
  private haltWanted = false;
  private haltTold = false;
  private epochMayEnd = true;
  private powerLost = false;
  /** No start since the power was lost could write the journal: the next one still holds itself to that loss. */
  private lossIsOpen = false;
  /** Longer than the whole seed, or so short that snapshots count and clients come too late. */
  private readonly windowMs: number;
  private ending = false;

  constructor(seed: number, folder: string, { plant = { about: 'none' }, onEvent }: SeedOptions) {
    this.seed = seed;
    this.plant = plant;
    this.dataFolder = join(folder, 'data');
    this.artifactFolder = writeSmallArtifact(folder);
    this.random = new Random(seed, 1);
    this.windowMs = WINDOWS_MS[this.random.below(2)];
    const names = new Random(seed, 2);
    this.time = new VirtualTime({ startMs: TEN / 1000, draw: () => names.int32() });
    const nowMs = (): number => this.time.nowMs;
    const { time } = this;
    this.trace = new Trace(nowMs, onEvent);
    const { trace } = this;
    this.network = new Network({ time, trace, random: new Random(seed, 3) });
    const onDurable = (): void => {
      this.durableOffset = this.process?.engine?.journal.nextOffset ?? this.durableOffset;
    };
    this.disk = new Disk({ random: new Random(seed, 4), trace, nowMs, onDurable });
    const durableOffset = (): number => this.durableOffset;
    this.store = new RemoteStore({ time, trace, random: new Random(seed, 5), durableOffset });
    this.ledger = new Ledger(trace);
    this.publications = new Publications(this.ledger, trace);
    this.wire = new Wire(new Random(seed, 6), 5 + this.random.below(60));
    this.log = trace.logger();
  }

  async run(): Promise<SeedReport> {
    const { time, trace } = this;
    time.take();
    try {
      this.live();
      const isWhole = this.windowMs === WINDOWS_MS[0];
      for (let i = 0; i < CLIENTS; i++)
        this.clients.push(new ClientProcess({ ...this, name: `client${i + 1}`, isWhole, sends: this.plant.sends }));
      planMarket(this, marketOf(this.seed), this.wire);
      planFaults(this);
      const endMs = MARKET_SECONDS * 1000;
      await time.runUntil(endMs, () => this.look());
      this.ending = true;
      this.process?.fuse.extinguish();
      this.disk.fullUntilMs = 0;
      await this.until(() => this.process?.isRunning === true);
      await time.runUntil(time.nowMs + QUIET_MS_MIN, () => this.look());
      await this.until(() => this.isAtRest(), QUIET_MS);
      await this.judge();
    } catch (error) {
      if (!(error instanceof Violation)) trace.fail('no_exception', (error as Error).stack ?? String(error));
    } finally {
      for (const client of this.clients) client.close();
      this.process?.bury();
      time.restore();
    }
    return { seed: this.seed, steps: time.steps, virtualMs: time.nowMs, ...trace.outcome(), counts: this.counts };
  }

  /** After each event. */
  private look(): void {
    for (const { name, queuedBytes } of this.network.connections) {
      if (queuedBytes > 2 * LIMITS.queueBytesMax + FLUSH_BYTES_MAX)
        this.trace.fail('queues_bounded', `${queuedBytes} bytes wait for ${name}`);
    }
    if (this.trace.violation !== null) throw this.trace.violation;
  }

  turnKillSwitch(): void {
    this.halt(!this.haltWanted);
  }

  private live(): void {
    const { time, network, log, random } = this;
    this.lives += 1;
    const process = new EngineProcess({
      name: `engine${this.lives}`,
      time,
      network,
      log,
      engine: (fuse) => ({
        dataFolder: this.dataFolder,
        settings: SETTINGS,
        artifactFolder: this.artifactFolder,
        backend: 'plain',
        journal: { segmentBytesMax: 32 * 1024, diskBudgetBytes: 1e9, syncMs: 250 },
        snapshotEveryMs: 700,
        snapshotEveryEntries: 200,
        clockPeriodMs: 250,
        resume: { windowMs: this.windowMs, bytesMax: HISTORY_BYTES_MAX },
        remoteSnapshots: this.store.of(fuse),
        disk: this.plant.disk?.(this.disk.of(fuse)) ?? this.disk.of(fuse),
        log,
      }),
      onPublished: (batch, engine) => this.published(batch, engine),
      onOpened: (engine) => this.opened(engine),
      onStarted: () => this.started(),
      onFailed: (error) => this.trace.fail('starts_again', (error as Error).stack ?? String(error)),
    });
    this.process = process;
    process.fuse.whenDead((at) => this.died(process, at));
    if (this.lives > 1 && !this.ending && random.below(4) === 0) process.fuse.light(1 + random.below(8));
    process.begin();
  }

  private died(process: EngineProcess, at: string): void {
    const { random, time, trace } = this;
    const lostPower = random.below(3) === 0;
    trace.note(`${process.name} dies at ${at}${lostPower ? ', and the machine with it' : ''}`);
    this.count(lostPower ? 'power lost' : 'killed');
    if (lostPower) this.powerLost = true;
    const unjournaled = this.publications.epoch.startsWith('unjournaled-');
    if (lostPower || unjournaled) this.haltTold = false;
    time.after(1 + random.below(DOWN_MS_MAX), () => this.revive(process, lostPower), '');
  }

  private revive(process: EngineProcess, lostPower: boolean): void {
    const { random } = this;
    process.bury();
    const layout = dataLayout(this.dataFolder);
    if (lostPower) this.disk.losePower(layout.journal);
    const seenLoss = lostPower && this.plant.forgetsPowerLoss !== true;
    orphanLock(this.dataFolder, seenLoss ? (random.below(4) === 0 ? 'torn' : 'power_lost') : 'killed');
    if (lostPower) this.epochMayEnd = this.lossIsOpen = true;
    if (random.below(4) === 0) this.disk.damageNewest(layout.snapshots);
    this.live();
  }

  stopInOrder(): void {
    const { process, time } = this;
    if (process === null || !process.isRunning) return;
    this.count('stopped in order');
    this.trace.note(`${process.name} is stopped`);
    // In the name of nobody, so that a process that dies while it ends is found dead.
    void process.stop().then((report) => {
      if (report === null) return;
      time.end(process.name);
      process.engine = null;
      // What has ended in order cannot die any more.
      if (this.process === process) this.process = null;
      time.after(1 + this.random.below(DOWN_MS_MAX), () => this.live(), '');
    });
  }

  private opened({ journal, machine, recovered }: Engine): void {
    if (this.powerLost) this.durableOffset = journal.nextOffset;
    this.powerLost = false;
    if (machine.epoch === '') this.epochMayEnd = true;
    const { snapshotOffset, replayedEntries } = recovered;
    this.trace.note(`recovered from snapshot ${snapshotOffset} and ${replayedEntries} entries`);
    this.count(snapshotOffset === null ? 'recovered from the journal' : 'recovered from a snapshot');
  }

  private started(): void {
    if (this.process!.engine?.recorder.available) this.lossIsOpen = false;
    const timed = { kind: 'session', engineTimeUs: hostTimeUs(), session: 's1' } as const;
    this.process!.feed([{ ...timed, event: 'connected' }]);
    if (this.haltWanted !== (this.process!.engine?.machine.haltReason === 'kill_switch')) this.halt(this.haltWanted);
  }

  private published(batch: OutputBatch, { machine }: Engine): void {
    const { epoch } = this.publications;
    if (batch.epoch !== epoch) {
      this.trace.note(`epoch ${batch.epoch} after ${epoch}`);
      this.count('epochs');
      const unjournaled = batch.epoch.startsWith('unjournaled-') || epoch.startsWith('unjournaled-');
      if (!this.epochMayEnd && !unjournaled && !this.lossIsOpen)
        this.trace.fail('epoch_goes_on', `${epoch} ended for no reason`);
      this.epochMayEnd = false;
    }
    const updates = batch.updates.map(({ stream, prevSeq }) => `${stream.key}>${prevSeq}`).join(' ');
    this.trace.note(`published ${updates}`);
    this.count('updates', batch.updates.length);
    this.publications.take(batch, machine.timeUs, this.haltTold);
  }

  loseSession(): void {
    loseSession(this);
  }

  private halt(on: boolean): void {
    this.haltWanted = on;
    if (!on) this.haltTold = false;
    const told = this.process?.command({ type: 'kill_switch', on, reason: 'simulated' }) ?? false;
    this.trace.note(`kill switch ${on ? 'on' : 'off'}${told ? '' : ', and nobody heard'}`);
    if (told) this.haltTold = on;
  }

  /** The end: what was published, what the journal says, what clients have. */
  private async judge(): Promise<void> {
    const { process, trace, ledger } = this;
    const engine = process?.engine ?? null;
    if (process === null || engine === null || !process.isRunning) {
      trace.fail('starts_again', 'no engine runs at the end');
      throw trace.violation;
    }
    const { epoch } = this.publications;
    for (const { witness } of this.clients) witness.complete(epoch);
    let report: DigestReport | null = null;
    void process.stop().then((ended) => {
      report = ended;
    });
    await this.until(() => report !== null);
    const live = report as DigestReport | null;
    const replayed = replayInto(ledger, this.dataFolder);
    if (live?.digest !== replayed.digest)
      trace.fail(
        'digest',
        `live ${live?.digest} of ${live?.messages}, replayed ${replayed.digest} of ${replayed.messages}`,
      );
    if (trace.violation !== null) throw trace.violation;
  }

  /** The journal is written again, and whoever was promised all has it. */
  private isAtRest(): boolean {
    const { epoch } = this.publications;
    return !epoch.startsWith('unjournaled-') && this.clients.every(({ witness }) => witness.missing(epoch) === null);
  }

  /** Time goes on until then, or until patience is over. */
  private async until(condition: () => boolean, patienceMs = PATIENCE_MS): Promise<void> {
    const { time } = this;
    const untilMs = time.nowMs + patienceMs;
    while (!condition() && time.nowMs < untilMs) await time.runUntil(time.nowMs + 100, () => this.look());
  }

  private count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }
}
