#!/usr/bin/env node
// The command line, and the one place that wires the rooms together. A command loads what it needs when it runs, so that
// `kisignal config print` does not wait for a neural network.
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type Commands, overview, readCommandLine, UsageError } from './config/command-line.ts';
import { CONFIG_COMMANDS } from './config/commands.ts';
import { ConfigError } from './config/draft.ts';
import { SETTING_FLAGS, type SettingFlag } from './config/flags.ts';
import type { LoadedConfig } from './config/load.ts';
import { packageRoot } from './config/paths.ts';
import type { Config } from './config/schema.ts';
import { engineCommands } from './engine/commands.ts';
import type { RoleRun } from './engine/log/log-runs.ts';
import type { SourceKind } from './engine/messages.ts';
import { isOperational } from './engine/operational-errors.ts';
import type { Run } from './engine/run.ts';
import type { SnapshotMaker } from './engine/state/snapshotter.ts';
import type { StatusLine } from './engine/telemetry/status-line.ts';
import type { RedisSessionStore } from './gateway/redis-session-store.ts';
import { MODEL_COMMANDS } from './models/commands.ts';

const RUN_FLAGS = Object.keys(SETTING_FLAGS) as SettingFlag[];

/** This module, which the processes beside this one run. */
const MAIN = fileURLToPath(import.meta.url);

const COMMANDS: Commands = {
  run: {
    summary: 'feed, engine, gateway and page, until Ctrl-C',
    flags: RUN_FLAGS,
    switches: { 'take-over': 'Replace the process of the same role that serves, without interruption.' },
    run: ({ config, switches }) => run(config(), switches.has('take-over')),
  },
  ...engineCommands({ main: MAIN, endSignal, progress: () => (process.stderr.isTTY ? showProgress : undefined) }),
  ...MODEL_COMMANDS,
  bench: {
    summary: 'measure, each figure beside its baseline, and write bench/RESULTS.md',
    words: '[NAME …]',
    options: {
      seconds: 'Of each measured round of the whole path. (8)',
      rounds: 'Of the whole path, relay and kisignal each. (2)',
      out: 'File for the results. (bench/RESULTS.md where all of them run, else the terminal)',
    },
    async run({ words, options }) {
      const { bench } = await import('./bench/main.ts');
      const given = Object.entries(options).filter(([, text]) => text !== undefined);
      await bench([...words, ...given.map(([name, text]) => `--${name}=${text}`)]);
    },
  },
  ...CONFIG_COMMANDS,
};

/** What a process that serves clients has for them, whichever role derives it. */
type Served = Pick<Run, 'bus' | 'origin' | 'status' | 'quality' | 'metrics' | 'ready' | 'attach'>;

/** Runs the role that is configured until it is told to end, cannot go on, or a successor has taken over. */
async function run(loaded: LoadedConfig, takeOver: boolean): Promise<void> {
  const { config, secrets, warnings } = loaded;
  const { StatusLine } = await import('./engine/telemetry/status-line.ts');
  const { createLogger } = await import('./engine/telemetry/log.ts');
  const terminal = new StatusLine(process.stdout);
  const log = createLogger({ level: config.telemetry.logLevel, secrets, destination: terminal });
  for (const warning of warnings) log.warn(warning);
  const context = { loaded, takeOver, terminal, log, signal: endSignal() };
  const onKafka = config.kafka.brokers.length > 0;
  if (config.role === 'gateway' && !onKafka)
    throw new UsageError('role gateway reads signals from Kafka: name its brokers (KAFKA_BROKERS)');
  if (takeOver && config.role !== 'ingest' && config.role !== 'engine')
    throw new UsageError('--take-over replaces an ingest or an engine: --role ingest|engine');
  const roles = { all: runAll, ingest: runIngest, engine: onKafka ? runWorker : runFollower, gateway: runGateway };
  const reason = await roles[config.role](context);
  // uWebSockets.js keeps idle HTTP connections for seconds; everything that matters is written.
  process.exit(reason.startsWith('SIG') || reason === 'handed_over' ? 0 : 1);
}

interface RoleContext {
  readonly loaded: LoadedConfig;
  readonly takeOver: boolean;
  readonly terminal: StatusLine;
  readonly log: Logger;
  readonly signal: Promise<string>;
}

