import { describe, expect, it } from 'vitest';
import { rows, testRest } from './test-rest.ts';

const KEY = { AUTH_KEY: 'krx' };
const STOCK_DAY =
  'BAS_DD ISU_CD ISU_NM MKT_NM SECT_TP_NM TDD_CLSPRC CMPPREVDD_PRC FLUC_RT TDD_OPNPRC TDD_HGPRC TDD_LWPRC ACC_TRDVOL ACC_TRDVAL MKTCAP LIST_SHRS';
const INDEX_DAY =
  'BAS_DD IDX_CLSS IDX_NM CLSPRC_IDX CMPPREVDD_IDX FLUC_RT OPNPRC_IDX HGPRC_IDX LWPRC_IDX ACC_TRDVOL ACC_TRDVAL MKTCAP';
const FACTS =
  'ISU_CD ISU_SRT_CD ISU_NM ISU_ABBRV ISU_ENG_NM LIST_DD MKT_TP_NM SECUGRP_NM SECT_TP_NM KIND_STKCERT_TP_NM PARVAL LIST_SHRS';

describe('the KRX Open API', () => {
  it.each([
    ['sto/stk_bydd_trd', STOCK_DAY],
    ['sto/ksq_bydd_trd', STOCK_DAY],
    ['sto/stk_isu_base_info', FACTS],
    ['sto/ksq_isu_base_info', FACTS],
    ['idx/kospi_dd_trd', INDEX_DAY],
    ['idx/kosdaq_dd_trd', INDEX_DAY],
  ])('answers %s with all fields, as texts', async (name, names) => {
    const { get } = await testRest();
    const list = rows(await get(`/svc/apis/${name}?basDd=20260921`, KEY), 'OutBlock_1');
    expect(list.length).toBeGreaterThan(0);
    for (const one of list) {
      expect(Object.keys(one)).toEqual(names.split(' '));
      expect(Object.values(one).every((value) => typeof value === 'string')).toBe(true);
    }
  });

  it.each([
    'sto/knx_bydd_trd',
    'sto/knx_isu_base_info',
    'idx/krx_dd_trd',
    'idx/drvprod_dd_trd',
    'etp/etf_bydd_trd',
    'etp/etn_bydd_trd',
    'drv/fut_bydd_trd',
    'drv/opt_bydd_trd',
  ])('has nothing for %s', async (name) => {
    const { get } = await testRest();
    expect((await get(`/svc/apis/${name}?basDd=20260921`, KEY)).body).toEqual({ OutBlock_1: [] });
  });

  it('tells what KIS tells of a day that is over', async () => {
    const { get, market } = await testRest();
    const list = rows(await get('/svc/apis/sto/stk_bydd_trd?basDd=20260921', KEY), 'OutBlock_1');
    const samsung = list.find(({ ISU_CD }) => ISU_CD === '005930')!;
    const [before, bar] = market.dailyBars('005930', 'KRX', 20260918, 20260921, false);
    expect(Number(samsung.TDD_CLSPRC)).toBe(bar.closeWon);
    expect(Number(samsung.CMPPREVDD_PRC)).toBe(bar.closeWon - before.closeWon);
    expect(Number(samsung.ACC_TRDVOL)).toBe(bar.volume);
    expect(samsung.LIST_SHRS).toBe('5,919,638,000');
    expect(Number(samsung.MKTCAP.replaceAll(',', ''))).toBe(5_919_638_000 * bar.closeWon);
  });

  it.each(['20260920', '20260922', '20260930'])(
    'has an empty list for %s: closed, running, or to come',
    async (date) => {
      const { get } = await testRest();
      expect((await get(`/svc/apis/sto/stk_bydd_trd?basDd=${date}`, KEY)).body).toEqual({ OutBlock_1: [] });
    },
  );

  it('wants a key, in the header or the query', async () => {
    const { get } = await testRest({ krxKeys: new Set(['krx']) });
    const path = '/svc/apis/sto/stk_bydd_trd?basDd=20260921';
    expect((await get(path)).status).toBe(401);
    expect((await get(path, { AUTH_KEY: 'other' })).status).toBe(401);
    expect((await get(path, KEY)).status).toBe(200);
    expect((await get(`${path}&AUTH_KEY=krx`)).status).toBe(200);
    expect((await get('/svc/apis/sto/nothing?basDd=20260921', KEY)).status).toBe(404);
    expect((await get('/svc/apis/sto/stk_bydd_trd', KEY)).status).toBe(400);
  });

  it('has a limit a day for each key', async () => {
    const { get, clock } = await testRest({ krxRequestsPerDay: 2 });
    const path = '/svc/apis/idx/kospi_dd_trd?basDd=20260921';
    const statuses = [];
    for (let request = 0; request < 3; request++) statuses.push((await get(path, KEY)).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect((await get(path, { AUTH_KEY: 'other' })).status).toBe(200);
    clock.timeUs += 86_400_000_000;
    expect((await get(path, KEY)).status).toBe(200);
  });
});
