import { describe, expect, it } from 'vitest';
import type { Emulator } from './emulator-options.ts';
import { newMarket, post, testEmulator } from './test-emulator.ts';

const HOUR_US = 3_600_000_000;
const CREDENTIALS = { grant_type: 'client_credentials', appkey: 'key', appsecret: 'secret', secretkey: 'secret' };

class HandClock {
  timeUs = Date.UTC(2026, 8, 22) * 1000;
  nowUs(): number {
    return this.timeUs;
  }
}

async function token(emulator: Emulator) {
  return post(`${emulator.restUrl}/oauth2/tokenP`, CREDENTIALS);
}

async function price(emulator: Emulator, authorization: string, code = '005930', market = 'J') {
  const url = `${emulator.restUrl}/uapi/domestic-stock/v1/quotations/inquire-price?FID_COND_MRKT_DIV_CODE=${market}&FID_INPUT_ISCD=${code}`;
  const response = await fetch(url, { headers: { authorization, tr_id: 'FHKST01010100' } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('tokens', () => {
  it('are refused within a minute of a new one, the same within six hours, and new after that', async () => {
    const clock = new HandClock();
    const emulator = await testEmulator({ clock });
    const first = await token(emulator);
    expect(first.body).toMatchObject({
      access_token_token_expired: '2026-09-23 09:00:00',
      token_type: 'Bearer',
      expires_in: 86_400,
    });
    clock.timeUs += 59_000_000;
    expect(await token(emulator)).toMatchObject({ status: 403, body: { error_code: 'EGW00133' } });
    clock.timeUs += 2_000_000;
    expect((await token(emulator)).body.access_token).toBe(first.body.access_token);
    // The same token again is no new issue: the next request need not wait.
    expect((await token(emulator)).body.access_token).toBe(first.body.access_token);
    clock.timeUs += 6 * HOUR_US;
    const second = await token(emulator);
    expect(second.status).toBe(200);
    expect(second.body.access_token).not.toBe(first.body.access_token);
  });

  it('open the current price until they expire', async () => {
    const clock = new HandClock();
    const market = newMarket();
    const emulator = await testEmulator({ clock, feed: { kind: 'market', market } });
    const bearer = `Bearer ${(await token(emulator)).body.access_token}`;
    const { status, body } = await price(emulator, bearer);
    expect(status).toBe(200);
    expect(body).toMatchObject({ rt_cd: '0', msg_cd: 'MCA00000' });
    const output = body.output as Record<string, string>;
    expect(Object.values(output).every((value) => typeof value === 'string')).toBe(true);
    expect(Number(output.stck_llam)).toBeLessThan(Number(output.stck_prpr));
    expect(Number(output.stck_mxpr)).toBeGreaterThan(Number(output.stck_prpr));
    expect(Number(output.stck_prpr) - Number(output.stck_sdpr)).toBe(Number(output.prdy_vrss));
    expect((await price(emulator, 'Bearer wrong')).body.msg_cd).toBe('EGW00121');
    expect((await price(emulator, '')).body.msg_cd).toBe('EGW00122');
    expect((await price(emulator, bearer, '999999')).body).toMatchObject({ rt_cd: '1' });
    expect((await price(emulator, bearer, '005930', 'Z')).body.msg_cd).toBe('OPSQ2001');
    clock.timeUs += 24 * HOUR_US;
    expect((await price(emulator, bearer)).body.msg_cd).toBe('EGW00123');
  });

  it('open no more requests a second than allowed', async () => {
    const clock = new HandClock();
    const emulator = await testEmulator({ clock, requestsPerSecond: 2 });
    const bearer = `Bearer ${(await token(emulator)).body.access_token}`;
    const codes = async () => (await price(emulator, bearer)).body.msg_cd;
    expect([await codes(), await codes(), await codes()]).toEqual(['MCA00000', 'MCA00000', 'EGW00201']);
    clock.timeUs += 1_000_000;
    expect(await codes()).toBe('MCA00000');
  });
});

describe('approval keys', () => {
  it('look like those of KIS, and differ', async () => {
    const { restUrl } = await testEmulator();
    const [one, other] = [
      await post(`${restUrl}/oauth2/Approval`, CREDENTIALS),
      await post(`${restUrl}/oauth2/Approval`, CREDENTIALS),
    ];
    expect(one.body.approval_key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(other.body.approval_key).not.toBe(one.body.approval_key);
  });

  it.each([
    ['EGW00115', { ...CREDENTIALS, grant_type: undefined }],
    ['EGW00116', { ...CREDENTIALS, grant_type: 'password' }],
    ['EGW00102', { ...CREDENTIALS, appkey: '' }],
    ['EGW00104', { ...CREDENTIALS, secretkey: undefined }],
    ['EGW00103', { ...CREDENTIALS, appkey: 'other' }],
    ['EGW00105', { ...CREDENTIALS, secretkey: 'other' }],
  ])('are refused with %s', async (code, body) => {
    const { restUrl } = await testEmulator({ appKeys: new Map([['key', 'secret']]) });
    expect(await post(`${restUrl}/oauth2/Approval`, body)).toMatchObject({ status: 403, body: { error_code: code } });
  });
});
