// The REST client against the emulator's REST side: whoever wrote the one did not write the other.
import { expect, it, onTestFinished } from 'vitest';
import { kstToUtcUs } from '../../../../config/calendar.ts';
import { hostTimeUs } from '../../../clock.ts';
import { Account } from '../../../emulator/rest/account.ts';
import { type TestRest, testRest } from '../../../emulator/rest/test-rest.ts';
import { corporateActions } from '../../../reference/corporate-actions.ts';
import { systemTimers } from '../timers.ts';
import { accountBalance } from './balance.ts';
import { KisRestClient, type KisRestClientOptions } from './client.ts';
import { dailyBars } from './daily-bars.ts';
import { downloadMasters } from './masters.ts';
import { multiQuote, quote } from './quotations.ts';

function client(emulated: TestRest, options: Partial<KisRestClientOptions> = {}): KisRestClient {
  const { url: restUrl } = emulated;
  const keys = { appKey: 'key-of-the-test', appSecret: 'secret' };
  const kis = new KisRestClient({ restUrl, ...keys, environment: 'live', requestsPerSecond: 10_000, ...options });
  onTestFinished(() => kis.close());
  return kis;
}

it('stays within the limit of an app key, with many who ask at once', async () => {
  const limited = await testRest({ requestsPerSecond: 18 });
  // The emulator counts by its own clock: here that of the host, so that both mean the same second.
  Object.defineProperty(limited.clock, 'timeUs', { get: hostTimeUs });
  const kis = client(limited, { requestsPerSecond: 18 });
  const codes = limited.market.codes.slice(0, 40);
  const found = await Promise.all(codes.map((code) => quote(kis, code, 'KRX')));
  expect(found.map(({ code }) => code)).toEqual(codes);
  expect(kis.counters).toMatchObject({ rateRefusals: 0, retries: 0, failures: {} });
});

it('agrees with the emulator on quotes, alone and thirty at once', async () => {
  const emulated = await testRest({ requestsPerSecond: 1_000 });
  const kis = client(emulated);
  const codes = emulated.market.codes.slice(0, 29);
  const found = await multiQuote(kis, [...codes, '999999'], 'KRX');
  expect(found.map(({ code }) => code)).toEqual(codes);
  for (const one of found.slice(0, 5)) expect(one).toEqual(await quote(kis, one.code, 'KRX'));
  const market = emulated.market.quote('005930');
  expect(await quote(kis, '005930', 'KRX')).toEqual({
    code: '005930',
    priceWon: market.priceWon,
    basePriceWon: market.previousCloseWon,
    upperLimitWon: market.upperLimitWon,
    lowerLimitWon: market.lowerLimitWon,
    volume: market.volume,
    turnoverWon: market.turnoverWon,
  });
});

it('reads an account of three pages', async () => {
  const positions = Array.from({ length: 120 }, (_, index) => ({
    code: String(index).padStart(6, '0'),
    name: `종목 ${index}`,
    quantity: 1 + index,
    averageWon: 1000 + index / 4,
  }));
  const account = new Account({ positions, cashWon: 12_345 });
  const kis = client(await testRest({ account, requestsPerSecond: 1_000 }));
  expect(await accountBalance(kis, account.number)).toEqual({
    positions: positions.map(({ code, quantity, averageWon }) => ({ code, quantity, averagePriceWon: averageWon })),
    cashWon: 12_345,
  });
  await expect(accountBalance(kis, '99999999-01')).rejects.toMatchObject({ code: 'OPSQ2000' });
});

it('gets a new token where its own was revoked', async () => {
  const emulated = await testRest({ requestsPerSecond: 1_000 });
  let aheadUs = 0;
  const kis = client(emulated, { clock: { nowUs: () => hostTimeUs() + aheadUs } });
  await quote(kis, '005930', 'KRX');
  const keys = { appkey: 'key-of-the-test', appsecret: 'secret' };
  expect(await emulated.post('/oauth2/revokeP', { ...keys, token: await kis.tokens.current() })).toMatchObject({
    status: 200,
  });
  // An hour on, for both.
  emulated.clock.timeUs += 3_600_000_000;
  aheadUs += 3_600_000_000;
  await quote(kis, '005930', 'KRX');
  expect([kis.counters.tokensRefused, kis.tokens.issued]).toEqual([1, 2]);
});

it('tells at once that its key was revoked at noon: no other answer is to be had', async () => {
  const emulated = await testRest({ requestsPerSecond: 1_000 });
  const kis = client(emulated);
  await quote(kis, '005930', 'KRX');
  emulated.rest.credentials.revokeAll();
  await expect(quote(kis, '005930', 'KRX')).rejects.toMatchObject({ code: 'EGW00103' });
  expect(kis.counters).toMatchObject({ requests: 2, retries: 0 });
});

it('reads years of daily bars, and finds no action where raw and adjusted move alike', async () => {
  const emulated = await testRest({ requestsPerSecond: 1_000 });
  const kis = client(emulated);
  const request = { code: '005930', venue: 'KRX', from: 20250102, to: 20260921 } as const;
  const raw = await dailyBars(kis, { ...request, prices: 'raw' });
  const adjusted = await dailyBars(kis, { ...request, prices: 'adjusted' });
  const expected = emulated.market.dailyBars('005930', 'KRX', request.from, request.to, false);
  expect(raw.map(({ date }) => kstToUtcUs(date, 0))).toEqual(expected.map(({ startUs }) => startUs));
  expect(raw.map(({ close }) => close)).toEqual(expected.map(({ closeWon }) => closeWon));
  expect(adjusted).not.toEqual(raw);
  expect(corporateActions(raw, adjusted)).toEqual([]);
});

it('reads the emulator’s masters: all that is listed, by name', async () => {
  const emulated = await testRest();
  const options = { mastersUrl: `${emulated.url}/common/master`, requestTimeoutMs: 20_000, timers: systemTimers };
  const found = await downloadMasters(options);
  const { market } = emulated;
  expect(found.map(({ code, nameKo }) => `${code} ${nameKo}`).sort()).toEqual(
    market.codes.map((code) => `${code} ${market.instrument(code).nameKo}`).sort(),
  );
});
