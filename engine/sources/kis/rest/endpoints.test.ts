import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { clockDigits, kstSecond, kstToUtcUs } from '../../../../config/calendar.ts';
import { AnswerRow } from './answer.ts';
import { accountBalance } from './balance.ts';
import { KisRestClient } from './client.ts';
import { dailyBars } from './daily-bars.ts';
import { holidays } from './holidays.ts';
import { minuteBars } from './minute-bars.ts';
import { multiQuote, quote, quotes, stockInfo } from './quotations.ts';
import { type Asked, done, kisServer, questions, type Reply, refused } from './test-http.ts';

const DATE = 20260922;

async function client(answer: (asked: Asked, index: number) => Reply, environment: 'live' | 'paper' = 'live') {
  const server = await kisServer(answer);
  const options = { restUrl: server.url, appKey: 'key', appSecret: 'secret', requestsPerSecond: 10_000 };
  const kis = new KisRestClient({ ...options, environment, attemptsMax: 1 });
  onTestFinished(() => kis.close());
  return { kis, server };
}

it('reads nothing but numbers as numbers, dates as dates, Y and N as flags', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.double().map(String), fc.integer().map(String), fc.anything()), (value) => {
      const row = new AnswerRow('TR', { field: value });
      for (const read of [row.number, row.numberOrZero, row.date, row.second]) {
        try {
          expect(Number.isFinite(read.call(row, 'field'))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ name: 'KisRestError', code: 'malformed' });
        }
      }
    }),
  );
  const row = new AnswerRow('TR', { yes: 'Y', other: 'X', time: '090008', price: ' 00278000.50', lost: '-5' });
  expect([row.flag('yes'), row.second('time'), row.number('price'), row.number('lost')]).toEqual([
    true,
    32_408,
    278_000.5,
    -5,
  ]);
  expect(() => row.flag('other')).toThrow(/field other/);
  expect(() => row.number('missing')).toThrow(/field missing/);
  expect(row.numberOrZero('missing')).toBe(0);
});

it('reads a price with its limits', async () => {
  const { kis, server } = await client(() =>
    done({
      output: {
        stck_prpr: '278000',
        stck_sdpr: '274000',
        stck_mxpr: '356000',
        stck_llam: '192000',
        acml_vol: '11955000',
        acml_tr_pbmn: '3352130122500',
      },
    }),
  );
  expect(await quote(kis, '005930', 'NXT')).toEqual({
    code: '005930',
    priceWon: 278_000,
    basePriceWon: 274_000,
    upperLimitWon: 356_000,
    lowerLimitWon: 192_000,
    volume: 11_955_000,
    turnoverWon: 3_352_130_122_500,
  });
  expect(questions(server)[0].query).toEqual({ FID_COND_MRKT_DIV_CODE: 'NX', FID_INPUT_ISCD: '005930' });
});

function multiRow(code: string): Record<string, string> {
  return {
    inter_shrn_iscd: code,
    inter2_prpr: '100',
    inter2_sdpr: '90',
    inter2_mxpr: '117',
    inter2_llam: '63',
    acml_vol: '5',
    acml_tr_pbmn: '500',
  };
}

it('asks for thirty codes a call live, one a call on paper, and passes over what KIS does not know', async () => {
  const codes = Array.from({ length: 65 }, (_, index) => String(index).padStart(6, '0'));
  const { kis, server } = await client(({ query }) => {
    const asked = Object.entries(query).filter(([name]) => name.startsWith('FID_INPUT_ISCD_'));
    return done({ output: asked.map(([, code]) => multiRow(code === '000007' ? '' : code)) });
  });
  const found = await quotes(kis, codes, 'KRX');
  expect(found.map(({ code }) => code)).toEqual(codes.filter((code) => code !== '000007'));
  expect(questions(server).map(({ query }) => Object.keys(query).length)).toEqual([60, 60, 10]);
  await expect(multiQuote(kis, codes, 'KRX')).rejects.toThrow(RangeError);
  const price = { stck_prpr: '1', acml_vol: '1', acml_tr_pbmn: '1' };
  const paper = await client(
    ({ query }) => (query.FID_INPUT_ISCD === '000001' ? refused('OPSQ2002', 200) : done({ output: price })),
    'paper',
  );
  expect((await quotes(paper.kis, codes.slice(0, 3), 'KRX')).map(({ code }) => code)).toEqual(['000000', '000002']);
});

