import { describe, expect, it } from 'vitest';
import { isTradingDay } from '../../../config/calendar.ts';
import { hourText, secondOf } from './fields.ts';
import { type Reply, row, rows, type TestRest, testRest } from './test-rest.ts';

const STOCK = { FID_COND_MRKT_DIV_CODE: 'J', FID_INPUT_ISCD: '005930' };
const TODAY = { ...STOCK, FID_PW_DATA_INCU_YN: 'N', FID_ETC_CLS_CODE: '' };
const PAST = { ...STOCK, FID_PW_DATA_INCU_YN: 'N', FID_FAKE_TICK_INCU_YN: '' };
const SPAN = { ...STOCK, FID_INPUT_DATE_1: '20260101', FID_INPUT_DATE_2: '20260922', FID_PERIOD_DIV_CODE: 'D' };
const times = (reply: Reply) => rows(reply, 'output2').map(({ stck_cntg_hour }) => stck_cntg_hour);
const dates = (reply: Reply, name = 'output2') => rows(reply, name).map(({ stck_bsop_date }) => stck_bsop_date);

async function inquiry(trId: string): Promise<TestRest['ask']> {
  const { ask } = await testRest();
  return (_trId, parameters) => ask(trId, parameters);
}

describe("today's minutes", () => {
  it('come thirty at a time, newest first, and page back to the opening', async () => {
    const ask = await inquiry('FHKST03010200');
    const seen: string[] = [];
    for (let hour = '235959'; hour >= '090000'; ) {
      const page = times(await ask('', { ...TODAY, FID_INPUT_HOUR_1: hour }));
      expect(page.length).toBeLessThanOrEqual(30);
      expect([...page].sort().reverse()).toEqual(page);
      seen.push(...page);
      const last = page.at(-1)!;
      hour = hourText(secondOf(last, 0) - 1);
    }
    // From 09:00 to 10:30, each once.
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(91);
    expect([seen[0], seen.at(-1)]).toEqual(['103000', '090000']);
  });

  it.each(['', '000000', '235959'])('are the newest for %j', async (hour) => {
    const ask = await inquiry('FHKST03010200');
    expect(times(await ask('', { ...TODAY, FID_INPUT_HOUR_1: hour }))[0]).toBe('103000');
  });

  it('show the turnover of the day so far', async () => {
    const ask = await inquiry('FHKST03010200');
    const list = rows(await ask('', { ...TODAY, FID_INPUT_HOUR_1: '090200' }), 'output2');
    const turnovers = list.map((one) => Number(one.acml_tr_pbmn));
    expect(turnovers[1] - turnovers[2]).toBe(Number(list[1].cntg_vol) * Number(list[1].stck_prpr));
    expect(turnovers[0]).toBeGreaterThan(turnovers[1]);
  });

  it('begin with the volume of the bar before, in a minute without a trade', async () => {
    const { ask, market } = await testRest();
    const bars = market.minuteBars('005930', 'KRX', market.businessDate).slice(0, -1);
    market.minuteBars = () => bars;
    const [first, second] = rows(await ask('FHKST03010200', { ...TODAY, FID_INPUT_HOUR_1: '' }), 'output2');
    expect([first.stck_cntg_hour, second.stck_cntg_hour]).toEqual(['103000', '102900']);
    expect(first.cntg_vol).toBe(second.cntg_vol);
    expect(first.stck_oprc).toBe(second.stck_prpr);
    expect(first.acml_tr_pbmn).toBe(second.acml_tr_pbmn);
  });
});

describe('minutes of past days', () => {
  it('come 120 at a time, of the one day', async () => {
    const ask = await inquiry('FHKST03010230');
    const page = { ...PAST, FID_INPUT_DATE_1: '20260921' };
    const late = await ask('', { ...page, FID_INPUT_HOUR_1: '153000' });
    expect(times(late)).toHaveLength(120);
    expect(times(late)[0]).toBe('152900');
    const early = await ask('', { ...page, FID_INPUT_HOUR_1: '090300' });
    expect(times(early)).toEqual(['090300', '090200', '090100', '090000']);
  });

  it('reach into the trading day before where that is asked for', async () => {
    const ask = await inquiry('FHKST03010230');
    const page = { ...PAST, FID_PW_DATA_INCU_YN: 'Y', FID_INPUT_DATE_1: '20260921', FID_INPUT_HOUR_1: '090100' };
    const reply = await ask('', page);
    expect(times(reply)).toHaveLength(120);
    // The 19th and 20th are a weekend.
    expect([...new Set(dates(reply))]).toEqual(['20260921', '20260918']);
  });

  it('end where a year ago begins', async () => {
    const ask = await inquiry('FHKST03010230');
    const page = { ...PAST, FID_PW_DATA_INCU_YN: 'Y', FID_INPUT_DATE_1: '20250101', FID_INPUT_HOUR_1: '' };
    expect(dates(await ask('', page))).toEqual([]);
  });
});

