// The commands that need the engine alone. Each loads what it needs when it runs, so that nobody waits for a neural
// network who asks for something else.
import { type Commands, UsageError } from '../config/command-line.ts';
import { SETTING_FLAGS, type SettingFlag } from '../config/flags.ts';
import { dataFolder } from '../config/paths.ts';
import { JOURNAL_OPTIONS } from './journal/tools/options.ts';
import { VERIFY_OPTIONS } from './proof/options.ts';
import { QUALITY_OPTIONS } from './quality/report/options.ts';
import type { ReplayOptions } from './replay.ts';
import { SUBSCRIBE_OPTIONS } from './subscribe-options.ts';

export interface EngineCommandsOptions {
  /** Module of the command line, which the emulator's process runs. */
  readonly main: string;
  /** Resolves with the signal that asks the process to end. */
  readonly endSignal: () => Promise<string>;
  /** How progress is shown; nothing where nobody would see it. */
  readonly progress: () => ReplayOptions['onProgress'];
}

const RUN_FLAGS = Object.keys(SETTING_FLAGS) as SettingFlag[];
const EMULATOR_FLAGS = [
  ...RUN_FLAGS.filter((flag) => SETTING_FLAGS[flag].startsWith('emulator.')),
  'log-level',
] as SettingFlag[];
const FOLDER_FLAGS = ['data-dir', 'env'] as const;

export function engineCommands({ main, endSignal, progress }: EngineCommandsOptions): Commands {
  return {
    emulate: {
      summary: 'the KIS emulator alone, on a simulated market or on recorded frames',
      flags: EMULATOR_FLAGS,
      async run({ config }) {
        const { emulate } = await import('./emulator/emulate.ts');
        const { createLogger } = await import('./telemetry/log.ts');
        const loaded = config();
        const { notice, ended } = await emulate(
          loaded.config,
          createLogger({ level: loaded.config.telemetry.logLevel }),
        );
        process.stdout.write(`KIS emulator (simulated): REST ${notice.restUrl}, WebSocket ${notice.webSocketUrl}\n`);
        await ended;
      },
    },
    halt: {
      summary: 'halt all signals, through every restart, until they are resumed',
      words: '[REASON]',
      flags: FOLDER_FLAGS,
      async run({ words, config }) {
        const { halt } = await import('./kill-switch.ts');
        process.stdout.write(halt(dataFolder(config({ keys: false }).config), words.join(' ')));
      },
    },
    resume: {
      summary: 'let signals that were halted go on',
      flags: FOLDER_FLAGS,
      async run({ config }) {
        const { resume } = await import('./kill-switch.ts');
        process.stdout.write(resume(dataFolder(config({ keys: false }).config)));
      },
    },
    record: {
      summary: 'feed into the journal and nothing else, until Ctrl-C',
      flags: RUN_FLAGS,
      async run({ config }) {
        const { record } = await import('./recording.ts');
        const reason = await record(config(), main, endSignal(), process.stdout);
        process.exitCode = reason.startsWith('SIG') ? 0 : 1;
      },
    },
    journal: {
      summary: 'look inside a journal: its segments, its entries, its figures; export it',
      words: 'ls|cat|stats|export [DIR]',
      flags: FOLDER_FLAGS,
      options: JOURNAL_OPTIONS,
      async run({ words: [word, folder], options, config }) {
        const { journalCommand } = await import('./journal/tools/command.ts');
        const { dataLayout } = await import('./engine.ts');
        const { journal } = dataLayout(folder ?? dataFolder(config({ keys: false }).config));
        await journalCommand(word, journal, options, { out: process.stdout, remarks: process.stderr });
      },
    },
    quality: {
      summary: 'report on the quality of the data in a journal, with the evidence',
      words: 'report [DIR]',
      flags: FOLDER_FLAGS,
      options: QUALITY_OPTIONS,
      async run({ words: [word, folder], options, config }) {
        const { qualityReport } = await import('./quality-report.ts');
        if (word !== 'report') throw new UsageError('quality needs the word report');
        await qualityReport({
          dataFolder: folder ?? dataFolder(config({ keys: false }).config),
          options,
          out: process.stdout,
          remarks: process.stderr,
          onProgress: progress(),
        });
      },
    },
    subscribe: {
      summary: 'register further symbols while it runs and from then on; without codes, list them',
      words: '[CODE …]',
      flags: FOLDER_FLAGS,
      options: SUBSCRIBE_OPTIONS,
      async run({ words, options, config }) {
        const { subscribeCommand } = await import('./subscriptions.ts');
        process.stdout.write(subscribeCommand(dataFolder(config({ keys: false }).config), words, options));
      },
    },
    unsubscribe: {
      summary: 'take symbols off the list of subscribe',
      words: 'CODE …',
      flags: FOLDER_FLAGS,
      async run({ words, config }) {
        const { unsubscribe } = await import('./subscriptions.ts');
        if (words.length === 0) throw new UsageError('unsubscribe needs codes');
        process.stdout.write(unsubscribe(dataFolder(config({ keys: false }).config), words));
      },
    },
    verify: {
      summary: 'prove a data folder: hash chain, contents, anchors, signals; or explain one signal',
      words: '[DIR]',
      flags: FOLDER_FLAGS,
      options: VERIFY_OPTIONS,
      async run({ words: [folder], options, config }) {
        const { verifyCommand } = await import('./proof/command.ts');
        const terminal = { out: process.stdout, remarks: process.stderr };
        process.exitCode = await verifyCommand(folder ?? dataFolder(config({ keys: false }).config), options, terminal);
      },
    },
    replay: {
      summary: 'run a journal through the code that runs live; prints count and digest',
      words: 'DIR',
      async run({ words }) {
        const { replay } = await import('./replay.ts');
        const { createLogger } = await import('./telemetry/log.ts');
        if (words.length !== 1) throw new UsageError('replay needs the data folder, such as data/emulator');
        const log = createLogger({ level: 'warn', destination: process.stderr });
        const report = await replay({ dataFolder: words[0], log, onProgress: progress() });
        process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      },
    },
  };
}