/** Feed, engine and gateway in one process. */
async function runAll({ loaded, terminal, log, signal }: RoleContext): Promise<string> {
  const { startRun } = await import('./engine/run.ts');
  const maker = await snapshotMaker(loaded, log);
  const engineRun = await startRun(loaded, log, MAIN, maker).catch(closing(maker));
  return serveRun(engineRun, [signal, engineRun.failed], { loaded, terminal, log });
}

/** The journal of an ingest on this machine into signals, and to clients. */
async function runFollower({ loaded, takeOver, terminal, log, signal }: RoleContext): Promise<string> {
  const { startLocalRun } = await import('./engine/hub/local-run.ts');
  const maker = await snapshotMaker(loaded, log);
  const engineRun = await startLocalRun({ loaded, log, takeOver, snapshotMaker: maker }).catch(closing(maker));
  const handedOver = engineRun.handedOver.then(() => 'handed_over');
  return serveRun(engineRun, [signal, engineRun.failed, handedOver], { loaded, terminal, log });
}

/** A start that fails leaves nothing behind that would keep the process alive. */
function closing(opened: { close(): unknown }): (error: unknown) => Promise<never> {
  return async (error) => {
    await opened.close();
    throw error;
  };
}

async function serveRun(
  engineRun: Run,
  ends: readonly Promise<string>[],
  { loaded, terminal, log }: Pick<RoleContext, 'loaded' | 'terminal' | 'log'>,
): Promise<string> {
  let reason = 'start_failed';
  let close = async (_reason: string): Promise<void> => {};
  try {
    close = await serve(engineRun, loaded, terminal, log);
    engineRun.begin();
    const { statusLineMs } = loaded.config.telemetry;
    const timer = setInterval(() => terminal.update(engineRun.figures(), log), statusLineMs);
    reason = await Promise.race(ends);
    clearInterval(timer);
  } finally {
    terminal.clear();
    log.info({ reason }, 'ending');
    // First: whoever takes over waits for the port, and clients are told to come back.
    if (reason === 'handed_over') await close(reason);
    const [report] = await Promise.all([engineRun.stop(reason), close(reason)]);
    log.info({ ...report }, 'ended: count and digest of what the journal gives');
  }
  return reason;
}

/** KIS into the journal, and from there to those who follow it. */
async function runIngest({ loaded, takeOver, log, signal }: RoleContext): Promise<string> {
  const { startIngestRun } = await import('./engine/log/log-runs.ts');
  return standBy(await startIngestRun({ loaded, log, main: MAIN, takeOver }), loaded, log, signal);
}

async function runWorker({ loaded, takeOver, log, signal }: RoleContext): Promise<string> {
  const { startWorkerRun } = await import('./engine/log/log-runs.ts');
  // It may wait for Kafka as long as that takes, with nothing begun that an end would have to finish.
  const role = await Promise.race([startWorkerRun(loaded, log, takeOver), signal]);
  return typeof role === 'string' ? role : standBy(role, loaded, log, signal);
}

/** A process without clients: its figures are those of the second port, where one is set. */
async function standBy(role: RoleRun, loaded: LoadedConfig, log: Logger, signal: Promise<string>): Promise<string> {
  const close = await serveFigures(role.metrics, loaded, log).catch(
    closing({ close: () => role.stop('start_failed') }),
  );
  log.info({ role: loaded.config.role }, 'ready');
  const reason = await Promise.race([signal, role.failed]);
  log.info({ reason }, 'ending');
  await Promise.all([role.stop(reason), close()]);
  log.info('ended');
  return reason;
}

/** Signals of all workers to clients. */
async function runGateway({ loaded, terminal, log, signal }: RoleContext): Promise<string> {
  const { startGatewayRun } = await import('./engine/log/log-runs.ts');
  const role = await Promise.race([startGatewayRun(loaded, log), signal]);
  if (typeof role === 'string') return role;
  let reason = 'start_failed';
  let close = async (_reason: string): Promise<void> => {};
  try {
    close = await serve(role, loaded, terminal, log);
    reason = await Promise.race([signal, role.failed]);
  } finally {
    log.info({ reason }, 'ending');
    await close(reason);
    await role.stop(reason);
    log.info('ended');
  }
  return reason;
}

