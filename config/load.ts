// Puts the configuration together: defaults, then the file that KISIGNAL_CONFIG names, then `.env`, then the environment,
// then flags of the command line; the latest wins. It is validated once, here, and everything wrong is told at once.
import { resolve } from 'node:path';
import { ConfigError, Draft, type Origin } from './draft.ts';
import { readEnvFile, readVariables, type Variables } from './environment.ts';
import { readConfigFile } from './file.ts';
import { type KisKey, settleKisAccount } from './kis-account.ts';
import { type Config, configSchema, settings } from './schema.ts';
import { valueOfText } from './setting.ts';

export interface LoadOptions {
  /** Default: the process's. */
  readonly variables?: Variables;
  /** Where `.env` is looked for and relative names of files begin; default: the working directory. */
  readonly directory?: string;
  /** A configuration file, stronger than KISIGNAL_CONFIG's. */
  readonly file?: string | undefined;
  readonly flags?: readonly Flag[];
  /** False: KIS keys may be missing, for commands that must work without. Default: true. */
  readonly keys?: boolean;
}

/** A setting given on the command line. */
export interface Flag {
  /** `--port` */
  readonly name: string;
  readonly path: string;
  readonly text: string;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly originOf: (path: string) => Origin;
  /** Every app key that may be used, the settings' own first; none for the emulator. */
  readonly kisKeys: readonly KisKey[];
  /** Values that must never be shown: for the logger's masks. */
  readonly secrets: readonly string[];
  /** What may be a mistake and stopped nothing. */
  readonly warnings: readonly string[];
}

/** @throws ConfigError with everything that is wrong */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const { variables = process.env, directory = process.cwd(), flags = [], keys = true } = options;
  const draft = new Draft();
  const fileVariables = readEnvFile(resolve(directory, '.env'), draft);
  const file = options.file ?? (variables.KISIGNAL_CONFIG || fileVariables.KISIGNAL_CONFIG);
  if (file) readConfigFile(resolve(directory, file), draft);
  readVariables(fileVariables, '.env', draft);
  readVariables(variables, 'environment', draft);
  for (const { name, path, text } of flags) readFlag(name, path, text, draft);
  const furtherKeys = settleKisAccount(
    draft,
    { ...fileVariables, ...withoutEmpty(variables) },
    (name) => ({ kind: variables[name] ? 'environment' : '.env', name }),
    directory,
    keys,
  );
  const config = validate(draft);
  const kisKeys = kisKeysOf(config, furtherKeys);
  return {
    config,
    originOf: (path) => draft.originOf(path),
    kisKeys,
    secrets: [...new Set([...secretsOf(config), ...kisKeys.flatMap(({ appKey, appSecret }) => [appKey, appSecret])])],
    warnings: draft.warnings,
  };
}

function readFlag(name: string, path: string, text: string, draft: Draft): void {
  const setting = settings.find((candidate) => candidate.path === path);
  if (setting === undefined) throw new Error(`flag ${name} names no setting: ${path}`);
  draft.set(path, valueOfText(setting.type, text), { kind: 'flag', name });
}

function withoutEmpty(variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([, text]) => text !== undefined && text.trim() !== ''));
}

function validate(draft: Draft): Config {
  const result = configSchema.safeParse(draft.toObject());
  const reported = new Set<string>();
  for (const issue of result.error?.issues ?? []) {
    const path = issue.path.join('.');
    if (issue.code === 'custom') {
      draft.report(path, issue.message);
      continue;
    }
    const invalid = settings.find((setting) => path === setting.path || path.startsWith(`${setting.path}.`));
    if (invalid === undefined || reported.has(invalid.path)) continue;
    reported.add(invalid.path);
    draft.reportInvalid(invalid);
  }
  if (result.data === undefined || draft.problems.length > 0) throw new ConfigError(draft.problems);
  return result.data;
}

/** Value of a setting by its path. */
export function valueAt(config: Config, path: string): unknown {
  return path.split('.').reduce<unknown>((section, key) => (section as Record<string, unknown>)[key], config);
}

function kisKeysOf({ source: { env, kis } }: Config, further: readonly KisKey[]): readonly KisKey[] {
  const { appKey, appSecret } = kis;
  return env === 'emulator' || appKey === null || appSecret === null ? [] : [{ appKey, appSecret }, ...further];
}

function secretsOf(config: Config): string[] {
  const values = settings.filter(({ secret }) => secret).map(({ path }) => valueAt(config, path));
  return values.filter((value): value is string => typeof value === 'string');
}
