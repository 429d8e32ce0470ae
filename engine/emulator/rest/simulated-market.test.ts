// The same answers over the market that the emulator really plays: they agree with each other, to the share and the won.
import { expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { Market } from '../market/market.ts';
import { CONTRACTS } from './contracts.ts';
import { NOW_US, row, rows, testRest } from './test-rest.ts';
import { TRANSACTIONS } from './transactions.ts';

const STOCK = { FID_COND_MRKT_DIV_CODE: 'J', FID_INPUT_ISCD: '005930' };

function newMarket(): Market {
  const market = new Market({ seed: 11, instruments: INSTRUMENTS.slice(0, 20), startTimeUs: NOW_US });
  market.advanceTo(NOW_US + 5_000_000);
  return market;
}

it('answers every TR', async () => {
  const { ask } = await testRest({ market: newMarket() });
  for (const [trId, { environments, method }] of TRANSACTIONS) {
    if (method === 'POST' || !environments.includes('live')) continue;
    const { body } = await ask(trId, CONTRACTS[trId].parameters);
    expect(body.rt_cd, trId).toBe('0');
    for (const name of ['output', 'output1', 'output2']) {
      const found = body[name] ?? [];
      for (const one of Array.isArray(found) ? found : [found]) {
        const texts = Object.values(one as Record<string, unknown>);
        expect(texts.filter((text) => typeof text !== 'string' || /NaN|undefined|Infinity/.test(text))).toEqual([]);
      }
    }
  }
});

it('has minutes that add up to the day, and a day that KRX confirms once it is over', async () => {
  const market = newMarket();
  const { ask, get } = await testRest({ market });
  const price = row(await ask('FHKST01010100', STOCK), 'output');
  let volume = 0;
  const query = { ...STOCK, FID_PW_DATA_INCU_YN: 'N', FID_FAKE_TICK_INCU_YN: '' };
  for (const hour of ['235959', '085959']) {
    const page = { ...query, FID_INPUT_DATE_1: String(market.businessDate), FID_INPUT_HOUR_1: hour };
    for (const bar of rows(await ask('FHKST03010230', page), 'output2')) volume += Number(bar.cntg_vol);
  }
  expect(volume).toBe(Number(price.acml_vol));
  const span = { FID_INPUT_DATE_1: '20260901', FID_INPUT_DATE_2: '20260921', FID_PERIOD_DIV_CODE: 'D' };
  const [last] = rows(await ask('FHKST03010100', { ...STOCK, ...span, FID_ORG_ADJ_PRC: '1' }), 'output2');
  const listed = rows(
    await get(`/svc/apis/sto/stk_bydd_trd?basDd=${last.stck_bsop_date}`, { AUTH_KEY: 'x' }),
    'OutBlock_1',
  );
  const samsung = listed.find(({ ISU_CD }) => ISU_CD === '005930')!;
  expect([samsung.TDD_CLSPRC, samsung.ACC_TRDVOL]).toEqual([last.stck_clpr, last.acml_vol]);
  expect(samsung.TDD_CLSPRC).toBe(price.stck_sdpr);
});
