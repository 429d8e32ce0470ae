import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AccessTokens } from './access-tokens.ts';
import { answeringServer, HandClock, type Reply } from './test-http.ts';
import { SealedTokenStore, type TokenStore } from './token-store.ts';

const APP_SECRET = 'secret-of-the-test';
const HOUR_MS = 3_600_000;

async function tokens(answer: (index: number) => Reply, store: TokenStore | null = null, clock = new HandClock()) {
  const server = await answeringServer((_, index) => answer(index));
  const closing = new AbortController();
  const one = new AccessTokens({
    restUrl: server.url,
    appKey: 'key-of-the-test',
    appSecret: APP_SECRET,
    requestTimeoutMs: 1_000_000_000,
    store,
    clock,
    timers: clock.timers,
    closing: closing.signal,
  });
  return { one, server, clock, closing };
}

function token(text: string, seconds = 86_400): Reply {
  return { body: { access_token: text, expires_in: seconds } };
}

const TOO_SOON: Reply = { status: 403, body: { error_code: 'EGW00133', error_description: '1분당 1회' } };

function jumpHours(clock: HandClock, hours: number): void {
  // A step is a millisecond of the hand clock: hours are passed by replacing its origin.
  Object.assign(clock, { us: clock.nowUs() + hours * HOUR_MS * 1000 });
}

it('asks once for all who want a token at the same time, and keeps it for its day', async () => {
  const { one, server, clock } = await tokens((index) => token(`token ${index}`));
  expect(await Promise.all([one.current(), one.current(), one.current()])).toEqual(['token 0', 'token 0', 'token 0']);
  jumpHours(clock, 22);
  expect(await one.current()).toBe('token 0');
  expect(server.asked).toHaveLength(1);
  expect(server.asked[0].body).toEqual({
    grant_type: 'client_credentials',
    appkey: 'key-of-the-test',
    appsecret: APP_SECRET,
  });
});

it('renews in passing before the day is over, and nobody waits for it', async () => {
  const { one, clock } = await tokens((index) => token(`token ${index}`));
  await one.current();
  jumpHours(clock, 23.5);
  expect(await one.current()).toBe('token 0');
  await expect.poll(() => one.current(), { timeout: 20_000 }).toBe('token 1');
});

it('goes on with what it has where a renewal is refused, and asks again only after a minute', async () => {
  const { one, server, clock } = await tokens((index) => (index === 0 ? token('token 0') : { status: 503, body: '' }));
  await one.current();
  jumpHours(clock, 23.5);
  await one.current();
  await expect.poll(() => one.failed, { timeout: 20_000 }).toBe(1);
  for (let index = 0; index < 5; index++) expect(await one.current()).toBe('token 0');
  expect(server.asked).toHaveLength(2);
});

it('waits a minute where another process asked first', async () => {
  const { one, server, clock } = await tokens((index) => (index === 0 ? TOO_SOON : token('token')));
  const startUs = clock.nowUs();
  expect(await clock.until(one.current())).toBe('token');
  expect(server.asked).toHaveLength(2);
  expect(clock.nowUs() - startUs).toBeGreaterThanOrEqual(60_000_000);
});

it('gives up after three refusals of that kind', async () => {
  const { one, server, clock } = await tokens(() => TOO_SOON);
  await expect(clock.until(one.current(), 1000)).rejects.toMatchObject({ code: 'EGW00133' });
  expect(server.asked).toHaveLength(3);
});

it('does not ask twice within a minute, even for a token that KIS refuses', async () => {
  const { one, server, clock } = await tokens((index) => token(`token ${index}`));
  one.discard(await one.current());
  const startUs = clock.nowUs();
  expect(await clock.until(one.current())).toBe('token 1');
  expect(clock.nowUs() - startUs).toBeGreaterThanOrEqual(60_000_000);
  one.discard('token 0');
  expect(await one.current()).toBe('token 1');
  expect(server.asked).toHaveLength(2);
});

it.each<[string, Reply]>([
  ['EGW00103', { status: 403, body: { error_code: 'EGW00103', error_description: `no such key: ${APP_SECRET}` } }],
  ['malformed', { body: { access_token: 5 } }],
  ['malformed', { body: '<html>' }],
  ['http_502', { status: 502, body: APP_SECRET }],
])('tells %s by its code and nothing of what KIS said', async (code, reply) => {
  const { one } = await tokens(() => reply);
  const error = await one.current().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'KisRestError', code });
  expect(String(error)).not.toContain(APP_SECRET);
});

it('ends its wait when the client closes', async () => {
  const { one, closing } = await tokens(() => TOO_SOON);
  const waiting = one.current();
  await expect.poll(() => one.failed, { timeout: 20_000 }).toBe(1);
  closing.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'closed' });
});

function store(folder: string, masterKey = Buffer.alloc(32, 1), appKey = 'key-of-the-test'): SealedTokenStore {
  return new SealedTokenStore({ folder, masterKey, appKey, restUrl: 'http://kis' });
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kisignal-token-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

it('takes the token of the run before from the disk, where it lies sealed', async () => {
  const folder = temporaryFolder();
  const first = await tokens(() => token('long-lived-token'), store(folder));
  await first.one.current();
  const second = await tokens(() => token('another'), store(folder));
  expect(await second.one.current()).toBe('long-lived-token');
  expect(second.server.asked).toHaveLength(0);
  const [file] = readdirSync(folder);
  expect(file + readFileSync(join(folder, file), 'latin1')).not.toMatch(/long-lived-token|key-of-the-test/);
});

it('reads nothing from a file that is damaged, of another key or of another app key', () => {
  const folder = temporaryFolder();
  store(folder).save({ text: 'token', expiresUs: 5 });
  expect(store(folder).load()).toEqual({ text: 'token', expiresUs: 5 });
  expect(store(folder, Buffer.alloc(32, 2)).load()).toBeNull();
  expect(store(folder, undefined, 'other').load()).toBeNull();
  const path = join(folder, readdirSync(folder)[0]);
  const whole = readFileSync(path);
  for (let at = 0; at < whole.length; at++) {
    const damaged = Buffer.from(whole);
    damaged[at] ^= 1;
    writeFileSync(path, damaged);
    expect(store(folder).load()).toBeNull();
  }
});

it('serves a token that cannot be kept', async () => {
  const full: TokenStore = {
    load: () => null,
    save: () => {
      throw new Error('ENOSPC');
    },
  };
  const { one } = await tokens(() => token('token'), full);
  expect(await one.current()).toBe('token');
});
