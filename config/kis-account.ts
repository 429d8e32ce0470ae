// Decides which KIS the keys are for. Live keys and paper keys look alike, and mistaking one for the other is costly: so
// keys alone never choose, except by a name that says live.
import { resolve } from 'node:path';
import type { Draft, Origin } from './draft.ts';
import type { Variables } from './environment.ts';
import { readJson } from './file.ts';

/** One pair of credentials: KIS allows one session with it. */
export interface KisKey {
  readonly appKey: string;
  readonly appSecret: string;
}

/** Addresses of KIS by environment; the emulator's are known once it runs. */
export const KIS_ADDRESSES = {
  live: { restUrl: 'https://openapi.koreainvestment.com:9443', webSocketUrl: 'ws://ops.koreainvestment.com:21000' },
  paper: {
    restUrl: 'https://openapivts.koreainvestment.com:29443',
    webSocketUrl: 'ws://ops.koreainvestment.com:31000',
  },
} as const;

const ENV = 'source.env';
const APP_KEY = 'source.kis.appKey';
const APP_SECRET = 'source.kis.appSecret';
const KEYS_FILE = 'source.kis.keysFile';

/**
 * Fills environment, keys and addresses in, or reports what is missing or ambiguous.
 * @returns the pairs of the file of keys, besides the one that the settings hold
 */
export function settleKisAccount(
  draft: Draft,
  variables: Variables,
  variableOrigin: (name: string) => Origin,
  directory: string,
  keysNeeded: boolean,
): readonly KisKey[] {
  const hasLiveKeys = Boolean(variables.LIVE_KIS_APP_KEY || variables.LIVE_KIS_APP_SECRET);
  const hasKeys = [APP_KEY, APP_SECRET, KEYS_FILE].some((path) => draft.has(path));
  if (!draft.has(ENV) && hasKeys) {
    draft.report(
      ENV,
      'there are KIS keys, but are they for the live market or for paper trading? ' +
        'Set KIS_ENV=live or KIS_ENV=paper (or KIS_ENV=emulator to leave them unused)',
    );
    return [];
  }
  if (!draft.has(ENV) && hasLiveKeys) draft.set(ENV, 'live', variableOrigin('LIVE_KIS_APP_KEY'));
  const env = draft.get(ENV);
  if ((env !== 'live' && env !== 'paper') || !keysNeeded) return [];

  if (env === 'live') {
    for (const [path, name] of [
      [APP_KEY, 'LIVE_KIS_APP_KEY'],
      [APP_SECRET, 'LIVE_KIS_APP_SECRET'],
    ] as const) {
      if (variables[name]) draft.set(path, variables[name].trim(), variableOrigin(name));
    }
  }
  const further = furtherKeys(draft, directory);
  reportMissingKeys(draft, env, hasLiveKeys);
  for (const [name, address] of Object.entries(KIS_ADDRESSES[env])) {
    const path = `source.kis.${name}`;
    if (!draft.has(path)) draft.set(path, address, { kind: 'default', name: env });
  }
  return further;
}

function reportMissingKeys(draft: Draft, env: 'live' | 'paper', hasLiveKeys: boolean): void {
  for (const [path, name] of [
    [APP_KEY, 'KIS_APP_KEY'],
    [APP_SECRET, 'KIS_APP_SECRET'],
  ] as const) {
    if (draft.has(path)) continue;
    const hint = env === 'paper' && hasLiveKeys ? `; LIVE_${name} is for the live market and is not used` : '';
    draft.report(path, `expected a value, because KIS_ENV is ${env}: set ${name}${hint}`);
  }
}

/** The pairs of the file; where no others are given, its first becomes the settings' own. */
function furtherKeys(draft: Draft, directory: string): readonly KisKey[] {
  const name = draft.get(KEYS_FILE);
  if (typeof name !== 'string') return [];
  const content = readJson(resolve(directory, name), draft);
  if (content === undefined) return [];
  const pairs: readonly unknown[] = Array.isArray(content) ? content : [];
  if (pairs.length === 0 || !pairs.every(isKey)) {
    const wrong = pairs.findIndex((pair) => !isKey(pair));
    const which = wrong < 0 ? '' : `; pair ${wrong + 1} is not`;
    draft.report(KEYS_FILE, `expected ${name} to be a list of {"appKey": …, "appSecret": …}${which}`);
    return [];
  }
  const first = !draft.has(APP_KEY) && !draft.has(APP_SECRET);
  reportDuplicates(draft, name, pairs, first ? undefined : draft.get(APP_KEY));
  if (!first) return pairs;
  draft.set(APP_KEY, pairs[0].appKey, { kind: 'file', name });
  draft.set(APP_SECRET, pairs[0].appSecret, { kind: 'file', name });
  return pairs.slice(1);
}

function isKey(pair: unknown): pair is KisKey {
  if (typeof pair !== 'object' || pair === null) return false;
  const { appKey, appSecret } = pair as Record<string, unknown>;
  return [appKey, appSecret].every((text) => typeof text === 'string' && text !== '');
}

/** A key in two places would have two sessions, of which KIS refuses one for ever. Positions are named, keys are not. */
function reportDuplicates(draft: Draft, name: string, pairs: readonly KisKey[], own: unknown): void {
  for (const [at, { appKey }] of pairs.entries()) {
    const before = pairs.findIndex((pair) => pair.appKey === appKey);
    const rival = appKey === own ? `of ${APP_KEY}` : before < at ? `of pair ${before + 1}` : undefined;
    if (rival === undefined) continue;
    draft.report(KEYS_FILE, `expected each app key once: pair ${at + 1} of ${name} has the app key ${rival}`);
  }
}
