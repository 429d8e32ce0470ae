// Orders are refused in KIS's shape, whatever their TR; what could be bought follows the account.
import { describe, expect, it } from 'vitest';
import { Account } from './account.ts';
import { ACCOUNT_CONTRACTS } from './account-contracts.ts';
import { CONTRACTS } from './contracts.ts';
import { row, rows, testRest } from './test-rest.ts';
import { TRANSACTIONS } from './transactions.ts';

const ORDERS = [...TRANSACTIONS].filter(([, { method }]) => method === 'POST');
const ACCOUNT_IDS = Object.keys(ACCOUNT_CONTRACTS).filter((trId) => 'CANO' in ACCOUNT_CONTRACTS[trId].parameters);

describe('an order', () => {
  it.each(ORDERS)('is refused (%s)', async (trId, { environments }) => {
    const { ask } = await testRest({ environment: environments[0] });
    const reply = await ask(trId, { CANO: '12345678', ACNT_PRDT_CD: '01', PDNO: '005930' });
    expect(reply.status).toBe(200);
    expect(reply.body).toEqual({ rt_cd: '1', msg_cd: 'APBK1234', msg1: '에뮬레이터는 주문을 받지 않습니다.' });
    expect(reply.headers.get('tr_id')).toBe(trId);
  });
});

describe('what could be bought', () => {
  const INQUIRY = ACCOUNT_CONTRACTS.TTTC8908R.parameters;

  it('is what the cash pays for, at the upper limit for a market order', async () => {
    const { ask, market } = await testRest({ account: new Account({ cashWon: 1_000_000 }) });
    const limit = row(await ask('TTTC8908R', INQUIRY), 'output');
    expect(limit).toMatchObject({ ord_psbl_cash: '1000000', max_buy_qty: '14', psbl_qty_calc_unpr: '70000' });
    const { upperLimitWon } = market.quote('005930');
    const atMarket = row(await ask('TTTC8908R', { ...INQUIRY, ORD_UNPR: '0' }), 'output');
    expect(atMarket.psbl_qty_calc_unpr).toBe(String(upperLimitWon));
    expect(Number(atMarket.max_buy_qty)).toBe(Math.floor(1_000_000 / upperLimitWon));
  });

  it('is nothing of a code that is not known', async () => {
    const { ask } = await testRest();
    const output = row(await ask('TTTC8908R', { ...INQUIRY, PDNO: '', ORD_UNPR: '' }), 'output');
    expect(output).toMatchObject({ max_buy_qty: '0', psbl_qty_calc_unpr: '0' });
  });
});

it.each(ACCOUNT_IDS)('%s is of nobody else’s account', async (trId) => {
  const { ask } = await testRest({ environment: TRANSACTIONS.get(trId)!.environments[0] });
  const body = (await ask(trId, { ...ACCOUNT_CONTRACTS[trId].parameters, CANO: '87654321' })).body;
  expect(body).toMatchObject({ rt_cd: '2', msg_cd: 'OPSQ2000' });
});

it('counts the account in won abroad as at home', async () => {
  const { ask } = await testRest({ account: new Account({ cashWon: 5_000_000 }) });
  const present = row(await ask('CTRP6504R', ACCOUNT_CONTRACTS.CTRP6504R.parameters), 'output3');
  const [home] = rows(await ask('TTTC8434R', ACCOUNT_CONTRACTS.TTTC8434R.parameters), 'output2');
  expect(present.tot_asst_amt).toBe(home.tot_evlu_amt);
});

it('ranks by volume, or by turnover where that is asked for', async () => {
  const { ask } = await testRest();
  const ranked = async (by: string): Promise<Record<string, string>[]> =>
    rows(await ask('FHPST01710000', { ...CONTRACTS.FHPST01710000.parameters, FID_BLNG_CLS_CODE: by }), 'output');
  for (const [by, name] of [
    ['0', 'acml_vol'],
    ['3', 'acml_tr_pbmn'],
  ] as const) {
    const sizes = (await ranked(by)).map((one) => Number(one[name]));
    expect(sizes).toEqual([...sizes].sort((one, other) => other - one));
  }
});