it('knows a stock that NXT trades, and does not take one for it that is suspended there', async () => {
  const answers = [
    { cptt_trad_tr_psbl_yn: 'Y', nxt_tr_stop_yn: 'N' },
    { cptt_trad_tr_psbl_yn: 'Y', nxt_tr_stop_yn: 'Y' },
    { cptt_trad_tr_psbl_yn: 'N', nxt_tr_stop_yn: '' },
  ];
  const { kis } = await client((_, index) => done({ output: answers[index] }));
  const nxt = [];
  for (const code of ['1', '2', '3']) nxt.push((await stockInfo(kis, code)).nxt);
  expect(nxt).toEqual([true, false, false]);
});

interface Minute {
  readonly second: number;
  readonly volume: number;
}

/** A day of minutes as KIS serves it: newest first, thirty a page, the day before behind it. */
function minutePage(minutes: readonly Minute[], hour: string, pageMax: number, date = DATE): Reply {
  let turnover = 0;
  const rows = minutes.map(({ second, volume }) => {
    turnover += volume * 1000;
    return {
      stck_bsop_date: String(date),
      stck_cntg_hour: String(clockDigits(second)).padStart(6, '0'),
      stck_prpr: '1000',
      stck_oprc: '1000',
      stck_hgpr: '1000',
      stck_lwpr: '1000',
      cntg_vol: String(volume),
      acml_tr_pbmn: String(turnover),
    };
  });
  const found = rows.filter((row) => row.stck_cntg_hour <= hour).reverse();
  const dayBefore = { ...rows[0], stck_bsop_date: '20260921', stck_cntg_hour: '153000' };
  return done({ output1: {}, output2: [...found, dayBefore].slice(0, pageMax) });
}

