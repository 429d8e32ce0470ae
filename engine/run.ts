// A run as the command line sees it: the emulator or KIS, the engine on its data folder, Redis, and the figures that the
// rooms around it show. `startRun` prepares all of it; nothing flows before `begin`.
import type { Logger } from 'pino';
import { interval, type Observable, Subscription as RxSubscription, Subject } from 'rxjs';
import type { KisKey } from '../config/kis-account.ts';
import type { LoadedConfig } from '../config/load.ts';
import { dataFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { hostTimeUs } from './clock.ts';
import { engineOptions, redisOptions, registrations, universe } from './configuration.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import { emulatedKeys, newEmulator, runningEmulator, sayIgnored } from './emulator-of-run.ts';
import { type Engine, openEngine } from './engine.ts';
import { type KisFeed, openKisFeed } from './feed.ts';
import type { NoticeVault } from './governance/notice-vault.ts';
import { takeServingLock } from './hand-over/serving-lock.ts';
import { limitHeapGrowth } from './heap.ts';
import type { Subscription } from './input.ts';
import type { FolderLock } from './journal/folder-lock.ts';
import { haltFile, type KillSwitchCommand, killSwitch } from './kill-switch.ts';
import { sayMarketHours } from './market-hours.ts';
import type { Finding } from './quality/findings.ts';
import { qualityOf, qualityScores } from './quality-status.ts';
import { gapToFill, openRestFeed, type RestFeed, tokenStore, watchedInstruments } from './rest-feed.ts';
import { RedisState } from './state/redis-state.ts';
import type { SnapshotMaker } from './state/snapshotter.ts';
import { lossesOf, quarantinedFrame, statusOf } from './status.ts';
import type { DigestReport } from './streams/streams.ts';
import { registrationsOf, subscriptions, subscriptionsFile } from './subscriptions.ts';
import { checkSurroundings } from './surroundings.ts';
import { type GatewayFigures, NO_GATEWAY } from './telemetry/gateway-figures.ts';
import { LatencyRecorder } from './telemetry/latency.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { stateFigures } from './telemetry/state-figures.ts';
import type { StatusFigures } from './telemetry/status-line.ts';
import { VitalsPublisher } from './vitals.ts';

const VITALS_MS = 1000;
export interface Run {
  readonly bus: Engine['bus'];
  readonly origin: () => { epoch: string; source: Engine['machine']['source'] };
  readonly status: () => unknown;
  /** What /v1/quality says: scores, and the newest evidence. */
  readonly quality: () => unknown;
  readonly metrics: () => Promise<string>;
  readonly ready: () => boolean;
  readonly figures: () => StatusFigures;
  /** Resolves with the reason once the feed has failed for good. */
  readonly failed: Promise<string>;
  /** Lets connections and metrics of the gateway be counted. */
  attach(gateway: GatewayFigures): void;
  begin(): void;
  stop(reason: string): Promise<DigestReport>;
}

type Loaded = Pick<LoadedConfig, 'config' | 'kisKeys'>;

/**
 * @param main module of the command line, which the emulator's process runs
 * @param snapshotMaker makes snapshots beside this process (by default this one does)
 */
export async function startRun(
  { config, kisKeys }: Loaded,
  log: Logger,
  main: string,
  snapshotMaker?: SnapshotMaker,
): Promise<Run> {
  const { vault, masterKey } = checkSurroundings(config);
  const folder = dataFolder(config);
  limitHeapGrowth(universe(config).length);
  sayMarketHours(config, log);
  const emulate = config.source.env === 'emulator';
  const running = emulate ? await runningEmulator(config, folder) : null;
  const redis =
    config.state.redisUrl === null ? null : new RedisState(redisOptions(config, config.state.redisUrl, log));
  const findings = new Subject<Finding>();
  const options = {
    ...engineOptions(config, log),
    onFinding: (finding: Finding) => findings.next(finding),
    ...(snapshotMaker && { snapshotMaker }),
    ...(redis && { remoteSnapshots: redis }),
  };
  // The role `engine` may serve the folder without writing its journal.
  const serving = takeServingLock(folder);
  const [opened, emulated] = await Promise.allSettled([
    openEngine(options),
    emulate ? (running ?? newEmulator(config, folder, main)) : null,
  ]);
  if (opened.status === 'rejected' || emulated.status === 'rejected') {
    serving.release();
    await redis?.close();
    if (opened.status === 'fulfilled') await opened.value.stop('start_failed');
    if (emulated.status === 'fulfilled' && emulated.value?.found === false) emulated.value.stop();
    throw opened.status === 'rejected' ? opened.reason : (emulated as PromiseRejectedResult).reason;
  }
  emulated.value?.remember();
  if (running !== null) sayIgnored(config, running, log);
  const keys = emulate ? emulatedKeys(config) : kisKeys;
  const engine = opened.value;
  const sources = { keys, emulator: emulated.value, redis, vault, masterKey, findings };
  return new EngineRun({ config, log, engine, serving, ...sources });
}

interface RunParts {
  readonly config: Config;
  readonly keys: readonly KisKey[];
  readonly log: Logger;
  readonly engine: Engine;
  readonly serving: FolderLock;
  readonly emulator: EmulatorProcess | null;
  readonly redis: RedisState | null;
  readonly vault: NoticeVault | null;
  readonly masterKey: Buffer | null;
  readonly findings: Observable<Finding>;
}

class EngineRun implements Run {
  readonly failed: Promise<string>;
  private readonly parts: RunParts;
  private readonly feed: KisFeed;
  /** Null where the feed is a recording: REST knows nothing of its day. */
  private readonly rest: RestFeed | null;
  private readonly latency = new LatencyRecorder();
  private readonly vitals: VitalsPublisher;
  private readonly prometheus: ReturnType<typeof createMetrics>;
  private readonly running = new RxSubscription();
  private gateway: GatewayFigures = NO_GATEWAY;
  private quarantineLogged = 0;
  private fail: (reason: string) => void = () => {};

  constructor(parts: RunParts) {
    this.parts = parts;
    const { config, keys, engine, emulator, redis, log, vault, masterKey } = parts;
    this.failed = new Promise((resolve) => {
      this.fail = resolve;
    });
    this.feed = openKisFeed({
      config,
      keys,
      emulator,
      redis,
      vault,
      log,
      onFailed: (code) => this.fail(`feed_failed ${code}`),
      onNotice: (record) => this.rest?.positions?.notice(record),
      calendar: () => engine.machine.calendar,
    });
    const [key] = keys;
    this.rest =
      key === undefined || this.feed.source === 'recorded'
        ? null
        : openRestFeed({
            config,
            key,
            emulator,
            owner: {
              command: (command) => engine.command(command),
              contents: engine.contents,
              watched: () => watchedInstruments(engine.machine.instruments),
            },
            feed: this.feed,
            tokenStore: tokenStore(config, key, emulator, masterKey),
            log,
            onLatency: (operation, seconds) => this.prometheus.observeUpstream(operation, seconds),
          });
    this.vitals = new VitalsPublisher({
      engine,
      latency: this.latency,
      connections: () => this.gateway.connections,
      state: () => this.state,
      nowUs: hostTimeUs,
      venue: config.universe.venue,
    });
    this.prometheus = createMetrics({
      counters: () => engine.machine.counters,
      feedConnected: () => engine.machine.feedConnected,
      journalBytes: () => engine.journal.bytesWritten,
      gateway: () => this.gateway,
      losses: () => lossesOf(parts),
      quality: () => qualityScores(engine.machine.quality),
      further: () => stateFigures({ ...engine, redis }),
    });
  }

  get bus(): Engine['bus'] {
    return this.parts.engine.bus;
  }

  readonly origin = () => ({
    epoch: this.parts.engine.machine.epoch,
    source: this.feed.source,
  });

  readonly metrics = (): Promise<string> => this.prometheus.text();

  readonly ready = (): boolean => this.parts.engine.machine.feedConnected;

  readonly quality = (): unknown => qualityOf(this.parts.engine.machine);

  readonly status = (): unknown =>
    statusOf({
      ...this.parts,
      feed: this.feed,
      rest: this.rest,
      vitals: this.vitals,
      gateway: this.gateway,
      snapshots: this.parts.engine.snapshots,
    });

  readonly figures = (): StatusFigures => this.vitals.figures(this.origin().source);

  attach(gateway: GatewayFigures): void {
    this.gateway = gateway;
  }

  begin(): void {
    const { config, engine, redis } = this.parts;
    this.running.add(
      engine.published.subscribe((output) => {
        if (output.updates.length > 0) {
          this.latency.record(output.times);
          this.prometheus.observe(output.times);
        }
        this.vitals.publishChange();
        this.logQuarantined();
      }),
    );
    if (redis !== null) this.running.add(engine.published.subscribe((output) => redis.take(output)));
    this.running.add(interval(VITALS_MS).subscribe(() => this.vitals.publish()));
    const on = engine.machine.haltReason === 'kill_switch';
    engine.start(this.feed);
    this.running.add(killSwitch({ file: haltFile(dataFolder(config)), on }).subscribe(this.halt));
    this.followSubscriptions();
    this.feed.kis.start();
    if (this.rest === null) return;
    this.running.add(
      this.parts.findings.subscribe((finding) => {
        const gap = gapToFill(finding, engine.machine.instruments);
        if (gap !== null) this.rest?.fill(gap);
      }),
    );
    this.rest.start();
  }

  async stop(reason: string): Promise<DigestReport> {
    const { engine, serving, redis, emulator } = this.parts;
    try {
      await Promise.all([this.feed.kis.stop(), this.rest?.stop()]);
      this.running.unsubscribe();
      redis?.beginEnd();
      return await engine.stop(reason);
    } finally {
      serving.release();
      emulator?.stop();
      await redis?.close();
    }
  }

  /** What the operator's list says, at once and on each change. */
  private followSubscriptions(): void {
    const { config, engine, log } = this.parts;
    const want = (wanted: readonly Subscription[]): void =>
      this.feed.kis.want([...registrations(config), ...registrationsOf(wanted)]);
    want(engine.machine.subscriptions);
    const commands = subscriptions({
      file: subscriptionsFile(dataFolder(config)),
      wanted: engine.machine.subscriptions,
      onMalformed: (problem) => log.warn({ problem }, 'the list of subscriptions cannot be used; the last one stays'),
    });
    this.running.add(
      commands.subscribe((command) => {
        engine.command(command);
        want(command.wanted);
        log.info({ symbols: command.wanted.length }, 'subscriptions of the operator');
      }),
    );
  }

  /** For whoever looks into frames that do not decode: a line each, at level debug. */
  private logQuarantined(): void {
    const { engine, log } = this.parts;
    const { quarantine } = engine.machine;
    if (quarantine.total === this.quarantineLogged) return;
    const news = quarantine.total - this.quarantineLogged;
    this.quarantineLogged = quarantine.total;
    if (!log.isLevelEnabled('debug')) return;
    for (const frame of quarantine.frames().slice(-news)) log.debug(quarantinedFrame(frame), 'frame quarantined');
  }

  private readonly halt = (command: KillSwitchCommand): void => {
    const { engine, log } = this.parts;
    engine.command(command);
    log.warn({ reason: command.reason }, command.on ? 'signals are halted by an operator' : 'signals go on');
  };

  private get state(): string {
    return this.parts.redis?.state ?? 'memory';
  }
}
