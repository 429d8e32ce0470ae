import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { type Reply, testRest } from './test-rest.ts';

const PRICE = { FID_COND_MRKT_DIV_CODE: 'J', FID_INPUT_ISCD: '005930' };
const CODE = ({ body }: Reply) => body.msg_cd;

describe('a request to KIS', () => {
  it('is answered with the headers of its gateway', async () => {
    const { ask } = await testRest();
    const { headers } = await ask('FHKST01010100', PRICE);
    expect(headers.get('tr_id')).toBe('FHKST01010100');
    expect(headers.get('tr_cont')).toBe('');
    expect(headers.get('gt_uid')).toMatch(/^[0-9a-f]{32}$/);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  it('is limited for each app key in each second', async () => {
    const { ask, clock, post, get } = await testRest({ requestsPerSecond: 2 });
    const code = async () => CODE(await ask('FHKST01010100', PRICE));
    expect([await code(), await code(), await code()]).toEqual(['MCA00000', 'MCA00000', 'EGW00201']);
    const other = { grant_type: 'client_credentials', appkey: 'other', appsecret: 'secret' };
    const { access_token: token } = (await post('/oauth2/tokenP', other)).body;
    const headers = { appkey: 'other', appsecret: 'secret', authorization: `Bearer ${token}`, tr_id: 'FHKST01010100' };
    const path = `/uapi/domestic-stock/v1/quotations/inquire-price?${new URLSearchParams(PRICE)}`;
    expect(CODE(await get(path, headers))).toBe('MCA00000');
    expect(await ask('FHKST01010100', PRICE)).toMatchObject({ status: 500, body: { rt_cd: '1', msg_cd: 'EGW00201' } });
    clock.timeUs += 1_000_000;
    expect(await code()).toBe('MCA00000');
  });

  it.each([
    ['live' as const, 18],
    ['paper' as const, 1],
  ])('has a limit of its own %s', async (environment, limit) => {
    const { ask } = await testRest({ environment, requestsPerSecond: undefined });
    const codes = [];
    for (let request = 0; request < limit + 1; request++) codes.push(CODE(await ask('FHKST01010100', PRICE)));
    expect(codes.filter((code) => code === 'EGW00201')).toHaveLength(1);
    expect(codes.at(-1)).toBe('EGW00201');
  });

  it('is refused by the other environment', async () => {
    const paper = await testRest({ environment: 'paper' });
    expect(await paper.ask('CTCA0903R', {})).toMatchObject({ status: 500, body: { msg_cd: 'EGW02006' } });
    expect(CODE(await paper.ask('TTTC8434R', {}))).toBe('EGW02006');
    const live = await testRest();
    expect(await live.ask('VTTC8434R', {})).toMatchObject({ status: 500, body: { msg_cd: 'EGW02004' } });
  });

  it.each([
    ['OPSQ0002', 'FHKST01010100', { tr_id: 'FHXXX00000000' }],
    ['OPSQ0002', 'FHKST01010100', { tr_id: '' }],
    ['EGW00203', 'FHKST01010100', { tr_id: 'FHKST01010300' }],
  ])('that nothing serves is answered %s', async (code, trId, headers) => {
    const { ask } = await testRest();
    expect(CODE(await ask(trId, PRICE, headers))).toBe(code);
  });

  it('for a path that is not there is not found', async () => {
    const { get } = await testRest();
    expect(await get('/uapi/nothing')).toMatchObject({ status: 404, body: { msg_cd: 'EGW00202' } });
    expect(await get('/common/master/none.mst.zip')).toMatchObject({ status: 404 });
  });

  it.each([
    ['a parameter that is missing', { FID_INPUT_ISCD: '005930' }, 'OPSQ2001', /NOT FOUND \[FID_COND_MRKT_DIV_CODE\]/],
    ['a venue that is none', { ...PRICE, FID_COND_MRKT_DIV_CODE: 'Z' }, 'OPSQ2001', /FID_COND_MRKT_DIV_CODE/],
    ['a code of a wrong length', { ...PRICE, FID_INPUT_ISCD: '12345' }, 'OPSQ2002', /INPUT_FILED_SIZE/],
  ])('with %s is refused', async (_what, parameters, code, message) => {
    const { ask } = await testRest();
    const { status, body } = await ask('FHKST01010100', parameters as Record<string, string>);
    expect({ status, rt_cd: body.rt_cd, msg_cd: body.msg_cd }).toEqual({ status: 200, rt_cd: '2', msg_cd: code });
    expect(body.msg1).toMatch(message);
  });

  it.each([
    ['FID_INPUT_DATE_1', '20260230'],
    ['FID_INPUT_DATE_2', '2026092'],
    ['FID_PERIOD_DIV_CODE', 'H'],
    ['FID_ORG_ADJ_PRC', 'Y'],
  ])('with a malformed %s is refused', async (name, text) => {
    const { ask } = await testRest();
    const dates = { FID_INPUT_DATE_1: '20260901', FID_INPUT_DATE_2: '20260921', FID_PERIOD_DIV_CODE: 'D' };
    const good = { ...PRICE, ...dates, FID_ORG_ADJ_PRC: '0' };
    expect(CODE(await ask('FHKST03010100', good))).toBe('MCA00000');
    expect(CODE(await ask('FHKST03010100', { ...good, [name]: text }))).toBe('OPSQ2002');
  });

  it('may have a slash too many, as one library sends it', async () => {
    const { get } = await testRest();
    expect(CODE(await get('//uapi/domestic-stock/v1/quotations/inquire-price'))).toBe('EGW00102');
  });

  it('may end with a slash, and is limited to the path all the same', async () => {
    const { get } = await testRest();
    const path = '/uapi/domestic-stock/v1/quotations/inquire-price';
    expect(CODE(await get(`${path}/?${new URLSearchParams(PRICE)}`))).toBe('EGW00102');
    expect(CODE(await get(`${path}/other/`))).toBe('EGW00202');
  });

  it('may write a flag in ten digits, as KIS’s documents do', async () => {
    const { ask } = await testRest();
    const days = async (flag: string) =>
      (await ask('FHKST01010400', { ...PRICE, FID_PERIOD_DIV_CODE: 'D', FID_ORG_ADJ_PRC: flag })).body;
    expect(await days('0000000001')).toEqual(await days('1'));
    expect((await days('0000000002')).msg_cd).toBe('OPSQ2002');
  });

  it('has no header in small letters that could not be the name of a field, as the official samples read them', async () => {
    const { url } = await testRest();
    const names = await new Promise<string[]>((resolve, reject) => {
      const failed = httpRequest(`${url}/uapi/hashkey`, { method: 'POST' }, (response) => {
        response.resume();
        resolve(response.rawHeaders.filter((_, index) => index % 2 === 0));
      });
      failed.on('error', reject).end('{}');
    });
    expect(names).toContain('Content-Type');
    expect(names.filter((name) => name === name.toLowerCase() && !/^[a-z_]+$/.test(name))).toEqual([]);
  });

  it('for an order is refused', async () => {
    const { ask } = await testRest();
    expect((await ask('TTTC0012U', { PDNO: '005930' })).body).toMatchObject({ rt_cd: '1', msg_cd: 'APBK1234' });
  });

  it('has no answer where a recording is played', async () => {
    const { ask, post } = await testRest({ recording: true });
    expect(CODE(await ask('FHKST01010100', PRICE))).toBe('OPSQ1002');
    expect((await post('/emulator/listing', { type: 'delist', code: '005930' })).status).toBe(400);
  });

  it('may have a body of 64 KiB and no more', async () => {
    const { post } = await testRest();
    const answered = await post('/oauth2/tokenP', { appkey: 'x'.repeat(64 * 1024) }).catch(() => undefined);
    // The answer may be cut off by the connection, of which the rest is not read.
    if (answered !== undefined) expect(CODE(answered)).toBe('EGW00204');
  });
});

describe('faults', () => {
  it('turn as many requests as asked for into errors', async () => {
    const { ask, post } = await testRest();
    expect((await post('/emulator/fault', { type: 'rest_error', code: 'EGW00201', count: 2 })).status).toBe(200);
    const replies = [await ask('FHKST01010100', PRICE), await ask('FHKST01010100', PRICE)];
    expect(replies.map(({ status, body }) => [status, body.msg_cd])).toEqual([
      [500, 'EGW00201'],
      [500, 'EGW00201'],
    ]);
    expect(CODE(await ask('FHKST01010100', PRICE))).toBe('MCA00000');
  });

  it('hold answers back, or never give them', async () => {
    const { ask, post, url, rest } = await testRest();
    await post('/emulator/fault', { type: 'rest_delay', ms: 1 });
    expect(CODE(await ask('FHKST01010100', PRICE))).toBe('MCA00000');
    await post('/emulator/fault', { type: 'rest_silent' });
    const abort = new AbortController();
    const silent = fetch(`${url}/common/master/kospi_code.mst.zip`, { signal: abort.signal });
    let answered = false;
    const ended = silent.then(
      () => {
        answered = true;
      },
      () => {},
    );
    await expect.poll(() => rest.faults.waiting).toBe(0);
    // A later request is answered on its own; the silent one is not.
    expect(CODE(await ask('FHKST01010100', PRICE))).toBe('MCA00000');
    expect(answered).toBe(false);
    abort.abort();
    await ended;
    expect(answered).toBe(false);
  });

  it.each([
    [{ type: 'rest_error', code: 'NOTHING' }],
    [{ type: 'rest_delay', ms: 0 }],
    [{ type: 'rest_delay', ms: 1e9 }],
    [{ type: 'rest_silent', count: 0 }],
    [{ type: 'rest_silent', ms: 1 }],
    [{ type: 'nothing' }],
    [{ type: 'reject', code: 'none' }],
    [{ type: 'drop', count: -1 }],
  ])('that make no sense are refused: %o', async (fault) => {
    const { post, faulted } = await testRest();
    expect((await post('/emulator/fault', fault)).status).toBe(400);
    expect(faulted).toEqual([]);
  });

  it('of the wire are passed on', async () => {
    const { post, faulted } = await testRest();
    await post('/emulator/fault', { type: 'drop', count: 3 });
    expect(faulted).toEqual([{ type: 'drop', count: 3 }]);
  });

  it('that have acted, and events of the market, go through the server', async () => {
    const happened: unknown[] = [];
    const { post, get } = await testRest({
      faults: () => ({ faults: ['one'], forgotten: 0 }),
      happen(event) {
        if ('code' in event && event.code === '999999') throw new RangeError('the market has no 999999');
        happened.push(event);
      },
    });
    expect((await get('/emulator/faults')).body).toEqual({ faults: ['one'], forgotten: 0 });
    expect((await post('/emulator/event', { type: 'halt', code: '005930' })).status).toBe(200);
    expect((await post('/emulator/event', { type: 'halt', code: '999999' })).status).toBe(400);
    expect((await post('/emulator/event', { type: 'flood' })).status).toBe(400);
    expect(happened).toEqual([{ type: 'halt', code: '005930' }]);
  });

  it.each(['fault', 'event', 'listing'])('and listings are not for web pages (%s)', async (path) => {
    const { post } = await testRest();
    const { status } = await post(`/emulator/${path}`, { type: 'drop' }, { origin: 'http://example.com' });
    expect(status).toBe(400);
  });
});
