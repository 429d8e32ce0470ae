// Reads settings from variables: those of the file `.env` and those of the process, which are stronger. A variable that is
// set to nothing counts as not set.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Draft, Origin } from './draft.ts';
import { settings } from './schema.ts';
import { valueOfText } from './setting.ts';
import { suggestion } from './suggestion.ts';

export type Variables = Readonly<Record<string, string | undefined>>;

/** Names that are no settings of their own: the file of settings, KIS's names for live keys, and what the tests read. */
export const OTHER_NAMES = [
  'KISIGNAL_CONFIG',
  'LIVE_KIS_APP_KEY',
  'LIVE_KIS_APP_SECRET',
  'KISIGNAL_SHARED_DATA',
  'KISIGNAL_SERVERS_HOME',
  'KISIGNAL_KAFKA_HOME',
];

const names = [...settings.map(({ environment }) => environment), ...OTHER_NAMES];

/** The variables of a `.env` file; none where there is no such file. */
export function readEnvFile(file: string, draft: Draft): Variables {
  try {
    return parseEnv(readFileSync(file, 'utf8')) as Variables;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') draft.report('', `${file}: cannot be read (${code})`);
    return {};
  }
}

export function readVariables(
  variables: Variables,
  kind: Extract<Origin['kind'], '.env' | 'environment'>,
  draft: Draft,
): void {
  for (const { path, environment, type } of settings) {
    const text = variables[environment];
    if (text !== undefined && text.trim() !== '') {
      draft.set(path, valueOfText(type, text), { kind, name: environment });
    }
  }
  for (const name of Object.keys(variables)) {
    if (!name.startsWith('KISIGNAL_') || names.includes(name)) continue;
    draft.warnings.push(`${name} (${kind}) is not a setting${suggestion(name, names)}`);
  }
}
