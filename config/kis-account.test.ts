// Which keys are used, for which environment, and what is said where they are missing, ambiguous or doubled.
import { describe, expect, it } from 'vitest';
import { KEY, load, problemsOf, SECRET, write } from './test-configuration.ts';

describe('KIS keys', () => {
  const keys = { KIS_APP_KEY: KEY, KIS_APP_SECRET: SECRET };
  const liveKeys = { LIVE_KIS_APP_KEY: `L${KEY}`, LIVE_KIS_APP_SECRET: `L${SECRET}` };

  it('are not needed for the emulator', () => {
    expect(load().config.source.env).toBe('emulator');
    expect(load().config.source.kis.webSocketUrl).toBeNull();
  });

  it('without KIS_ENV are a question, not a guess', () => {
    const text = problemsOf({ variables: keys });
    expect(text).toContain('KIS_ENV=live');
    expect(text).toContain('KIS_ENV=paper');
    expect(text).toMatch(/\?/);
    expect(text).not.toContain(KEY);
    expect(problemsOf({ variables: { ...keys, ...liveKeys } })).toMatch(/\?/);
    expect(problemsOf({ variables: { KIS_KEYS_FILE: 'keys.json' } })).toMatch(/\?/);
  });

  it('choose the addresses by environment', () => {
    const live = load({ variables: { ...keys, KIS_ENV: 'live' } });
    expect(live.config.source.kis.webSocketUrl).toBe('ws://ops.koreainvestment.com:21000');
    expect(live.originOf('source.kis.webSocketUrl')).toEqual({ kind: 'default', name: 'live' });
    const paper = load({ variables: { ...keys, KIS_ENV: 'paper' } });
    expect(paper.config.source.kis.webSocketUrl).toBe('ws://ops.koreainvestment.com:31000');
    const own = load({ variables: { ...keys, KIS_ENV: 'paper', KISIGNAL_SOURCE_KIS_REST_URL: 'http://127.0.0.1:9' } });
    expect(own.config.source.kis.restUrl).toBe('http://127.0.0.1:9');
  });

  it('named LIVE_ mean live', () => {
    const { config, originOf } = load({ variables: liveKeys });
    expect(config.source.env).toBe('live');
    expect(config.source.kis.appKey).toBe(liveKeys.LIVE_KIS_APP_KEY);
    expect(originOf('source.env')).toEqual({ kind: 'environment', name: 'LIVE_KIS_APP_KEY' });
    const both = load({ variables: { ...keys, ...liveKeys, KIS_ENV: 'live' } });
    expect(both.config.source.kis.appSecret).toBe(liveKeys.LIVE_KIS_APP_SECRET);
  });

  it('named LIVE_ are never used for paper trading or the emulator', () => {
    const paper = load({ variables: { ...keys, ...liveKeys, KIS_ENV: 'paper' } });
    expect(paper.config.source.kis.appKey).toBe(KEY);
    expect(problemsOf({ variables: { ...liveKeys, KIS_ENV: 'paper' } })).toContain(
      'LIVE_KIS_APP_KEY is for the live market',
    );
    expect(load({ variables: { ...liveKeys, KIS_ENV: 'emulator' } }).config.source.kis.appKey).toBeNull();
  });

  it('must be there, both, where KIS is asked for', () => {
    const text = problemsOf({ variables: { KIS_ENV: 'live' } });
    expect(text).toContain('set KIS_APP_KEY');
    expect(text).toContain('set KIS_APP_SECRET');
    expect(problemsOf({ variables: { KIS_ENV: 'live', KIS_APP_KEY: KEY } })).toBe(
      'source.kis.appSecret: expected a value, because KIS_ENV is live: set KIS_APP_SECRET',
    );
  });

  it('may come from a file of keys, all of them', () => {
    const pairs = ['1', '2', '3'].map((end) => ({ appKey: KEY + end, appSecret: SECRET + end }));
    const KIS_KEYS_FILE = write('keys.json', pairs);
    const { config, secrets, kisKeys, originOf } = load({ variables: { KIS_KEYS_FILE, KIS_ENV: 'paper' } });
    expect(config.source.kis.appKey).toBe(`${KEY}1`);
    expect(originOf('source.kis.appKey')).toEqual({ kind: 'file', name: 'keys.json' });
    expect(kisKeys).toEqual(pairs);
    for (const { appKey, appSecret } of pairs) expect(secrets).toEqual(expect.arrayContaining([appKey, appSecret]));
    const both = load({ variables: { ...keys, KIS_KEYS_FILE, KIS_ENV: 'live' } });
    expect(both.kisKeys).toEqual([{ appKey: KEY, appSecret: SECRET }, ...pairs]);
    expect(both.originOf('source.kis.appKey').kind).toBe('environment');
    const live = load({ variables: { ...keys, ...liveKeys, KIS_KEYS_FILE, KIS_ENV: 'live' } });
    expect(live.kisKeys[0]).toEqual({ appKey: `L${KEY}`, appSecret: `L${SECRET}` });
  });

  it('are one, without a file, and none in the emulator', () => {
    expect(load({ variables: { ...keys, KIS_ENV: 'paper' } }).kisKeys).toEqual([{ appKey: KEY, appSecret: SECRET }]);
    const KIS_KEYS_FILE = write('keys.json', [{ appKey: KEY, appSecret: SECRET }]);
    expect(load({ variables: { ...keys, KIS_KEYS_FILE, KIS_ENV: 'emulator' } }).kisKeys).toEqual([]);
    expect(load({ variables: { KIS_KEYS_FILE, KIS_ENV: 'live' }, keys: false }).kisKeys).toEqual([]);
  });

  it.each([
    [
      'is no list',
      { appKey: KEY, appSecret: SECRET },
      'expected keys.json to be a list of {"appKey": …, "appSecret": …}',
    ],
    ['is empty', [], 'to be a list of {"appKey": …, "appSecret": …}'],
    ['lacks a secret', [{ appKey: KEY, appSecret: SECRET }, { appKey: `${KEY}2` }], '"appSecret": …}; pair 2 is not'],
    ['has a number for a key', [{ appKey: 7, appSecret: SECRET }], '; pair 1 is not'],
    ['has a null', [null], '; pair 1 is not'],
    ['has an empty secret', [{ appKey: KEY, appSecret: '' }], '; pair 1 is not'],
  ])('in a file that %s are refused', (_, content, message) => {
    const variables = { KIS_KEYS_FILE: write('keys.json', content), KIS_ENV: 'paper' };
    const text = problemsOf({ variables });
    expect(text).toContain(message);
    for (const secret of [KEY, SECRET]) expect(text).not.toContain(secret);
  });

  it('given twice are refused by their places, and never quoted', () => {
    const [one, two] = ['1', '2'].map((end) => ({ appKey: KEY + end, appSecret: SECRET + end }));
    const KIS_KEYS_FILE = write('keys.json', [one, two, { ...two, appSecret: 'another' }, one]);
    const text = problemsOf({ variables: { KIS_KEYS_FILE, KIS_ENV: 'paper' } });
    expect(text.split('\n')).toEqual([
      'source.kis.keysFile: expected each app key once: pair 3 of keys.json has the app key of pair 2',
      'source.kis.keysFile: expected each app key once: pair 4 of keys.json has the app key of pair 1',
    ]);
    write('keys.json', [two, one]);
    const own = { KIS_APP_KEY: one.appKey, KIS_APP_SECRET: one.appSecret, KIS_KEYS_FILE, KIS_ENV: 'paper' };
    expect(problemsOf({ variables: own })).toBe(
      'source.kis.keysFile: expected each app key once: pair 2 of keys.json has the app key of source.kis.appKey',
    );
  });

  it('in a file that is not there are missing', () => {
    const variables = { KIS_KEYS_FILE: 'none.json', KIS_ENV: 'paper' };
    expect(problemsOf({ variables })).toContain('ENOENT');
  });

  it('given by half are not completed from the file', () => {
    const KIS_KEYS_FILE = write('keys.json', [{ appKey: `${KEY}1`, appSecret: SECRET }]);
    expect(problemsOf({ variables: { KIS_KEYS_FILE, KIS_APP_KEY: KEY, KIS_ENV: 'paper' } })).toBe(
      'source.kis.appSecret: expected a value, because KIS_ENV is paper: set KIS_APP_SECRET',
    );
  });
});

it('asks for no keys where the command talks to nobody', () => {
  const variables = { KIS_ENV: 'live' };
  expect(() => load({ variables })).toThrow('KIS_ENV is live');
  expect(load({ variables, keys: false }).config.source.env).toBe('live');
});
