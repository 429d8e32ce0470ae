import { expect, it, onTestFinished } from 'vitest';
import { HastyTimers } from '../test-timers.ts';
import { type Cancel, systemTimers } from '../timers.ts';
import { KisRestClient, type KisRestClientOptions } from './client.ts';
import { type Asked, done, FastClock, kisServer, questions, type Reply, refused } from './test-http.ts';
import { BALANCE, HOLIDAYS, PRICE } from './transactions.ts';

const APP_KEY = 'app-key-of-the-test';
const APP_SECRET = 'app-secret-of-the-test';

/** Long enough for a busy machine; where a test wants a timeout, it waits for one second in earnest. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Waits between requests are hasty, the time that a request may take is not. */
class HastyWaits extends HastyTimers {
  private readonly requestTimeoutMs: number;

  constructor(requestTimeoutMs: number) {
    super(250);
    this.requestTimeoutMs = requestTimeoutMs;
  }

  override after(delayMs: number, callback: () => void): Cancel {
    return delayMs === this.requestTimeoutMs ? systemTimers.after(delayMs, callback) : super.after(delayMs, callback);
  }
}

async function client(
  answer: (asked: Asked, index: number) => Reply | Promise<Reply>,
  options: Partial<KisRestClientOptions> = {},
) {
  const server = await kisServer(answer);
  const timers = new HastyWaits(options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS);
  const one = new KisRestClient({
    restUrl: server.url,
    appKey: APP_KEY,
    appSecret: APP_SECRET,
    environment: 'live',
    requestsPerSecond: 1000,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    timers,
    clock: new FastClock(),
    random: () => 0.5,
    ...options,
  });
  onTestFinished(() => one.close());
  return { one, server, timers };
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'KisRestError' });
  expect(String(error)).not.toMatch(/of-the-test/);
  return (error as { code: string }).code;
}

it('asks as KIS wants to be asked', async () => {
  const latencies: string[] = [];
  const { one, server } = await client(() => done({ output: { stck_prpr: '1' } }), {
    onLatency: (trId, seconds) => latencies.push(`${trId} ${seconds > 0}`),
    customerType: 'B',
  });
  await one.ask(PRICE, { FID_INPUT_ISCD: '005930' });
  expect(questions(server)[0]).toMatchObject({
    path: PRICE.path,
    query: { FID_INPUT_ISCD: '005930' },
    headers: {
      authorization: 'Bearer token-of-the-test',
      appkey: APP_KEY,
      appsecret: APP_SECRET,
      tr_id: 'FHKST01010100',
      custtype: 'B',
      tr_cont: '',
    },
  });
  expect(latencies).toEqual(['FHKST01010100 true']);
  expect(one.counters).toMatchObject({ requests: 1, retries: 0, failures: {} });
});

it('names transactions as paper trading does, and does not ask it what it has not', async () => {
  const { one, server } = await client(() => done({}), { environment: 'paper' });
  await one.ask(BALANCE, {});
  await one.ask(PRICE, {});
  expect(questions(server).map(({ headers }) => headers.tr_id)).toEqual(['VTTC8434R', 'FHKST01010100']);
  expect(await codeOf(one.ask(HOLIDAYS, {}))).toBe('not_on_paper');
  expect([one.offers(HOLIDAYS), one.offers(PRICE)]).toEqual([false, true]);
  expect(questions(server)).toHaveLength(2);
});

it('waits and asks again where there were too many requests, each time longer, and not for ever', async () => {
  const { one, server, timers } = await client((_, index) => (index < 2 ? refused('EGW00201') : done({})));
  await one.ask(PRICE, {});
  expect(one.counters).toMatchObject({ requests: 3, retries: 2, rateRefusals: 2 });
  expect(timers.waitsMs.filter((ms) => ms >= 700).length).toBeGreaterThanOrEqual(2);
  const { one: other, server: unwilling } = await client(() => refused('EGW00201'), { attemptsMax: 3 });
  expect(await codeOf(other.ask(PRICE, {}))).toBe('EGW00201');
  expect(questions(unwilling)).toHaveLength(3);
  expect(other.counters.failures).toEqual({ EGW00201: 1 });
  expect(questions(server)).toHaveLength(3);
});

