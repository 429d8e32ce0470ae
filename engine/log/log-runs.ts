// The roles on Kafka as the command line sees them: each a process that starts, tells how it is, and ends in order.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { LoadedConfig } from '../../config/load.ts';
import { dataFolder } from '../../config/paths.ts';
import { buildName } from '../build.ts';
import { Bus } from '../bus/bus.ts';
import { hostTimeUs } from '../clock.ts';
import { redisOptions } from '../configuration.ts';
import { dataLayout } from '../data-folder.ts';
import { HANDED_OVER, type Ingest, type IngestOptions, startIngest } from '../ingest.ts';
import { Contents } from '../journal/contents.ts';
import type { JournalWriter } from '../journal-writer.ts';
import type { SourceKind } from '../messages.ts';
import type { Anchor } from '../proof/anchors.ts';
import { RedisState } from '../state/redis-state.ts';
import { type Figure, metricsOf, rows } from '../telemetry/figures.ts';
import { type GatewayFigures, gatewayFigures, NO_GATEWAY } from '../telemetry/gateway-figures.ts';
import { historyFigures, redisFigures } from '../telemetry/state-figures.ts';
import type { JournalShipper } from './journal-shipper.ts';
import { kafkaLog, openPartitionStores, topicOptions } from './log-of-run.ts';
import { newPartitionFigures, type PartitionFigures } from './partition-figures.ts';
import { type PartitionLag, startEngineWorkers, startIngestShipping, startSignalGateway } from './roles.ts';
import { succeedWorkers } from './shadow-workers.ts';
import { topicsOf } from './topics.ts';

/** How long an end waits for what is under way. */
const END_MS = 5000;

/** What every role on Kafka shows. */
export interface RoleRun {
  /** Resolves with the reason once it cannot go on. */
  readonly failed: Promise<string>;
  readonly status: () => unknown;
  readonly metrics: () => Promise<string>;
  readonly ready: () => boolean;
  stop(reason: string): Promise<void>;
}

export interface GatewayRun extends RoleRun {
  readonly bus: Bus;
  readonly origin: () => { epoch: string; source: SourceKind };
  readonly quality: () => unknown;
  attach(gateway: GatewayFigures): void;
}

type Loaded = Pick<LoadedConfig, 'config'>;

function failure(log: Logger) {
  let fail: (reason: string) => void = () => {};
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const onFailed = (error: Error): void => {
    log.error({ err: error }, 'the process cannot go on');
    fail(error.message);
  };
  return { failed, fail, onFailed };
}

const lagFigure = (lag: () => readonly PartitionLag[]): Figure => ({
  name: 'kisignal_log_lag_records',
  help: 'Records of the log that are not read yet, by partition.',
  labels: ['partition'],
  read: () => lag().map(({ partition, records }) => [{ partition: String(partition) }, records]),
});

/** Role `ingest`; where brokers are configured, what it records goes there as well. */
export async function startIngestRun(options: IngestOptions): Promise<RoleRun> {
  const { loaded, log: logger } = options;
  const { config } = loaded;
  const { failed, fail, onFailed } = failure(logger);
  const shared = config.kafka.brokers.length > 0;
  const log = shared ? kafkaLog(config, logger) : null;
  let shipper: JournalShipper | null = null;
  const onOpened = (writer: JournalWriter): void => {
    if (log === null) return;
    const topics = topicOptions(config);
    writer.sendAnchor = async (anchor: Anchor): Promise<void> => {
      const value = Buffer.from(JSON.stringify(anchor));
      const headers = { type: 'anchor' };
      await log.append(topicsOf(topics.prefix).anchors, [{ partition: 0, key: anchor.journalId, value, headers }]);
    };
    shipper = startIngestShipping({
      log,
      topics,
      journalFolder: dataLayout(dataFolder(config)).journal,
      journalId: writer.journalId,
      nextOffset: writer.journal.nextOffset,
      contents: writer.contents,
      term: Math.floor(hostTimeUs() / 1000),
      onFailed,
      logger,
    });
  };
  let ingest: Ingest;
  try {
    ingest = await startIngest({ ...options, onOpened, onRecorded: (batch) => shipper?.record(batch) });
  } catch (error) {
    await log?.close();
    throw error;
  }
  void ingest.ended.then(fail);
  const metrics = metricsOf([
    {
      name: 'kisignal_journal_bytes_total',
      help: 'Bytes appended to the journal.',
      read: () => ingest.status().journal.bytesWritten,
    },
    {
      name: 'kisignal_feed_connected',
      help: '1 while the feed is connected.',
      read: () => Number(isConnected(ingest)),
    },
    {
      name: 'kisignal_spool_entries',
      help: 'Entries of the journal that Kafka has not taken yet.',
      read: () => shipper?.entriesBehind ?? 0,
    },
    { name: 'kisignal_spool_seconds', help: 'How old the oldest of them is.', read: () => shipper?.secondsBehind ?? 0 },
    {
      name: 'kisignal_shipping_total',
      help: 'What became of entries on their way to Kafka.',
      labels: ['figure'],
      read: () => rows(shipper?.figures ?? {}, 'figure'),
    },
  ]);
  return {
    failed,
    status: () => ({ role: 'ingest', ...ingest.status(), shipping: shipper?.status() ?? null }),
    metrics,
    ready: () => isConnected(ingest),
    async stop(reason) {
      await ingest.stop(reason);
      await shipper?.stop(END_MS);
      await log?.close();
    },
  };
}

