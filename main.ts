#!/usr/bin/env node
// The command line, and the one place that wires the rooms together. A command loads what it needs when it runs, so that
// `kisignal config print` does not wait for a neural network.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Commands, overview, readCommandLine, UsageError } from './config/command-line.ts';
import { ConfigError } from './config/draft.ts';
import { SETTING_FLAGS, type SettingFlag } from './config/flags.ts';
import type { LoadedConfig } from './config/load.ts';
import { packageRoot } from './config/paths.ts';
import { engineCommands } from './engine/commands.ts';
import type { SourceKind } from './engine/messages.ts';
import { isOperational } from './engine/operational-errors.ts';

const SHIPPED_ARTIFACT = join(packageRoot, 'models', 'artifacts', 'next-mid-move');
const RUN_FLAGS = Object.keys(SETTING_FLAGS) as SettingFlag[];

const COMMANDS: Commands = {
  run: {
    summary: 'feed, engine, gateway and page, until Ctrl-C',
    flags: RUN_FLAGS,
    run: ({ config }) => run(config()),
  },
  ...engineCommands({ main: fileURLToPath(import.meta.url), endSignal, progress: shownProgress }),
  train: {
    summary: 'train the model on recordings and write its artifact and card',
    words: 'RECORDINGS',
    options: { out: 'Folder of the artifact. (models/artifacts/next-mid-move)', seed: 'Whole number. (1)' },
    async run({ words, options }) {
      const { trainCommand } = await import('./models/train.ts');
      if (words.length !== 1) throw new UsageError('train needs the folder of the recordings');
      const { out = SHIPPED_ARTIFACT, seed = '1' } = options;
      if (!/^\d+$/.test(seed)) throw new UsageError(`train: --seed is a whole number, found ${seed}`);
      trainCommand({ dataDir: words[0], out, seed: Number(seed) });
    },
  },
  evaluate: {
    summary: 'hold an artifact against its baselines on recordings',
    words: 'RECORDINGS',
    options: { artifact: 'Folder of the artifact. (models/artifacts/next-mid-move)' },
    async run({ words, options }) {
      const { evaluateCommand } = await import('./models/evaluate.ts');
      if (words.length !== 1) throw new UsageError('evaluate needs the folder of the recordings');
      evaluateCommand({ dataDir: words[0], artifact: options.artifact ?? SHIPPED_ARTIFACT });
    },
  },
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
  config: {
    summary: 'check the configuration, or print it with the origin of each value',
    words: 'check|print',
    flags: RUN_FLAGS,
    async run({ words, config }) {
      const { printConfig } = await import('./config/print.ts');
      const loaded = config();
      for (const warning of loaded.warnings) process.stderr.write(`${warning}\n`);
      if (words[0] === 'print') process.stdout.write(printConfig(loaded));
      else if (words[0] === 'check') process.stdout.write('the configuration is valid\n');
      else throw new UsageError('config needs a word: check or print');
    },
  },
};

/** Wires feed, engine and gateway, shows how they are, and ends in order whatever was started. */
async function run(loaded: LoadedConfig): Promise<void> {
  const { config, secrets, warnings } = loaded;
  const signal = endSignal();
  const { startRun } = await import('./engine/run.ts');
  const { createGateway } = await import('./gateway/gateway.ts');
  const { dashboardMounts } = await import('./gateway/dashboard-mounts.ts');
  const { serveMetrics } = await import('./engine/telemetry/metrics-server.ts');
  const { StatusLine } = await import('./engine/telemetry/status-line.ts');
  const { createLogger } = await import('./engine/telemetry/log.ts');
  const terminal = new StatusLine(process.stdout);
  const log = createLogger({ level: config.telemetry.logLevel, secrets, destination: terminal });
  for (const warning of warnings) log.warn(warning);

  const engineRun = await startRun(loaded, log, fileURLToPath(import.meta.url));
  const { metrics } = engineRun;
  const closing: (() => Promise<unknown>)[] = [];
  let reason = 'start_failed';
  try {
    const gateway = await createGateway({
      ...config.gateway,
      bus: engineRun.bus,
      origin: engineRun.origin,
      status: engineRun.status,
      quality: engineRun.quality,
      metrics,
      ready: engineRun.ready,
      dashboard: await dashboardMounts(packageRoot),
      log,
    });
    closing.push(() => gateway.close(reason));
    engineRun.attach(gateway.stats);
    const { prometheusPort } = config.telemetry;
    if (prometheusPort !== null) {
      const server = await serveMetrics({ host: config.gateway.host, port: prometheusPort, metrics, log });
      closing.push(async () => server.close());
    }
    engineRun.begin();
    const { source } = engineRun.origin();
    if (process.stdout.isTTY)
      terminal.print(`\n  kisignal   ${gateway.url}/\n  ${SOURCE_WORDS[source]}. Ctrl-C ends it.\n\n`);
    else log.info({ address: `${gateway.url}/`, source, transport: gateway.transport }, 'page');
    const timer = setInterval(() => terminal.update(engineRun.figures(), log), config.telemetry.statusLineMs);
    closing.push(async () => clearInterval(timer));
    reason = await Promise.race([signal, engineRun.failed]);
  } finally {
    terminal.clear();
    log.info({ reason }, 'ending');
    const [report] = await Promise.all([engineRun.stop(reason), ...closing.map((close) => close())]);
    log.info({ ...report }, 'ended: count and digest of what the journal gives');
  }
  // uWebSockets.js keeps idle HTTP connections for seconds; everything that matters is written.
  process.exit(reason.startsWith('SIG') ? 0 : 1);
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

function shownProgress(): typeof showProgress | undefined {
  return process.stderr.isTTY ? showProgress : undefined;
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
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
