// How a command is called: its words and flags, its usage, and what is wrong with a call. The commands themselves stand in
// main.ts.
import { parseArgs } from 'node:util';
import { flagsOf, SETTING_FLAGS, type SettingFlag } from './flags.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from './load.ts';
import { settings } from './schema.ts';

export interface Command {
  readonly summary: string;
  /** Words after the command: `check|print`, `DIR`. */
  readonly words?: string;
  /** Flags that set a setting; `--config FILE` goes with them. */
  readonly flags?: readonly SettingFlag[];
  /** Flags of its own, each with a text. */
  readonly options?: Readonly<Record<string, string>>;
  /** Flags of its own that are given or not. */
  readonly switches?: Readonly<Record<string, string>>;
  run(invocation: Invocation): Promise<void>;
}

export interface Invocation {
  readonly words: readonly string[];
  /** Texts of the flags given. */
  readonly options: Readonly<Record<string, string | undefined>>;
  /** Names of the switches given. */
  readonly switches: ReadonlySet<string>;
  /** Loads the configuration with the flags given; who does not talk to KIS needs no keys. */
  config(needs?: Pick<LoadOptions, 'keys'>): LoadedConfig;
}

export type Commands = Readonly<Record<string, Command>>;

/** The command line is wrong: told with the usage, exit code 2. */
export class UsageError extends Error {}

/** @returns what to run, or the text that was asked for. @throws UsageError */
export function readCommandLine(commands: Commands, args: readonly string[]): (() => Promise<void>) | string {
  const [name = '--help', ...rest] = args;
  if (name === '--help' || name === '-h' || name === 'help') return overview(commands);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new UsageError(`there is no command ${name}`);
  const { help, words, options, switches } = parse(name, command, rest);
  if (help) return usage(name, command);
  return () =>
    command.run({
      words,
      options,
      switches,
      config: (needs) => loadConfig({ file: options.config, flags: flagsOf(options), ...needs }),
    });
}

interface Parsed extends Pick<Invocation, 'words' | 'options' | 'switches'> {
  readonly help: boolean;
}

function parse(name: string, { flags = [], options = {}, switches = {} }: Command, args: string[]): Parsed {
  const names = [...flags, ...Object.keys(options), ...(flags.length > 0 ? ['config'] : [])];
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        ...Object.fromEntries(names.map((option) => [option, { type: 'string' as const }])),
        ...Object.fromEntries(Object.keys(switches).map((option) => [option, { type: 'boolean' as const }])),
        help: { type: 'boolean' as const, short: 'h' },
      },
    });
    const { help = false, ...texts } = values;
    const given = Object.entries(texts).filter(([, text]) => typeof text === 'string');
    return {
      help: help === true,
      words: positionals,
      options: Object.fromEntries(given) as Invocation['options'],
      switches: new Set(Object.keys(texts).filter((option) => option in switches)),
    };
  } catch (error) {
    // parseArgs throws for unknown flags and for flags without their text, and says which.
    throw new UsageError(`${name}: ${(error as Error).message}`);
  }
}

export function overview(commands: Commands): string {
  const lines = columns(Object.entries(commands).map(([name, { summary }]) => [name, summary]));
  return `Usage: kisignal COMMAND [--help]\n\n${lines}`;
}

export function usage(name: string, { summary, words = '', flags = [], options = {}, switches = {} }: Command): string {
  const rows = [
    ...Object.entries({ ...options, ...switches }).map(([option, text]) => [`--${option}`, text] as const),
    ...flags.map((flag) => [`--${flag}`, meaningOf(flag)] as const),
    ...(flags.length > 0 ? [['--config', 'Configuration file, JSON. (KISIGNAL_CONFIG)'] as const] : []),
  ];
  const heading = ['Usage: kisignal', name, words, rows.length > 0 ? '[--FLAG TEXT …]' : ''].filter(Boolean).join(' ');
  return `${heading}\n\n${summary[0].toUpperCase()}${summary.slice(1)}.\n\n${columns(rows)}`;
}

function meaningOf(flag: SettingFlag): string {
  const { description, environment } = settings.find(({ path }) => path === SETTING_FLAGS[flag])!;
  return `${description} (${environment})`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('');
}
