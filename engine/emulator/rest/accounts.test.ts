import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Account } from './account.ts';
import { type Reply, row, rows, testRest } from './test-rest.ts';

const INQUIRY = {
  ...{ CANO: '12345678', ACNT_PRDT_CD: '01', AFHR_FLPR_YN: 'N', OFL_YN: '', INQR_DVSN: '02', UNPR_DVSN: '01' },
  ...{ FUND_STTL_ICLD_YN: 'N', FNCG_AMT_AUTO_RDPT_YN: 'N', PRCS_DVSN: '00', CTX_AREA_FK100: '', CTX_AREA_NK100: '' },
};
const HOLIDAYS = { BASS_DT: '20260922', CTX_AREA_NK: '', CTX_AREA_FK: '' };
const SAMSUNG = { code: '005930', name: '삼성전자', date: 20260922 };
const next = ({ body }: Reply, key: string) => String(body[key]);

describe('the balance', () => {
  it('follows what is bought and sold', async () => {
    const account = new Account({ cashWon: 10_000_000 });
    const { ask, market } = await testRest({ account });
    expect(account.fill({ ...SAMSUNG, side: 'buy', quantity: 10, priceWon: 270_000 })).toBe(true);
    expect(account.fill({ ...SAMSUNG, side: 'buy', quantity: 10, priceWon: 280_000 })).toBe(true);
    expect(account.fill({ ...SAMSUNG, side: 'sell', quantity: 5, priceWon: 290_000 })).toBe(true);
    expect(account.fill({ ...SAMSUNG, side: 'sell', quantity: 16, priceWon: 290_000 })).toBe(false);
    const reply = await ask('TTTC8434R', INQUIRY);
    const [position] = rows(reply, 'output1');
    expect(position).toMatchObject({ pdno: '005930', hldg_qty: '15', thdt_buyqty: '20', thdt_sll_qty: '5' });
    expect(Number(position.pchs_avg_pric)).toBe(275_000);
    expect(position.prpr).toBe(String(market.quote('005930').priceWon));
    const [totals] = rows(reply, 'output2');
    expect(Number(totals.dnca_tot_amt)).toBe(10_000_000 - 5_500_000 + 1_450_000);
    expect(Number(totals.tot_evlu_amt)).toBe(Number(totals.dnca_tot_amt) + Number(position.evlu_amt));
    expect(totals).toMatchObject({ thdt_buy_amt: '5500000', thdt_sll_amt: '1450000' });
  });

  it('forgets on the next day what was sold out', async () => {
    const { ask, rest, market } = await testRest();
    rest.account.fill({ ...SAMSUNG, side: 'buy', quantity: 1, priceWon: 1 });
    rest.account.fill({ ...SAMSUNG, side: 'sell', quantity: 1, priceWon: 1 });
    expect(rows(await ask('TTTC8434R', INQUIRY), 'output1')).toMatchObject([{ hldg_qty: '0', thdt_sll_qty: '1' }]);
    market.timeUs += 86_400_000_000;
    expect(rows(await ask('TTTC8434R', INQUIRY), 'output1')).toEqual([]);
  });

  it.each([
    ['live' as const, 'TTTC8434R', [50, 50, 20]],
    ['paper' as const, 'VTTC8434R', [20, 20, 20, 20, 20, 20]],
  ])('comes in pages (%s)', async (environment, trId, sizes) => {
    const positions = Array.from({ length: 120 }, (_, index) => ({
      ...{ code: String(index).padStart(6, '0'), name: `${index}` },
      ...{ quantity: 1, averageWon: 1_000 },
    }));
    const { ask } = await testRest({ account: new Account({ positions }), environment });
    const codes: string[] = [];
    const pages: [number, string | null][] = [];
    let inquiry = INQUIRY;
    for (let reply: Reply | undefined; ; ) {
      reply = await ask(trId, inquiry, reply === undefined ? {} : { tr_cont: 'N' });
      codes.push(...rows(reply, 'output1').map(({ pdno }) => pdno));
      pages.push([rows(reply, 'output1').length, reply.headers.get('tr_cont')]);
      expect(next(reply, 'ctx_area_nk100')).toHaveLength(100);
      if (!/[FM]/.test(reply.headers.get('tr_cont') ?? '')) break;
      const keys = { CTX_AREA_FK100: next(reply, 'ctx_area_fk100'), CTX_AREA_NK100: next(reply, 'ctx_area_nk100') };
      inquiry = { ...INQUIRY, ...keys };
    }
    expect(codes).toEqual(positions.map(({ code }) => code));
    expect(pages.map(([size]) => size)).toEqual(sizes);
    expect(pages.map(([, mark]) => mark)).toEqual(['F', ...sizes.slice(2).map(() => 'M'), 'E']);
  });

  it.each([[{ CANO: '87654321' }], [{ ACNT_PRDT_CD: '02' }]])('is nobody else’s: %o', async (other) => {
    const { ask } = await testRest();
    expect((await ask('TTTC8434R', { ...INQUIRY, ...other })).body).toMatchObject({ rt_cd: '2', msg_cd: 'OPSQ2000' });
  });

  it('neither makes nor loses a won or a share, whatever is filled', () => {
    const fill = fc.record({
      code: fc.constantFrom('005930', '000660'),
      side: fc.constantFrom('buy' as const, 'sell' as const),
      quantity: fc.integer({ min: 1, max: 50 }),
      priceWon: fc.integer({ min: 1, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 60 }), (fills) => {
        const account = new Account({ cashWon: 0 });
        const held = new Map<string, number>();
        let cashWon = 0;
        for (const one of fills) {
          const direction = one.side === 'buy' ? 1 : -1;
          if (!account.fill({ ...one, name: one.code, date: 20260922 })) continue;
          cashWon -= direction * one.quantity * one.priceWon;
          held.set(one.code, (held.get(one.code) ?? 0) + direction * one.quantity);
        }
        expect(account.cashWon).toBe(cashWon);
        expect(new Map(account.positions.map(({ code, quantity }) => [code, quantity]))).toEqual(
          new Map([...held].sort()),
        );
        expect(account.positions.every(({ quantity }) => quantity >= 0)).toBe(true);
      }),
    );
  });

  it('is of an account with a number that can be', () => {
    expect(() => new Account({ number: '1234' })).toThrow(RangeError);
  });
});