/** Opens the gateway, and the second port where one is set. @returns how to close them */
async function serve(
  served: Served,
  loaded: LoadedConfig,
  terminal: StatusLine,
  log: Logger,
): Promise<(reason: string) => Promise<void>> {
  const { config } = loaded;
  const { createGateway } = await import('./gateway/gateway.ts');
  const { dashboardMounts } = await import('./gateway/dashboard-mounts.ts');
  const sessionStore = await openSessionStore(config, log);
  const gatewayStart = createGateway({
    ...config.gateway,
    ...(sessionStore && { sessionStore }),
    bus: served.bus,
    origin: served.origin,
    status: served.status,
    quality: served.quality,
    metrics: served.metrics,
    ready: served.ready,
    dashboard: await dashboardMounts(packageRoot),
    log,
  });
  const gateway = await (sessionStore === null ? gatewayStart : gatewayStart.catch(closing(sessionStore)));
  const close = async (reason: string): Promise<void> => {
    await gateway.close(reason);
    await sessionStore?.close();
  };
  served.attach(gateway.stats);
  const closeFigures = await serveFigures(served.metrics, loaded, log).catch(
    closing({ close: () => close('start_failed') }),
  );
  const { source } = served.origin();
  if (process.stdout.isTTY)
    terminal.print(`\n  kisignal   ${gateway.url}/\n  ${SOURCE_WORDS[source]}. Ctrl-C ends it.\n\n`);
  else log.info({ address: `${gateway.url}/`, source, transport: gateway.transport }, 'page');
  return async (reason) => {
    await Promise.all([close(reason), closeFigures()]);
  };
}

/** Sessions that any gateway of the same Redis knows. */
async function openSessionStore({ state, source }: Config, log: Logger): Promise<RedisSessionStore | null> {
  if (state.redisUrl === null) return null;
  const { RedisSessionStore } = await import('./gateway/redis-session-store.ts');
  const store = new RedisSessionStore({ url: state.redisUrl, namespace: source.env, log });
  await store.open();
  return store;
}

async function serveFigures(
  metrics: () => Promise<string>,
  { config }: LoadedConfig,
  log: Logger,
): Promise<() => Promise<void>> {
  const { prometheusPort } = config.telemetry;
  if (prometheusPort === null) return async () => {};
  const { serveMetrics } = await import('./engine/telemetry/metrics-server.ts');
  const server = await serveMetrics({ host: config.gateway.host, port: prometheusPort, metrics, log });
  return async () => void server.close();
}

/** Snapshots are made by a process of their own, so that no tick waits for one. */
async function snapshotMaker({ config }: LoadedConfig, log: Logger): Promise<SnapshotMaker> {
  const { SnapshotChild } = await import('./engine/state/snapshot-child.ts');
  const { redisUrl } = config.state;
  const redis = redisUrl === null ? null : { url: redisUrl, namespace: config.source.env };
  return new SnapshotChild({ msMax: config.snapshot.msMax, heapMbMax: config.snapshot.heapMbMax, redis, log });
}

/** The first of SIGINT, SIGTERM and a reader of the output that went away; a second signal ends the process at once. */
function endSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    // Node ignores SIGPIPE and reports the write that failed.
    process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'EPIPE') resolve('SIGPIPE');
    });
  });
}

function showProgress({ entries, fraction }: { entries: number; fraction: number }): void {
  process.stderr.write(`\r${entries.toLocaleString('en')} entries, ${Math.round(100 * fraction)} %`);
}

const SOURCE_WORDS: Readonly<Record<SourceKind, string>> = {
  simulated: 'Simulated market, not real prices',
  recorded: 'Recorded market, not current prices',
  paper: 'KIS paper trading',
  live: 'KIS, live',
};

await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<void> {
  // A reader that goes away, such as `head`, has what it wanted; `run` ends by it.
  process.stdout.on('error', () => {});
  try {
    const asked = readCommandLine(COMMANDS, args);
    if (typeof asked === 'string') process.stdout.write(asked);
    else await asked();
  } catch (error) {
    if (error instanceof UsageError) fail(2, `${error.message}\n\n${overview(COMMANDS)}`);
    else if (error instanceof ConfigError) fail(2, `The configuration is not valid:\n${indented(error.message)}\n`);
    else if (isOperational(error)) fail(1, `${error.message}\n`);
    else throw error;
  }
}

function fail(exitCode: number, text: string): void {
  process.stderr.write(text);
  process.exitCode = exitCode;
  // Whatever a start that failed has left open does not keep the process.
  setTimeout(() => process.exit(), 1000).unref();
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
