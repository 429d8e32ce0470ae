// Reads the configuration file: JSON with the sections of the schema. A key that no setting has is an error, because a
// misspelt limit is a limit that is not there.
import { readFileSync } from 'node:fs';
import type { Draft } from './draft.ts';
import { settings } from './schema.ts';
import { suggestion } from './suggestion.ts';

const paths = settings.map(({ path }) => path);

export function readConfigFile(file: string, draft: Draft): void {
  const content = readJson(file, draft);
  if (content === undefined) return;
  if (isSection(content)) readSection('', content, file, draft);
  else draft.report('', `${file}: expected a JSON object with sections`);
}

function readSection(prefix: string, section: Record<string, unknown>, file: string, draft: Draft): void {
  for (const [key, value] of Object.entries(section)) {
    const path = prefix + key;
    if (paths.includes(path)) {
      draft.set(path, value, { kind: 'file', name: file });
    } else if (!paths.some((known) => known.startsWith(`${path}.`))) {
      draft.report(path, `not a setting (file ${file})${suggestion(path, paths)}`);
    } else if (isSection(value)) {
      readSection(`${path}.`, value, file, draft);
    } else {
      draft.report(path, `expected an object with settings, found ${describe(value)} (file ${file})`);
    }
  }
}

/** The parsed file, or undefined where it cannot be read or parsed: then that has been reported. */
export function readJson(file: string, draft: Draft): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    draft.report('', `${file}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    draft.report('', `${file}: not valid JSON${placeOf(error as SyntaxError, text)}`);
    return undefined;
  }
}

/** The parser's own message may quote the file, and with it a secret: only the place is taken from it. */
function placeOf(error: SyntaxError, text: string): string {
  const position = /position (\d+)/.exec(error.message)?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` (line ${before.length}, column ${before[before.length - 1].length + 1})`;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