describe('days', () => {
  it('come a hundred at a time, newest first, today among them', async () => {
    const ask = await inquiry('FHKST03010100');
    const reply = await ask('', { ...SPAN, FID_ORG_ADJ_PRC: '0' });
    const all = dates(reply);
    expect(all).toHaveLength(100);
    expect(all[0]).toBe('20260922');
    expect([...all].sort().reverse()).toEqual(all);
    expect(all.every((date) => isTradingDay(Number(date)))).toBe(true);
    const further = await ask('', { ...SPAN, FID_INPUT_DATE_2: all.at(-1)!, FID_ORG_ADJ_PRC: '0' });
    expect(dates(further)[0]).toBe(all.at(-1));
  });

  it('change against the day before, also the oldest of a page', async () => {
    const ask = await inquiry('FHKST03010100');
    const list = rows(await ask('', { ...SPAN, FID_ORG_ADJ_PRC: '0' }), 'output2');
    for (let index = 0; index + 1 < list.length; index++) {
      expect(Number(list[index].prdy_vrss)).toBe(Number(list[index].stck_clpr) - Number(list[index + 1].stck_clpr));
    }
    expect(list.at(-1)!.prdy_vrss).not.toBe('0');
  });

  it('are adjusted with 0 in one TR, and with 1 in the other', async () => {
    const { ask } = await testRest();
    const chart = async (flag: string) =>
      rows(await ask('FHKST03010100', { ...SPAN, FID_ORG_ADJ_PRC: flag }), 'output2');
    const last = async (flag: string) =>
      rows(await ask('FHKST01010400', { ...STOCK, FID_PERIOD_DIV_CODE: 'D', FID_ORG_ADJ_PRC: flag }), 'output');
    const [adjusted, raw] = [(await chart('0'))[1].stck_clpr, (await chart('1'))[1].stck_clpr];
    // The market that stands still had a split of two for one.
    expect(Number(raw)).toBe(2 * Number(adjusted));
    expect([(await last('1'))[1].stck_clpr, (await last('0'))[1].stck_clpr]).toEqual([adjusted, raw]);
    expect(await last('0')).toHaveLength(30);
  });

  it.each([
    [
      'W',
      (date: string) =>
        String(Math.floor((Date.UTC(+date.slice(0, 4), +date.slice(4, 6) - 1, +date.slice(6)) / 86_400_000 + 3) / 7)),
    ],
    ['M', (date: string) => date.slice(0, 6)],
    ['Y', (date: string) => date.slice(0, 4)],
  ])('are gathered by %s', async (period, keyOf) => {
    const ask = await inquiry('FHKST03010100');
    const span = { ...SPAN, FID_INPUT_DATE_1: '20250601', FID_ORG_ADJ_PRC: '0' };
    const list = rows(await ask('', { ...span, FID_PERIOD_DIV_CODE: period }), 'output2');
    const keys = list.map(({ stck_bsop_date }) => keyOf(stck_bsop_date));
    expect(new Set(keys).size).toBe(keys.length);
    const [first] = list;
    expect(Number(first.stck_hgpr)).toBeGreaterThanOrEqual(Number(first.stck_clpr));
    expect(Number(first.stck_lwpr)).toBeLessThanOrEqual(Number(first.stck_oprc));
  });
});

describe('trades of today', () => {
  it('page back by the time of the last one', async () => {
    const ask = await inquiry('FHPST01060000');
    const first = await ask('', { ...STOCK, FID_INPUT_HOUR_1: '' });
    const last = times(first).at(-1)!;
    const second = await ask('', { ...STOCK, FID_INPUT_HOUR_1: last });
    expect(times(first)).toHaveLength(30);
    expect(times(second)[0]).toBe(last);
    expect(times(second).at(-1)! < last).toBe(true);
  });
});

describe('thirty quotes at once', () => {
  const slots = (codes: readonly string[]) =>
    Object.fromEntries(
      codes.flatMap((code, slot) => [
        [`FID_COND_MRKT_DIV_CODE_${slot + 1}`, 'J'],
        [`FID_INPUT_ISCD_${slot + 1}`, code],
      ]),
    );

  it('are the first thirty, in order, without codes that are not known', async () => {
    const { ask, market } = await testRest();
    const codes = ['999999', ...market.codes.slice(0, 35)];
    const found = rows(await ask('FHKST11300006', slots(codes)), 'output');
    expect(found.map(({ inter_shrn_iscd }) => inter_shrn_iscd)).toEqual(market.codes.slice(0, 29));
  });

  it('may leave slots out, but not empty', async () => {
    const { ask } = await testRest();
    const { body } = await ask('FHKST11300006', slots(['005930', '']));
    expect(body.msg_cd).toBe('OPSQ2002');
  });
});

