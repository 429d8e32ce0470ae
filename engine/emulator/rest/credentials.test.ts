import { describe, expect, it } from 'vitest';
import { GRANT, KEYS, testRest } from './test-rest.ts';

const HOUR_US = 3_600_000_000;
const PAIR = new Map([['key', 'secret']]);
const FULL = { ...GRANT, ...KEYS, secretkey: 'secret' };
const PRICE = { FID_COND_MRKT_DIV_CODE: 'J', FID_INPUT_ISCD: '005930' };

describe('tokens', () => {
  it('are refused within a minute of a new one, the same within six hours, and new after that', async () => {
    const { post, clock } = await testRest();
    const token = () => post('/oauth2/tokenP', FULL);
    const first = await token();
    expect(first.body).toMatchObject({
      access_token_token_expired: '2026-09-23 10:30:30',
      token_type: 'Bearer',
      expires_in: 86_400,
    });
    clock.timeUs += 59_000_000;
    expect(await token()).toMatchObject({ status: 403, body: { error_code: 'EGW00133' } });
    clock.timeUs += 2_000_000;
    expect((await token()).body.access_token).toBe(first.body.access_token);
    // The same token again is no new issue: the next request need not wait.
    expect((await token()).body.access_token).toBe(first.body.access_token);
    clock.timeUs += 6 * HOUR_US;
    const second = await token();
    expect(second.status).toBe(200);
    expect(second.body.access_token).not.toBe(first.body.access_token);
  });

  it('open the TRs for a day', async () => {
    const { ask, clock } = await testRest();
    expect((await ask('FHKST01010100', PRICE)).body).toMatchObject({ rt_cd: '0', msg_cd: 'MCA00000' });
    clock.timeUs += 24 * HOUR_US - 1;
    expect((await ask('FHKST01010100', PRICE)).body.rt_cd).toBe('0');
    clock.timeUs += 1;
    expect(await ask('FHKST01010100', PRICE)).toMatchObject({ status: 500, body: { msg_cd: 'EGW00123' } });
  });

  it('are worth nothing once they are revoked', async () => {
    const { post, ask } = await testRest();
    const { access_token: token } = (await post('/oauth2/tokenP', FULL)).body;
    const authorization = { authorization: `Bearer ${token}` };
    expect((await ask('FHKST01010100', PRICE, authorization)).body.rt_cd).toBe('0');
    expect((await post('/oauth2/revokeP', { ...KEYS, token: 'other' })).body).toMatchObject({ error_code: 'EGW00121' });
    expect((await post('/oauth2/revokeP', { ...KEYS, token })).body).toMatchObject({ code: 200 });
    expect((await ask('FHKST01010100', PRICE, authorization)).body.msg_cd).toBe('EGW00121');
    // A token that is gone pauses no other.
    expect((await post('/oauth2/tokenP', FULL)).status).toBe(200);
  });
});

describe('approval keys', () => {
  it('look like those of KIS, and differ', async () => {
    const { post } = await testRest();
    const [one, other] = [await post('/oauth2/Approval', FULL), await post('/oauth2/Approval', FULL)];
    expect(one.body.approval_key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(other.body.approval_key).not.toBe(one.body.approval_key);
  });

  it.each([
    ['EGW00115', { ...FULL, grant_type: undefined }],
    ['EGW00116', { ...FULL, grant_type: 'password' }],
    ['EGW00102', { ...FULL, appkey: '' }],
    ['EGW00104', { ...FULL, secretkey: undefined }],
    ['EGW00103', { ...FULL, appkey: 'other' }],
    ['EGW00105', { ...FULL, secretkey: 'other' }],
  ])('are refused with %s', async (code, body) => {
    const { post } = await testRest({ appKeys: PAIR });
    expect(await post('/oauth2/Approval', body)).toMatchObject({ status: 403, body: { error_code: code } });
  });
});

describe('headers of a TR', () => {
  it.each([
    ['EGW00102', { appkey: '' }],
    ['EGW00103', { appkey: 'other' }],
    ['EGW00104', { appsecret: '' }],
    ['EGW00105', { appsecret: 'other' }],
    ['EGW00122', { authorization: '' }],
    ['EGW00122', { authorization: 'Basic abc' }],
    ['EGW00121', { authorization: 'Bearer wrong' }],
    ['EGW00208', { custtype: 'X' }],
  ])('are refused with %s for %o', async (code, headers) => {
    const { ask } = await testRest({ appKeys: PAIR });
    expect(await ask('FHKST01010100', PRICE, headers)).toMatchObject({
      status: 500,
      body: { rt_cd: '1', msg_cd: code },
    });
  });

  it('may leave the customer type out, but not hold the token of another key', async () => {
    const { ask, post, get } = await testRest();
    const other = await post('/oauth2/tokenP', { ...GRANT, appkey: 'other', appsecret: 'secret' });
    const authorization = `Bearer ${other.body.access_token}`;
    expect((await ask('FHKST01010100', PRICE, { authorization })).body.msg_cd).toBe('EGW00121');
    const path = '/uapi/domestic-stock/v1/quotations/inquire-price?fid_cond_mrkt_div_code=J&fid_input_iscd=005930';
    const headers = { authorization, appkey: 'other', appsecret: 'secret', tr_id: 'FHKST01010100' };
    expect((await get(path, headers)).body.rt_cd).toBe('0');
  });
});

describe('an app key that is revoked', () => {
  it('opens nothing any more, until it is restored', async () => {
    const appKeys = PAIR;
    const { ask, post, rest } = await testRest({ appKeys });
    const approval = (await post('/oauth2/Approval', FULL)).body.approval_key;
    const { credentials } = rest;
    expect(credentials.appKeyOf(approval)).toBe('key');
    expect((await ask('FHKST01010100', PRICE)).body.rt_cd).toBe('0');
    credentials.revokeAll();
    expect(credentials.appKeyOf(approval)).toBeUndefined();
    expect((await ask('FHKST01010100', PRICE)).body.msg_cd).toBe('EGW00103');
    expect((await post('/oauth2/tokenP', FULL)).body.error_code).toBe('EGW00103');
    credentials.restore('key');
    expect((await post('/oauth2/tokenP', FULL)).status).toBe(200);
  });
});

describe('the hash key', () => {
  it('is a digest of the body as it came', async () => {
    const { post } = await testRest();
    const { body } = await post('/uapi/hashkey', { PDNO: '005930' }, KEYS);
    expect(body.HASH).toMatch(/^[0-9a-f]{64}$/);
    expect((await post('/uapi/hashkey', { PDNO: '005930' })).body.error_code).toBe('EGW00102');
  });
});
