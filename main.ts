#!/usr/bin/env node
// The command line, and the one place that wires the rooms together. A command loads what it needs when it runs, so that
// `kisignal config print` does not wait for a neural network.
import { parseArgs } from 'node:util';
import { ConfigError } from './config/draft.ts';
import { flagsOf, SETTING_FLAGS, type SettingFlag } from './config/flags.ts';
import { type LoadedConfig, loadConfig } from './config/load.ts';
import { settings } from './config/schema.ts';

interface Command {
  readonly summary: string;
  /** Words after the command: `check|print`, `DIR`. */
  readonly words?: string;
  /** Flags that set a setting; `--config FILE` goes with them. */
  readonly flags?: readonly SettingFlag[];
  /** Flags of its own, each with a text. */
  readonly options?: Readonly<Record<string, string>>;
  run(invocation: Invocation): Promise<void>;
}

interface Invocation {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Loads the configuration with the flags given. */
  config(): LoadedConfig;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  config: {
    summary: 'check the configuration, or print it with the origin of each value',
    words: 'check|print',
    flags: Object.keys(SETTING_FLAGS) as SettingFlag[],
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

/** The command line is wrong: told with the usage, exit code 2. */
class UsageError extends Error {}

await main(process.argv.slice(2));

async function main([name = '--help', ...rest]: string[]): Promise<void> {
  try {
    if (name === '--help' || name === '-h' || name === 'help') {
      process.stdout.write(overview());
      return;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) throw new UsageError(`there is no command ${name}`);
    const { help, texts, words } = parse(name, command, rest);
    if (help) process.stdout.write(usage(name, command));
    else await command.run({ words, options: texts, config: () => configFor(texts) });
  } catch (error) {
    if (error instanceof UsageError) fail(2, `${error.message}\n\n${overview()}`);
    else if (error instanceof ConfigError) fail(2, `The configuration is not valid:\n${indented(error.message)}\n`);
    else throw error;
  }
}

function fail(exitCode: number, text: string): void {
  process.stderr.write(text);
  process.exitCode = exitCode;
}

interface Parsed {
  readonly help: boolean;
  readonly texts: Readonly<Record<string, string | undefined>>;
  readonly words: string[];
}

function parse(name: string, { flags = [], options = {} }: Command, args: string[]): Parsed {
  const names = [...flags, ...Object.keys(options), ...(flags.length > 0 ? ['config'] : [])];
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...Object.fromEntries(names.map((option) => [option, { type: 'string' as const }])),
        help: { type: 'boolean' as const, short: 'h' },
      },
    });
    const { help = false, ...texts } = values;
    return { help: help === true, texts: texts as Record<string, string | undefined>, words: positionals };
  } catch (error) {
    // parseArgs throws for unknown flags and for flags without their text, and says which.
    throw new UsageError(`${name}: ${(error as Error).message}`);
  }
}

function configFor(texts: Parsed['texts']): LoadedConfig {
  return loadConfig({ file: texts.config, flags: flagsOf(texts) });
}

function overview(): string {
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return `Usage: kisignal COMMAND [--help]\n\n${lines.join('\n')}\n`;
}

function usage(name: string, { summary, words = '', flags = [], options = {} }: Command): string {
  const settingLines = flags.map((flag) => {
    const { description, environment } = settings.find(({ path }) => path === SETTING_FLAGS[flag])!;
    return [`--${flag}`, `${description} (${environment})`];
  });
  const lines = [
    ...Object.entries(options).map(([option, text]) => [`--${option}`, text]),
    ...settingLines,
    ...(flags.length > 0 ? [['--config', 'Configuration file, JSON. (KISIGNAL_CONFIG)']] : []),
  ].map(([flag, text]) => `  ${flag.padEnd(14)}${text}`);
  const heading = ['Usage: kisignal', name, words, lines.length > 0 ? '[--FLAG TEXT …]' : ''].filter(Boolean).join(' ');
  return [heading, '', `${summary[0].toUpperCase()}${summary.slice(1)}.`, '', ...lines, ''].join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ');
}
