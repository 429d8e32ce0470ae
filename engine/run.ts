// A run as the command line sees it: the emulator or KIS, the engine on its data folder, Redis, and the figures that the
// rooms around it show. `startRun` prepares all of it; nothing flows before `begin`.
import type { Logger } from 'pino';
import { interval, Subscription } from 'rxjs';
import { dataFolder } from '../config/paths.ts';
import type { Config } from '../config/schema.ts';
import { hostTimeUs } from './clock.ts';
import { engineOptions, redisOptions } from './configuration.ts';
import {
  attachEmulator,
  type EmulatorProcess,
  findEmulator,
  startEmulatorProcess,
} from './emulator/emulator-process.ts';
import { dataLayout, type Engine, openEngine } from './engine.ts';
import { type KisFeed, openKisFeed } from './feed.ts';
import type { NoticeVault } from './governance/notice-vault.ts';
import { readJournalEnd } from './journal/reader.ts';
import { haltFile, type KillSwitchCommand, killSwitch } from './kill-switch.ts';
import { opensNext } from './market-hours.ts';
import { RedisState } from './state/redis-state.ts';
import { lossesOf, quarantinedFrame, statusOf } from './status.ts';
import type { DigestReport } from './streams/streams.ts';
import { checkSurroundings } from './surroundings.ts';
import { LatencyRecorder } from './telemetry/latency.ts';
import { createMetrics, type GatewayFigures } from './telemetry/metrics.ts';
import type { StatusFigures } from './telemetry/status-line.ts';
import { VitalsPublisher } from './vitals.ts';

const VITALS_MS = 1000;
const NO_GATEWAY: GatewayFigures = {
  connections: 0,
  messages: {},
  closed: new Map(),
  errors: new Map(),
  refused: new Map(),
};
/** A simulated day goes on where the journal's last one ended. */
const AFTER_JOURNAL_US = 1_000_000;

