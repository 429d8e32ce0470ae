// A whole run with keys, as if live, whose addresses point at an emulator: what is personal or secret is in no log line, no
// status, no metric and no byte of the data folder; a token outlives the process where a key encrypts it, else nowhere.
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hostTimeUs } from './clock.ts';
import { newMarket, testEmulator } from './emulator/test-emulator.ts';
import { configOn, TestRun, temporaryFolder, until } from './test-run.ts';

const HTS_ID = 'personal-hts-id';
const ACCOUNT = '12345678-01';

interface SecretStatus {
  readonly feed: { readonly notices: { readonly received: number; readonly stored: number } };
  readonly reference: { readonly loaded: Record<string, number> };
  readonly rest: { readonly requests: number; readonly tokensRefused: number };
}

/** App keys of no other test: a key in use is marked for all processes of the machine. */
let key: { readonly appKey: string; readonly appSecret: string };
/** Tokens and approval keys that the emulator gave out. */
let given: string[];
let tokensAsked: number;

beforeEach(() => {
  key = { appKey: `PS${randomBytes(17).toString('hex')}`, appSecret: randomBytes(90).toString('base64') };
  given = [];
  tokensAsked = 0;
  const plainFetch = globalThis.fetch;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (...request) => {
    const response = await plainFetch(...request);
    if (!String(request[0]).includes('/oauth2/')) return response;
    const body = await response.text();
    given.push(...[...body.matchAll(/"(?:approval_key|access_token)":"([^"]+)"/g)].map(([, secret]) => secret!));
    if (String(request[0]).includes('tokenP')) tokensAsked += 1;
    return new Response(body, { status: response.status });
  });
  onTestFinished(() => void vi.restoreAllMocks());
});

/** Every byte of every file of a folder, one character each. */
function bytesOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  return files
    .filter((file) => statSync(file).isFile())
    .map((file) => `${file}\n${readFileSync(file).toString('latin1')}`)
    .join('\n');
}

async function liveRun(env: 'live' | 'paper', encrypted: boolean) {
  const folder = temporaryFolder();
  const encryptionKeyFile = encrypted ? join(temporaryFolder(), 'key') : null;
  if (encryptionKeyFile !== null) writeFileSync(encryptionKeyFile, randomBytes(32));
  const market = newMarket(7, { startTimeUs: hostTimeUs() });
  const emulator = await testEmulator({ feed: { kind: 'market', market }, environment: env, htsId: HTS_ID });
  const config = configOn(emulator, folder, {
    source: {
      env,
      kis: { ...key, htsId: HTS_ID, accountNo: ACCOUNT, mastersUrl: `${emulator.restUrl}/common/master` },
    },
    universe: { symbols: ['005930'] },
    journal: { encryptionKeyFile },
  });
  return { emulator, config };
}

const ticked = (one: TestRun): boolean => one.run.bus.retained('ticks/005930.KRX').length > 0;

async function expectNothingTold(one: TestRun): Promise<void> {
  const told = [
    ...one.log.map((line) => JSON.stringify(line)),
    JSON.stringify([one.run.status(), one.run.quality()]),
    await one.run.metrics(),
  ].join('\n');
  await one.stop();
  const stored = bytesOf(one.folder);
  expect(stored).toContain('|H0STCNT0|');
  expect(one.log.length).toBeGreaterThan(3);
  expect(given.length).toBeGreaterThanOrEqual(2);
  for (const secret of [key.appKey, key.appSecret, HTS_ID, ACCOUNT, ACCOUNT.replace('-', ''), '12345678', ...given]) {
    expect(told.includes(secret), `told: ${secret}`).toBe(false);
    expect(stored.includes(secret), `stored: ${secret}`).toBe(false);
  }
}

describe.each(['live', 'paper'] as const)('%s', (env) => {
  it('tells and stores nothing secret, and keeps a token sealed for the next start', async () => {
    const { emulator, config } = await liveRun(env, true);
    const first = await TestRun.start(config, [key]);
    await until(() => ticked(first) && first.status<SecretStatus>().rest.requests > 1);
    await until(() => Object.keys(first.status<SecretStatus>().reference.loaded).length > 0);
    emulator.fault({ type: 'notice' });
    await until(() => first.status<SecretStatus>().feed.notices.stored === 1);
    await expectNothingTold(first);
    expect(readdirSync(join(first.folder, 'tokens'))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.token$/)]);

    expect(tokensAsked).toBe(1);
    const second = await TestRun.start(config, [key]);
    await until(() => second.status<SecretStatus>().rest.requests > 0 && second.run.ready());
    await second.stop();
    expect([tokensAsked, second.status<SecretStatus>().rest.tokensRefused]).toEqual([1, 0]);
  });

  it('has neither token nor notice on the disk where no key encrypts them', async () => {
    const { emulator, config } = await liveRun(env, false);
    const one = await TestRun.start(config, [key]);
    await until(() => ticked(one) && one.status<SecretStatus>().rest.requests > 1);
    emulator.fault({ type: 'notice' });
    await until(() => one.status<SecretStatus>().feed.notices.received === 1);
    await expectNothingTold(one);
    expect(['tokens', 'notices'].filter((name) => existsSync(join(one.folder, name)))).toEqual([]);
  });
});