function isConnected(ingest: Ingest): boolean {
  return ingest.status().feed.sessions.some(({ state }) => state === 'streaming' || state === 'registering');
}

/** Role `engine` on Kafka: the partitions that fall to this worker. */
export async function startWorkerRun({ config }: Loaded, logger: Logger, takeOver = false): Promise<RoleRun> {
  const { failed, fail, onFailed } = failure(logger);
  const log = kafkaLog(config, logger);
  const stores = await openPartitionStores(config, logger);
  const worker = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const workersOptions = {
    log,
    topics: topicOptions(config),
    worker,
    build: buildName(),
    contents: new Contents(join(dataFolder(config), 'mirrored-contents')),
    storeOf: stores.storeOf,
    snapshotEveryMs: config.snapshot.everyMs,
    snapshotEveryEntries: config.snapshot.everyEntries,
    lagEntriesMax: config.kafka.lagEntriesMax,
    onFailed,
    onRetired: () => fail(HANDED_OVER),
    logger,
  };
  const begin = takeOver
    ? succeedWorkers({ ...workersOptions, ...config.handOver })
    : startEngineWorkers(workersOptions);
  const role = await begin.catch(async (error) => {
    stores.close();
    await log.close();
    throw error;
  });
  const metrics = metricsOf([
    lagFigure(() => role.lag()),
    {
      name: 'kisignal_rebalances_total',
      help: 'Times at which partitions were shared out anew.',
      read: () => role.workers.rebalances,
    },
    {
      name: 'kisignal_partition_events_total',
      help: 'What a worker has done with its partitions, and what became of their records.',
      labels: ['event'],
      read: () => rows(sumOf([...role.workers.workers.values()].map(({ figures }) => figures)), 'event'),
    },
  ]);
  return {
    failed,
    status: () => ({ role: 'engine', worker, notReady: role.notReady(), state: stores.state(), ...role.status() }),
    metrics,
    ready: () => role.notReady() === null,
    async stop() {
      await role.stop(END_MS);
      stores.close();
      await log.close();
    },
  };
}

/** Role `gateway`: what all workers publish. Resolves once the bus holds what was there. */
export async function startGatewayRun({ config }: Loaded, logger: Logger): Promise<GatewayRun> {
  const { failed, onFailed } = failure(logger);
  const { windowMs } = config.gateway.resume;
  const log = kafkaLog(config, logger);
  const stores = await openPartitionStores(config, logger);
  const bus = new Bus({ history: config.gateway.resume });
  let source: SourceKind = config.source.env === 'emulator' ? 'simulated' : config.source.env;
  bus.subscribe((output) => {
    source = output.source;
  });
  const { redisUrl } = config.state;
  const redis = redisUrl === null ? null : new RedisState(redisOptions(config, redisUrl, logger));
  await redis?.open(config.kafka.topicPrefix);
  if (redis !== null) bus.subscribe((output) => redis.take(output));
  const role = await startSignalGateway({
    log,
    topics: topicOptions(config),
    bus,
    build: buildName(),
    storeOf: stores.storeOf,
    windowMs,
    lagEntriesMax: config.kafka.lagEntriesMax,
    onFailed,
    logger,
  });
  let gateway = NO_GATEWAY;
  const metrics = metricsOf([
    lagFigure(() => role.lag()),
    {
      name: 'kisignal_signal_records_total',
      help: 'What became of records of the signal topic.',
      labels: ['figure'],
      read: () => rows(role.reader.figures, 'figure'),
    },
    ...historyFigures(bus),
    ...(redis === null ? [] : redisFigures(redis)),
    ...gatewayFigures(() => gateway),
  ]);
  return {
    failed,
    bus,
    origin: () => ({ epoch: bus.epoch, source }),
    quality: () => ({ partitions: [...bus.allStreams()].filter(({ channel }) => channel === 'quality').length }),
    status: () => ({
      role: 'gateway',
      epoch: bus.epoch,
      source,
      simulated: source === 'simulated',
      recorded: source === 'recorded',
      notReady: role.notReady(),
      state: stores.state(),
      redis: redis?.figures() ?? null,
      ...role.status(),
      gateway,
    }),
    metrics,
    ready: () => role.notReady() === null,
    attach(figures) {
      gateway = figures;
    },
    async stop() {
      await role.stop();
      stores.close();
      redis?.beginEnd();
      await redis?.close();
      await log.close();
    },
  };
}

function sumOf(all: readonly PartitionFigures[]): PartitionFigures {
  const sum = newPartitionFigures();
  for (const one of all) for (const name of Object.keys(sum) as (keyof PartitionFigures)[]) sum[name] += one[name];
  return sum;
}
