// For tests: configuration files in a folder of their own, and what is wrong with a configuration, as text.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { ConfigError } from './draft.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from './load.ts';

export const KEY = 'PSkeykeykeykeykeykeykeykeykeykeykeyk';
export const SECRET = 'secretsecretsecretsecret/secret+secret=';

/** Anew for each test. */
export let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kisignal-config-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Without the variables of the process. */
export function load(options: LoadOptions = {}): LoadedConfig {
  return loadConfig({ variables: {}, directory, ...options });
}

export function write(name: string, content: unknown): string {
  writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  return name;
}

export function problemsOf(options: LoadOptions): string {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}
