// The role `engine` on a data folder as the command line sees it: the same face as a run of role `all`, around an engine
// that follows an ingest. `startLocalRun` recovers, and as a shadow takes over; nothing is published before `begin`.
import type { Logger } from 'pino';
import { interval, merge, Subscription as RxSubscription } from 'rxjs';
import { filter } from 'rxjs/operators';
import type { LoadedConfig } from '../../config/load.ts';
import { dataFolder } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { hostTimeUs } from '../clock.ts';
import { redisOptions, universe } from '../configuration.ts';
import { limitHeapGrowth } from '../heap.ts';
import { qualityOf, qualityScores } from '../quality-status.ts';
import type { Run } from '../run.ts';
import { RedisState } from '../state/redis-state.ts';
import type { SnapshotMaker } from '../state/snapshotter.ts';
import { Snapshotter } from '../state/snapshotter.ts';
import { lossesOf, type StatusParts, statusOf } from '../status.ts';
import type { DigestReport } from '../streams/streams.ts';
import { type GatewayFigures, NO_GATEWAY } from '../telemetry/gateway-figures.ts';
import { LatencyRecorder } from '../telemetry/latency.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { stateFigures } from '../telemetry/state-figures.ts';
import type { StatusFigures } from '../telemetry/status-line.ts';
import { VitalsPublisher } from '../vitals.ts';
import { ingestParts } from './ingest-parts.ts';
import { type LocalEngine, openLocalEngine } from './local-engine.ts';

const VITALS_MS = 1000;

export interface LocalRunOptions {
  readonly loaded: Pick<LoadedConfig, 'config'>;
  readonly log: Logger;
  /** Replace the engine that serves the data folder. (false) */
  readonly takeOver?: boolean;
  /** Makes snapshots of the journal beside this process; null: none are made. */
  readonly snapshotMaker: SnapshotMaker | null;
}

export interface LocalRun extends Run {
  /** Resolves with the first entry that another engine publishes: close the gateway, then stop. */
  readonly handedOver: Promise<number>;
}

/** @throws what `openLocalEngine` throws */
export async function startLocalRun(options: LocalRunOptions): Promise<LocalRun> {
  const { loaded, log, takeOver = false } = options;
  const { config } = loaded;
  const { redisUrl } = config.state;
  limitHeapGrowth(universe(config).length);
  const redis = redisUrl === null ? null : new RedisState(redisOptions(config, redisUrl, log));
  try {
    const engine = await openLocalEngine({
      dataFolder: dataFolder(config),
      history: config.gateway.resume,
      handOver: config.handOver,
      takeOver,
      ...(redis === null ? {} : { remoteSnapshots: redis }),
      log,
    });
    return new FollowingRun(options, config, engine, redis);
  } catch (error) {
    await redis?.close();
    throw error;
  }
}

class FollowingRun implements LocalRun {
  private readonly config: Config;
  private readonly engine: LocalEngine;
  private readonly redis: RedisState | null;
  private readonly snapshotter: Snapshotter | null;
  private readonly latency = new LatencyRecorder();
  private readonly vitals: VitalsPublisher;
  private readonly prometheus: ReturnType<typeof createMetrics>;
  private readonly running = new RxSubscription();
  private gateway: GatewayFigures = NO_GATEWAY;

  constructor({ snapshotMaker, log }: LocalRunOptions, config: Config, engine: LocalEngine, redis: RedisState | null) {
    this.config = config;
    this.engine = engine;
    this.redis = redis;
    const { journalId, build, machine } = engine;
    const request = {
      dataFolder: dataFolder(config),
      journalId,
      build,
      resumeWindowMs: config.gateway.resume.windowMs,
    };
    this.snapshotter =
      snapshotMaker &&
      new Snapshotter({ maker: snapshotMaker, request, durable: () => engine.durable(), onMade: () => {}, log });
    this.vitals = new VitalsPublisher({
      engine,
      latency: this.latency,
      connections: () => this.gateway.connections,
      state: () => redis?.state ?? 'memory',
      nowUs: hostTimeUs,
      venue: config.universe.venue,
    });
    this.prometheus = createMetrics({
      counters: () => machine.counters,
      feedConnected: () => engine.connected && machine.feedConnected,
      journalBytes: () => engine.ingest?.journal.bytesWritten ?? 0,
      gateway: () => this.gateway,
      losses: () => lossesOf(this.parts()),
      quality: () => qualityScores(machine.quality),
      further: () => stateFigures({ bus: engine.bus, snapshots: this.snapshotter, anchors: null, redis }),
    });
  }

  get bus(): LocalEngine['bus'] {
    return this.engine.bus;
  }

  get failed(): Promise<string> {
    return this.engine.failed;
  }

  get handedOver(): Promise<number> {
    return this.engine.handedOver;
  }

  readonly origin = () => {
    const { epoch, source } = this.engine.machine;
    return { epoch, source };
  };

  readonly metrics = (): Promise<string> => this.prometheus.text();

  readonly ready = (): boolean => this.engine.connected && this.engine.machine.feedConnected;

  readonly quality = (): unknown => qualityOf(this.engine.machine);

  readonly status = (): unknown => ({
    ...statusOf(this.parts()),
    /** The process that writes the journal, as it told last. */
    ingest: { connected: this.engine.connected, pid: this.engine.ingest?.pid ?? null, hub: this.engine.ingest?.hub },
  });

  readonly figures = (): StatusFigures => this.vitals.figures(this.origin().source);

  attach(gateway: GatewayFigures): void {
    this.gateway = gateway;
  }

  begin(): void {
    const { engine, redis, running, snapshotter, config } = this;
    running.add(
      engine.published.subscribe((output) => {
        if (output.updates.length > 0) {
          this.latency.record(output.times);
          this.prometheus.observe(output.times);
        }
        this.vitals.publishChange();
        redis?.take(output);
      }),
    );
    running.add(interval(VITALS_MS).subscribe(() => this.vitals.publish()));
    if (snapshotter !== null) {
      const { everyMs, everyEntries } = config.snapshot;
      let taken = engine.nextOffset;
      const enough = engine.published.pipe(filter(() => engine.nextOffset - taken >= everyEntries));
      running.add(
        merge(interval(everyMs), enough).subscribe(() => {
          taken = engine.nextOffset;
          snapshotter.take();
        }),
      );
    }
    // What another engine has taken over is another's to count as well.
    void engine.handedOver.then(() => running.unsubscribe());
    engine.follow();
  }

  async stop(): Promise<DigestReport> {
    const { redis } = this;
    this.running.unsubscribe();
    redis?.beginEnd();
    try {
      await this.snapshotter?.close();
      return await this.engine.stop();
    } finally {
      await redis?.close();
    }
  }

  private parts(): StatusParts {
    const { config, engine, vitals, redis, gateway, snapshotter: snapshots } = this;
    return { config, ...ingestParts(engine), vitals, redis, gateway, snapshots };
  }
}