export interface Run {
  readonly bus: Engine['bus'];
  readonly origin: () => { epoch: string; source: Engine['machine']['source'] };
  readonly status: () => unknown;
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

/** @param main module of the command line, which the emulator's process runs */
export async function startRun(config: Config, log: Logger, main: string): Promise<Run> {
  const folder = dataFolder(config);
  const { vault } = checkSurroundings(config);
  sayMarketHours(config, log);
  const emulate = config.source.env === 'emulator';
  const running = emulate ? await runningEmulator(config, folder) : null;
  const redis =
    config.state.redisUrl === null ? null : new RedisState(redisOptions(config, config.state.redisUrl, log));
  const [opened, emulated] = await Promise.allSettled([
    openEngine({ ...engineOptions(config, log), ...(redis === null ? {} : { remoteSnapshots: redis }) }),
    emulate ? (running ?? newEmulator(config, folder, main)) : null,
  ]);
  if (opened.status === 'rejected' || emulated.status === 'rejected') {
    await redis?.close();
    if (opened.status === 'fulfilled') await opened.value.stop('start_failed');
    if (emulated.status === 'fulfilled' && emulated.value?.found === false) emulated.value.stop();
    throw opened.status === 'rejected' ? opened.reason : (emulated as PromiseRejectedResult).reason;
  }
  emulated.value?.remember();
  if (running !== null) sayIgnored(config, running, log);
  return new EngineRun({ config, log, engine: opened.value, emulator: emulated.value, redis, vault });
}

/** The one at the addresses given, or the data folder's own where it lives. */
function runningEmulator(config: Config, folder: string): Promise<EmulatorProcess | null> {
  const { restUrl, webSocketUrl } = config.source.kis;
  return restUrl !== null && webSocketUrl !== null ? attachEmulator(restUrl, webSocketUrl) : findEmulator(folder);
}

async function newEmulator(config: Config, folder: string, main: string): Promise<EmulatorProcess> {
  const { htsId } = config.source.kis;
  const environment = htsId === null ? {} : { KIS_HTS_ID: htsId };
  return startEmulatorProcess({ dataFolder: folder, main, args: emulatorArguments(config, folder), environment });
}

/** The emulator reads the same configuration; only its start follows from the journal. */
function emulatorArguments(config: Config, folder: string): string[] {
  const { lastTimeUs } = readJournalEnd(dataLayout(folder).journal);
  const { startTime } = config.emulator;
  const wantedUs = startTime === null ? hostTimeUs() : Date.parse(startTime) * 1000;
  const startUs = Math.max(wantedUs, lastTimeUs + AFTER_JOURNAL_US);
  return [...marketArguments(config), `--start-time=${new Date(startUs / 1000).toISOString()}`];
}

/** All but the start, as `--name=value`. */
function marketArguments(config: Config): string[] {
  const { seed, speed, symbols, host, port, activity, flushMs, registrationsMax, idleExitMs, framesFile } =
    config.emulator;
  return [
    ['seed', seed],
    ['speed', speed],
    ['emulator-symbols', symbols],
    ['emulator-host', host],
    ['emulator-port', port],
    ['activity', activity],
    ['flush-ms', flushMs],
    ['registrations-max', registrationsMax],
    ['idle-exit-ms', idleExitMs],
    ...(framesFile === null ? [] : [['frames', framesFile]]),
  ].map(([name, value]) => `--${name}=${value}`);
}

/** An emulator of an earlier run goes on as it was told then: its market cannot change under a journal. */
function sayIgnored(config: Config, { args }: EmulatorProcess, log: Logger): void {
  if (args.length === 0) return;
  const wanted = marketArguments(config);
  const ignored = wanted.filter((argument) => !args.includes(argument));
  const inForce = args.filter((argument) => !wanted.includes(argument) && !argument.startsWith('--start-time='));
  if (ignored.length + inForce.length > 0)
    log.warn({ ignored, inForce }, 'the emulator of an earlier run still runs, as it was started then');
}

/** Out of hours, says so and when the market opens; a simulated market is always open. */
function sayMarketHours({ source, universe: { venue } }: Config, log: Logger): void {
  const opens = source.env === 'emulator' ? null : opensNext(hostTimeUs(), venue);
  if (opens !== null) log.info({ venue, opens }, 'the market is closed; ticks come once it opens');
}

interface RunParts {
  readonly config: Config;
  readonly log: Logger;
  readonly engine: Engine;
  readonly emulator: EmulatorProcess | null;
  readonly redis: RedisState | null;
  readonly vault: NoticeVault | null;
}

class EngineRun implements Run {
  readonly failed: Promise<string>;
  private readonly parts: RunParts;
  private readonly feed: KisFeed;
  private readonly latency = new LatencyRecorder();
  private readonly vitals: VitalsPublisher;
  private readonly prometheus: ReturnType<typeof createMetrics>;
  private readonly running = new Subscription();
  private gateway: GatewayFigures = NO_GATEWAY;
  private quarantineLogged = 0;
  private fail: (reason: string) => void = () => {};

  constructor(parts: RunParts) {
    this.parts = parts;
    const { config, engine, emulator, log, vault } = parts;
    this.failed = new Promise((resolve) => {
      this.fail = resolve;
    });
    this.feed = openKisFeed({
      config,
      emulator,
      vault,
      log,
      onFailed: (code) => this.fail(`feed_failed ${code}`),
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

  readonly status = (): unknown =>
    statusOf({ ...this.parts, feed: this.feed, vitals: this.vitals, gateway: this.gateway });

  readonly figures = (): StatusFigures => {
    const { engine } = this.parts;
    const { last, lastLatency } = this.vitals;
    return {
      source: this.origin().source,
      feed: last?.feed ?? 'connecting',
      ticksPerSecond: last?.ticksPerSecond ?? 0,
      p50Us: lastLatency?.stages.total.p50 ?? 0,
      p99Us: lastLatency?.stages.total.p99 ?? 0,
      connections: this.gateway.connections,
      gaps: last?.gaps ?? 0,
      signals: engine.machine.counters.signals.buy + engine.machine.counters.signals.sell,
    };
  };

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
    this.feed.kis.start();
  }

  async stop(reason: string): Promise<DigestReport> {
    const { engine, redis, emulator } = this.parts;
    try {
      await this.feed.kis.stop();
      this.running.unsubscribe();
      redis?.beginEnd();
      return await engine.stop(reason);
    } finally {
      emulator?.stop();
      await redis?.close();
    }
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
