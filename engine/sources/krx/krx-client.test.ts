import { expect, it } from 'vitest';
import { type Asked, answeringServer, HandClock, type Reply } from '../kis/rest/test-http.ts';
import { KrxClient } from './krx-client.ts';

const AUTH_KEY = 'auth-key-of-the-test';

async function client(answer: (asked: Asked, index: number) => Reply, requestsPerDay = 100) {
  const server = await answeringServer(answer);
  const clock = new HandClock();
  const krx = new KrxClient({ url: `${server.url}/svc/apis`, authKey: AUTH_KEY, requestsPerDay, clock });
  return { krx, server, clock };
}

const list = (...rows: Record<string, string>[]): Reply => ({ body: { OutBlock_1: rows } });

function daily(code: string, changes: Record<string, string> = {}): Record<string, string> {
  return {
    BAS_DD: '20260922',
    ISU_CD: code,
    ISU_NM: '삼성전자',
    TDD_CLSPRC: '278,000',
    TDD_OPNPRC: '283,000',
    TDD_HGPRC: '283,500',
    TDD_LWPRC: '276,500',
    ACC_TRDVOL: '11,955,000',
    ACC_TRDVAL: '3352130122500',
    MKTCAP: '1,645,659,000,000,000',
    LIST_SHRS: '5,919,637,922',
    ...changes,
  };
}

it('reads numbers with commas, and none where there is a dash or nothing', async () => {
  const { krx, server } = await client(() =>
    list(daily('005930'), daily('KR7000660001', { TDD_OPNPRC: '-', ACC_TRDVOL: '' })),
  );
  const [one, other] = await krx.dailyPrices('KOSPI', 20260922);
  expect(one).toMatchObject({ code: '005930', closeWon: 278_000, volume: 11_955_000, listedShares: 5_919_637_922 });
  expect(other).toMatchObject({ code: '000660', openWon: 0, volume: 0 });
  expect(server.asked[0]).toMatchObject({
    path: '/svc/apis/sto/stk_bydd_trd',
    query: { basDd: '20260922' },
    headers: { auth_key: AUTH_KEY },
  });
  expect(JSON.stringify(server.asked[0].query)).not.toContain(AUTH_KEY);
});

it('reads indices with the market value of their members, and base information', async () => {
  const index = { BAS_DD: '20260922', IDX_NM: '코스피 200', CLSPRC_IDX: '1,050.31', OPNPRC_IDX: '1', HGPRC_IDX: '1' };
  const numbers = { LWPRC_IDX: '1', ACC_TRDVOL: '5', ACC_TRDVAL: '6', MKTCAP: '3,000' };
  const base = { ISU_SRT_CD: '005930', ISU_ABBRV: '삼성전자', LIST_DD: '19750611', LIST_SHRS: '5,919,637,922' };
  const { krx } = await client(({ path }) => list(path.includes('/idx/') ? { ...index, ...numbers } : base));
  expect(await krx.indexDay('KOSPI', 20260922)).toMatchObject([
    { name: '코스피 200', close: 1050.31, marketCapWon: 3000 },
  ]);
  expect(await krx.baseInfo('KOSPI', 20260922)).toEqual([
    { code: '005930', nameKo: '삼성전자', market: 'KOSPI', listedDate: 19750611, listedShares: 5_919_637_922 },
  ]);
});

it('gives closes of the codes asked for, over the segments until all are found', async () => {
  const { krx, server } = await client(({ path }) =>
    list(daily(path.includes('stk') ? '005930' : '247540'), daily('999999')),
  );
  expect(await krx.crossCheck(20260922, ['247540', '005930'])).toEqual({
    kind: 'daily_close',
    source: 'KRX',
    venue: 'KRX',
    date: 20260922,
    rows: ['005930', '247540'].map((code) => ({
      code,
      closeWon: 278_000,
      volume: 11_955_000,
      turnoverWon: 3_352_130_122_500,
    })),
  });
  expect(server.asked).toHaveLength(2);
});

it('has nothing for a day without trading, nor for one whose rows are of another day', async () => {
  const { krx, server } = await client((_, index) =>
    index === 0 ? list() : list(daily('005930', { BAS_DD: '20260921' })),
  );
  expect(await krx.crossCheck(20260922, ['005930'])).toBeNull();
  expect(await krx.crossCheck(20260922, ['005930'])).toBeNull();
  expect(server.asked).toHaveLength(2);
});

it('keeps to its budget of a day, and begins a new one with the next', async () => {
  const { krx, server, clock } = await client(() => list(), 3);
  for (let call = 0; call < 3; call++) await krx.dailyPrices('KOSPI', 20260922);
  await expect(krx.dailyPrices('KOSPI', 20260922)).rejects.toMatchObject({ code: 'daily_limit' });
  expect([server.asked.length, krx.requestsLeft]).toEqual([3, 0]);
  Object.assign(clock, { us: clock.nowUs() + 86_400_000_000 });
  expect(krx.requestsLeft).toBe(3);
  await krx.dailyPrices('KOSPI', 20260922);
});

it('takes 429 for the end of the day and 401 for the end of a service', async () => {
  const { krx, server } = await client(({ path }, index) => {
    if (path.endsWith('ksq_bydd_trd')) return { status: 401, body: { respCode: '401' } };
    return index < 3 ? list() : { status: 429, body: '' };
  });
  const ask = (segment: 'KOSPI' | 'KOSDAQ') => krx.dailyPrices(segment, 20260922);
  await expect(ask('KOSDAQ')).rejects.toMatchObject({ code: 'unauthorized' });
  await expect(ask('KOSDAQ')).rejects.toMatchObject({ code: 'unauthorized' });
  expect(server.asked).toHaveLength(1);
  await ask('KOSPI');
  await ask('KOSPI');
  await expect(ask('KOSPI')).rejects.toMatchObject({ code: 'daily_limit' });
  await expect(ask('KOSPI')).rejects.toMatchObject({ code: 'daily_limit' });
  expect(server.asked).toHaveLength(4);
  expect(krx.counters.failures).toEqual({ unauthorized: 2, daily_limit: 2 });
});

it.each<[string, Reply]>([
  ['malformed', { body: 'no json' }],
  ['malformed', { body: {} }],
  ['malformed', { body: { OutBlock_1: ['row'] } }],
  ['malformed', list(daily('005930', { TDD_CLSPRC: 'many' }))],
  ['malformed', list(daily('?'))],
  ['http_500', { status: 500, body: AUTH_KEY }],
  ['UND_ERR_SOCKET', { body: null }],
])('tells %s without its key', async (code, reply) => {
  const { krx } = await client(() => reply);
  const error = await krx.dailyPrices('KOSPI', 20260922).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'KrxError', code });
  expect(String(error)).not.toContain(AUTH_KEY);
});