describe('venues', () => {
  it('know a stock that NXT does not trade at KRX and unified, and not at NXT', async () => {
    const { ask } = await testRest();
    const price = async (venue: string) =>
      row(await ask('FHKST01010100', { FID_COND_MRKT_DIV_CODE: venue, FID_INPUT_ISCD: '011170' }), 'output').stck_prpr;
    expect(await price('UN')).toBe(await price('J'));
    expect(await price('NX')).toBe('0');
  });
});

describe('an index', () => {
  const INDEX = { FID_COND_MRKT_DIV_CODE: 'U', FID_INPUT_ISCD: '2001' };

  it('has minutes that end at its level now, and volume of the day', async () => {
    const { ask } = await testRest();
    const now = row(await ask('FHPUP02100000', INDEX), 'output');
    const chart = { ...INDEX, FID_ETC_CLS_CODE: '0', FID_INPUT_HOUR_1: '60', FID_PW_DATA_INCU_YN: 'N' };
    const minutes = rows(await ask('FHKUP03500200', chart), 'output2');
    expect(minutes[0].bstp_nmix_prpr).toBe(now.bstp_nmix_prpr);
    const volume = minutes.reduce((sum, { cntg_vol }) => sum + Number(cntg_vol), 0);
    expect(Math.abs(volume - Number(now.acml_vol))).toBeLessThanOrEqual(minutes.length);
    const times = rows(await ask('FHPUP02110200', { ...INDEX, FID_INPUT_HOUR_1: '300' }), 'output');
    expect(times[0].bstp_nmix_prpr).toBe(now.bstp_nmix_prpr);
    expect(times.map(({ bsop_hour }) => bsop_hour).slice(0, 3)).toEqual(['103000', '102500', '102000']);
  });

  it.each([[{ ...INDEX, FID_INPUT_ISCD: '9999' }], [{ ...INDEX, FID_COND_MRKT_DIV_CODE: 'J' }]])(
    'is refused where it is none: %o',
    async (parameters) => {
      const { ask } = await testRest();
      expect((await ask('FHPUP02100000', parameters)).body.msg_cd).toBe('OPSQ2001');
    },
  );
});

describe('overseas stocks', () => {
  const APPLE = { AUTH: '', EXCD: 'NAS', SYMB: 'AAPL' };

  it('have one price, whichever way one asks', async () => {
    const { ask, market } = await testRest();
    // 23:45 KST: New York is open.
    market.timeUs += 13 * 3_600_000_000 + 15 * 60_000_000;
    const now = row(await ask('HHDFS00000300', APPLE), 'output');
    const days = rows(await ask('HHDFS76240000', { ...APPLE, GUBN: '0', BYMD: '', MODP: '1' }), 'output2');
    const query = { ...APPLE, NMIN: '1', PINC: '0', NEXT: '', NREC: '120', FILL: '', KEYB: '' };
    const minutes = rows(await ask('HHDFS76950200', query), 'output2');
    expect(days[0].clos).toBe(now.last);
    expect(days[1].clos).toBe(now.base);
    expect(minutes[0].last).toBe(now.last);
    expect(minutes.at(-1)!.xhms).toBe('093000');
    expect(minutes[0].xymd).toBe('20260922');
  });

  it('page back by KEYB, into the days before', async () => {
    const { ask } = await testRest();
    const query = { ...APPLE, NMIN: '5', PINC: '1', NEXT: '', NREC: '120', FILL: '', KEYB: '' };
    const first = rows(await ask('HHDFS76950200', query), 'output2');
    const last = first.at(-1)!;
    const keyb = `${last.xymd}${last.xhms}`;
    const second = rows(await ask('HHDFS76950200', { ...query, NEXT: '1', KEYB: keyb }), 'output2');
    expect(`${second[0].xymd}${second[0].xhms}`).toBe(keyb);
    expect(second).toHaveLength(120);
    const keys = [...first, ...second.slice(1)].map(({ xymd, xhms }) => xymd + xhms);
    expect([...keys].sort().reverse()).toEqual(keys);
  });

  it.each([[{ ...APPLE, EXCD: 'XXX' }], [{ ...APPLE, SYMB: 'no such' }]])(
    'that cannot be are empty: %o',
    async (query) => {
      const { ask } = await testRest();
      expect(row(await ask('HHDFS00000300', query), 'output').last).toBe('');
    },
  );
});
