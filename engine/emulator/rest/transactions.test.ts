// A contract for each TR: every documented field is there, all of them texts, and no more rows than KIS gives in a call.
import { describe, expect, it } from 'vitest';
import { CONTRACTS } from './contracts.ts';
import { row, rows, testRest } from './test-rest.ts';
import { TRANSACTIONS } from './transactions.ts';

const inquiries = [...TRANSACTIONS].filter(([, { method }]) => method === 'GET');

describe('the table of TRs', () => {
  it('has a contract for each inquiry', () => {
    expect(inquiries.map(([trId]) => trId).sort()).toEqual(Object.keys(CONTRACTS).sort());
  });
});

describe.each(inquiries)('%s', (trId, { environments, parameters }) => {
  const contract = CONTRACTS[trId];
  const account = {
    code: '005930',
    name: '삼성전자',
    side: 'buy',
    quantity: 10,
    priceWon: 70_500,
    date: 20260922,
  } as const;

  it.each([...environments])('has every documented field, and texts only (%s)', async (environment) => {
    const { ask, rest, market } = await testRest({ environment });
    rest.account.fill(account);
    market.overrides.set('000660', { volatilityInterruption: true });
    const reply = await ask(trId, contract.parameters);
    expect(reply).toMatchObject({ status: 200, body: { rt_cd: '0', msg_cd: 'MCA00000' } });
    const found = [
      ...Object.keys(contract.objects ?? {}).map((name) => ({ name, fields: [row(reply, name)] })),
      ...Object.keys(contract.lists ?? {}).map((name) => ({ name, fields: rows(reply, name) })),
    ];
    for (const { name, fields } of found) {
      expect(fields.length, name).toBeGreaterThan(0);
      const names = contract.objects?.[name] ?? contract.lists![name].names;
      for (const one of fields) {
        expect(Object.keys(one).sort()).toEqual(expect.arrayContaining(names.trim().split(/\s+/)));
        expect(Object.entries(one).filter(([, value]) => typeof value !== 'string')).toEqual([]);
        expect(Object.entries(one).filter(([, value]) => /NaN|undefined|Infinity|e[+-]/.test(value))).toEqual([]);
      }
      expect(fields.length, name).toBeLessThanOrEqual(contract.lists?.[name]?.rowsMax ?? 1);
    }
  });

  it('wants each of its parameters', async () => {
    const { ask } = await testRest({ environment: environments[0] });
    for (const missing of Object.keys(parameters)) {
      const rest = Object.fromEntries(Object.entries(contract.parameters).filter(([name]) => name !== missing));
      expect((await ask(trId, rest)).body, missing).toMatchObject({ rt_cd: '2', msg_cd: 'OPSQ2001' });
    }
  });
});

describe('a code that is not known', () => {
  const QUOTES = inquiries.filter(([, { parameters }]) => parameters.FID_INPUT_ISCD === 'code');

  it.each(QUOTES)('is no error, and has no price (%s)', async (trId) => {
    const { ask } = await testRest();
    const { body } = await ask(trId, { ...CONTRACTS[trId].parameters, FID_INPUT_ISCD: '999999' });
    expect(body.rt_cd).toBe('0');
    const objects = [body.output, body.output1].filter((one) => one !== undefined && !Array.isArray(one));
    for (const one of objects as Record<string, string>[]) expect(one.stck_prpr ?? '0').toBe('0');
    for (const list of [body.output, body.output2].filter((one) => Array.isArray(one))) expect(list).toEqual([]);
  });

  it('is a product of the exchange it is listed at', async () => {
    const { ask } = await testRest();
    const apple = async (type: string) => (await ask('CTPF1604R', { PRDT_TYPE_CD: type, PDNO: 'AAPL' })).body;
    expect(await apple('512')).toMatchObject({ rt_cd: '0', output: { shtn_pdno: 'AAPL', prdt_eng_name: 'APPLE INC' } });
    expect(await apple('513')).toMatchObject({ rt_cd: '7' });
  });

  it('is a product that is not found', async () => {
    const { ask } = await testRest();
    const body = (await ask('CTPF1604R', { PRDT_TYPE_CD: '300', PDNO: '999999' })).body;
    expect(body).toMatchObject({ rt_cd: '7', msg_cd: 'KIOK0560' });
  });
});
