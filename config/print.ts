// Shows a configuration to a person: a table of path, value and origin. Secrets are not in it.
import { originText } from './draft.ts';
import { type LoadedConfig, valueAt } from './load.ts';
import { settings } from './schema.ts';
import { textOfValue } from './setting.ts';

const SECRET_SHOWN = '(secret)';

/** One line a setting: path, value, origin. */
export function printConfig({ config, originOf }: LoadedConfig): string {
  const rows = settings.map(({ path, secret }) => [
    path,
    shown(valueAt(config, path), secret),
    originText(originOf(path)),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map(([path, value, origin]) => `${path.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${origin}\n`)
    .join('');
}

function shown(value: unknown, secret: boolean): string {
  if (value === null) return '-';
  if (secret) return SECRET_SHOWN;
  const text = textOfValue(value);
  return text === '' ? '-' : text;
}