describe('holidays', () => {
  it('come in pages to the end of the calendar, each day once', async () => {
    const { ask } = await testRest();
    const days: Record<string, string>[] = [];
    for (let reply: Reply | undefined; ; ) {
      const key = reply === undefined ? '' : next(reply, 'ctx_area_nk');
      reply = await ask('CTCA0903R', { ...HOLIDAYS, CTX_AREA_NK: key }, reply === undefined ? {} : { tr_cont: 'N' });
      days.push(...rows(reply, 'output'));
      if (!/[FM]/.test(reply.headers.get('tr_cont') ?? '')) break;
    }
    expect(days[0].bass_dt).toBe('20260922');
    expect(days.at(-1)!.bass_dt.slice(4)).toBe('1231');
    expect(new Set(days.map(({ bass_dt }) => bass_dt)).size).toBe(days.length);
    const on = (date: string) => days.find(({ bass_dt }) => bass_dt === date);
    expect(on('20260922')).toMatchObject({ opnd_yn: 'Y', wday_dvsn_cd: '03' });
    expect(on('20260924')).toMatchObject({ opnd_yn: 'N', bzdy_yn: 'N' });
    // Saturday: money moves, stocks do not.
    expect(on('20260926')).toMatchObject({ opnd_yn: 'N', tr_day_yn: 'Y', wday_dvsn_cd: '07' });
  });

  it('begin anew without `tr_cont`, and may differ from our calendar', async () => {
    const { ask } = await testRest({ calendar: new Map([[20260923, false]]) });
    const reply = await ask('CTCA0903R', { ...HOLIDAYS, CTX_AREA_NK: '20261001' });
    expect(rows(reply, 'output').slice(0, 2)).toMatchObject([
      { bass_dt: '20260922', opnd_yn: 'Y' },
      { bass_dt: '20260923', opnd_yn: 'N' },
    ]);
    // The 24th to 27th are Chuseok and a weekend.
    const days = row(await ask('HHMCM000002C0', {}), 'output1');
    expect(days).toMatchObject({ date2: '20260921', date3: '20260922', date4: '20260928', today: '20260922' });
    expect(days).toMatchObject({ s_time: '090000', e_time: '154500', time: '103030' });
  });
});