it('pages back through a day of minutes without losing or doubling one, whatever is asked for', async () => {
  const arbitrary = fc.record({
    traded: fc.uniqueArray(fc.integer({ min: 0, max: 389 }), { minLength: 1, maxLength: 200 }),
    from: fc.integer({ min: 0, max: 389 }),
    length: fc.integer({ min: 1, max: 390 }),
    past: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(arbitrary, async ({ traded, from, length, past }) => {
      const minutes = traded
        .toSorted((one, other) => one - other)
        .map((minute) => ({ second: 32_400 + 60 * minute, volume: minute % 7 }));
      const { kis, server } = await client(({ query }) =>
        minutePage(minutes, query.FID_INPUT_HOUR_1, query.FID_INPUT_DATE_1 === undefined ? 30 : 120),
      );
      const startUs = kstToUtcUs(DATE, 32_400);
      const [fromUs, toUs] = [startUs + from * 60_000_000, startUs + (from + length) * 60_000_000];
      const nowUs = kstToUtcUs(past ? 20260923 : DATE, 57_600);
      const bars = await minuteBars(kis, { code: '005930', venue: 'KRX', fromUs, toUs, nowUs });
      const expected = minutes.filter(
        ({ second, volume }) => volume > 0 && second >= 32_400 + 60 * from && second < 32_400 + 60 * (from + length),
      );
      expect(bars.map(({ startUs: at, volume, turnover }) => ({ second: kstSecond(at), volume, turnover }))).toEqual(
        expected.map(({ second, volume }) => ({ second, volume, turnover: volume * 1000 })),
      );
      expect(questions(server).length).toBeLessThanOrEqual(minutes.length / (past ? 120 : 30) + 2);
    }),
    { numRuns: 40 },
  );
});

it('leaves out the bar that still forms: KIS shows it with the volume of the one before', async () => {
  const minutes = [
    { second: 36_000, volume: 5 },
    { second: 36_060, volume: 5 },
  ];
  const { kis } = await client(({ query }) => minutePage(minutes, query.FID_INPUT_HOUR_1, 30));
  const ask = async (nowSecond: number): Promise<number> => {
    const nowUs = kstToUtcUs(DATE, nowSecond);
    const fromUs = kstToUtcUs(DATE, 0);
    return (await minuteBars(kis, { code: '005930', venue: 'KRX', fromUs, toUs: nowUs, nowUs })).length;
  };
  expect([await ask(36_061), await ask(36_119), await ask(36_122), await ask(36_123)]).toEqual([0, 1, 1, 2]);
});

it('does not ask paper for minutes of a day that is over, and refuses a bar that cannot be', async () => {
  const request = {
    code: '005930',
    venue: 'KRX',
    fromUs: kstToUtcUs(DATE, 32_400),
    toUs: kstToUtcUs(DATE, 50_000),
  } as const;
  const paper = await client(() => done({ output2: [] }), 'paper');
  await expect(minuteBars(paper.kis, { ...request, nowUs: kstToUtcUs(20260923, 1) })).rejects.toMatchObject({
    code: 'not_on_paper',
  });
  const row = {
    stck_bsop_date: '20260922',
    stck_cntg_hour: '100000',
    stck_prpr: '10',
    stck_oprc: '10',
    stck_hgpr: '9',
  };
  const impossible = { ...row, stck_lwpr: '8', cntg_vol: '1', acml_tr_pbmn: '10' };
  const wrong = await client(() => done({ output2: [impossible] }));
  await expect(minuteBars(wrong.kis, { ...request, nowUs: kstToUtcUs(DATE, 57_600) })).rejects.toMatchObject({
    code: 'malformed',
  });
});

it('pages daily bars by date, a hundred a call, and asks for raw and adjusted prices with the right flag', async () => {
  const dates = Array.from(
    { length: 250 },
    (_, index) => 20250000 + 100 * (1 + Math.floor(index / 25)) + 1 + (index % 25),
  );
  const { kis, server } = await client(({ query }) => {
    const { FID_INPUT_DATE_1: from, FID_INPUT_DATE_2: to } = query;
    const page = dates.filter((date) => date >= Number(from) && date <= Number(to)).reverse();
    const rows = page.slice(0, 100).map((date) => ({
      stck_bsop_date: String(date),
      ...{ stck_oprc: '1', stck_hgpr: '1', stck_lwpr: '1', stck_clpr: '1', acml_vol: '1', acml_tr_pbmn: '1' },
      ...{ flng_cls_code: '01', prtt_rate: '-48.22' },
    }));
    return done({ output1: {}, output2: [...rows, {}] });
  });
  const request = { code: '005930', venue: 'KRX', from: 20250101, to: 20251231 } as const;
  const bars = await dailyBars(kis, { ...request, prices: 'adjusted' });
  expect(bars.map(({ date }) => date)).toEqual(dates);
  expect(bars[0]).toMatchObject({ exRightsCode: '01', exRightsPercent: -48.22 });
  await dailyBars(kis, { ...request, from: 20251201, prices: 'raw' });
  expect(questions(server).map(({ query }) => query.FID_ORG_ADJ_PRC)).toEqual(['0', '0', '0', '1']);
});

it('reads open days over all pages', async () => {
  const { kis } = await client((_, index) =>
    done(
      {
        output: [{ bass_dt: `2026092${4 - index}`, opnd_yn: 'NY'[index], bzdy_yn: 'Y' }],
        ctx_area_nk: 'k',
        ctx_area_fk: '',
      },
      'FD'[index],
    ),
  );
  expect(await holidays(kis, 20260923)).toEqual({
    kind: 'calendar',
    days: [
      { date: 20260923, open: true },
      { date: 20260924, open: false },
    ],
  });
});

it('reads what an account holds, joins rows of one stock and leaves out what was sold', async () => {
  const row = (pdno: string, hldg_qty: string, pchs_avg_pric: string) => ({ pdno, hldg_qty, pchs_avg_pric });
  const { kis, server } = await client((_, index) =>
    done(
      {
        output1: [
          [row('005930', '10', '100.0000'), row('000660', '0', '0.0000')],
          [row('005930', '30', '200'), row('035420', '1', '7')],
        ][index],
        output2: [{ prvs_rcdl_excc_amt: '5000' }],
        ctx_area_fk100: 'f',
        ctx_area_nk100: 'n',
      },
      'MD'[index],
    ),
  );
  expect(await accountBalance(kis, '12345678-01')).toEqual({
    positions: [
      { code: '005930', quantity: 40, averagePriceWon: 175 },
      { code: '035420', quantity: 1, averagePriceWon: 7 },
    ],
    cashWon: 5000,
  });
  expect(questions(server)[0].query).toMatchObject({ CANO: '12345678', ACNT_PRDT_CD: '01' });
  await expect(accountBalance(kis, '1234')).rejects.toThrow(/^(?!.*1234\b)/);
});