it.each(['EGW00121', 'EGW00123'])('takes one new token after %s, and tells a second refusal', async (code) => {
  const { one, server } = await client((_, index) => (index === 0 ? refused(code) : done({})));
  await one.ask(PRICE, {});
  expect(server.asked.filter(({ path }) => path === '/oauth2/tokenP')).toHaveLength(2);
  const { one: other, server: unwilling } = await client(() => refused(code));
  expect(await codeOf(other.ask(PRICE, {}))).toBe(code);
  expect(questions(unwilling)).toHaveLength(2);
});

it.each<[string, Reply]>([
  ['malformed', { body: 'no json' }],
  ['malformed', { body: '[1]' }],
  ['malformed', { body: { output: {} } }],
  ['OPSQ2001', { body: { rt_cd: '2', msg_cd: 'OPSQ2001', msg1: 'ERROR' } }],
  ['http_404', { status: 404, body: 'not here' }],
  ['EGW00202', { status: 404, body: { rt_cd: '1', msg_cd: 'EGW00202', msg1: '' } }],
  ['http_403', { status: 403, body: { error: 'no' } }],
])('tells %s at once: the same question would find the same answer', async (code, reply) => {
  const { one, server } = await client(() => reply);
  expect(await codeOf(one.ask(PRICE, {}))).toBe(code);
  expect(questions(server)).toHaveLength(1);
});

it.each<[string, Reply | Promise<Reply>]>([
  ['http_503', { status: 503, body: 'busy' }],
  ['UND_ERR_SOCKET', { body: null }],
])('asks again after %s', async (code, reply) => {
  const { one, server } = await client((_, index) => (index === 0 ? reply : done({})));
  await one.ask(PRICE, {});
  expect(questions(server)).toHaveLength(2);
  const { one: other } = await client(() => reply, { attemptsMax: 2 });
  expect(await codeOf(other.ask(PRICE, {}))).toBe(code);
});

it('asks again where no answer came in time', async () => {
  const { one, server } = await client(() => new Promise<Reply>(() => {}), { attemptsMax: 2, requestTimeoutMs: 1000 });
  expect(await codeOf(one.ask(PRICE, {}))).toBe('timeout');
  expect(questions(server)).toHaveLength(2);
});

it('says nothing of an account that KIS names in its message', async () => {
  const { one } = await client(() => ({ body: { rt_cd: '1', msg_cd: 'OPSQ2000', msg1: 'ACNO 12345678 01' } }));
  await expect(one.ask(BALANCE, {})).rejects.toThrow(/^(?!.*12345678)/);
});

it('follows the pages with the keys that the answer gives, and says N', async () => {
  const { one, server } = await client((_, index) =>
    done({ output: [{ page: String(index) }], ctx_area_fk: `F${index} `, ctx_area_nk: `N${index}` }, 'MFD'[index]),
  );
  const pages = await one.askAll(
    HOLIDAYS,
    { BASS_DT: '20260922' },
    { CTX_AREA_FK: 'ctx_area_fk', CTX_AREA_NK: 'ctx_area_nk' },
  );
  expect(pages).toHaveLength(3);
  expect(
    questions(server).map(({ query, headers }) => [headers.tr_cont, query.CTX_AREA_FK, query.CTX_AREA_NK]),
  ).toEqual([
    ['', '', ''],
    ['N', 'F0', 'N0'],
    ['N', 'F1', 'N1'],
  ]);
  expect(questions(server).every(({ query }) => query.BASS_DT === '20260922')).toBe(true);
});

it('does not follow pages without end', async () => {
  const { one, server } = await client(() => done({}, 'M'));
  expect(await codeOf(one.askAll(HOLIDAYS, {}, { CTX_AREA_NK: 'ctx_area_nk' }))).toBe('pages_max');
  expect(questions(server)).toHaveLength(40);
});

it('turns requests away when too many wait, and ends all of them when it closes', async () => {
  const { one } = await client(() => new Promise<Reply>(() => {}), { queueMax: 2, requestsPerSecond: 0.000_01 });
  await one.tokens.current();
  const asked = [1, 2, 3, 4].map(() => codeOf(one.ask(PRICE, {})));
  await expect.poll(() => one.counters.failures, { timeout: 20_000 }).toEqual({ queue_full: 2 });
  one.close();
  expect((await Promise.all(asked)).sort()).toEqual(['closed', 'closed', 'queue_full', 'queue_full']);
  expect(await codeOf(one.ask(PRICE, {}))).toBe('closed');
});

it('tells that there is no KIS at all', async () => {
  const { one } = await client(() => done({}), { restUrl: 'http://127.0.0.1:1' });
  expect(await codeOf(one.ask(PRICE, {}))).toMatch(/ECONNREFUSED|request_failed/);
});
