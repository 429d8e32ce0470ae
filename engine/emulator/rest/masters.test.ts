import { unzipSync } from 'fflate';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { type Column, KONEX_COLUMNS, KOSDAQ_COLUMNS, KOSPI_COLUMNS } from './master-layout.ts';
import { row, type TestRest, testRest } from './test-rest.ts';

const LAYOUTS = [
  ['kospi_code', KOSPI_COLUMNS, 70, 227],
  ['kosdaq_code', KOSDAQ_COLUMNS, 64, 221],
  ['konex_code', KONEX_COLUMNS, 38, 184],
] as const;

async function lines({ url }: TestRest, file: string): Promise<string[]> {
  const response = await fetch(`${url}/common/master/${file}.zip`);
  expect(response.headers.get('content-type')).toBe('application/zip');
  const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
  expect(Object.keys(files)).toEqual([file]);
  const text = iconv.decode(Buffer.from(files[file]), 'cp949');
  return text.split('\n').slice(0, -1);
}

/** As clients read it: the tail from the end, the name between. */
function symbol(line: string, columns: readonly Column[]): Record<string, string> {
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const head = line.slice(0, -width);
  const fields: Record<string, string> = {
    code: head.slice(0, 9).trim(),
    isin: head.slice(9, 21),
    name: head.slice(21).trim(),
  };
  let at = line.length - width;
  for (const { name, width: size } of columns) {
    fields[name] = line.slice(at, at + size);
    at += size;
  }
  return fields;
}

describe('masters', () => {
  it.each(LAYOUTS)('of %s have the columns and widths of KIS', (_file, columns, count, width) => {
    expect(columns).toHaveLength(count);
    expect(columns.reduce((sum, column) => sum + column.width, 0)).toBe(width);
    expect(new Set(columns.map(({ name }) => name)).size).toBe(count);
  });

  it('have a line of fixed bytes for each stock, that reads back', async () => {
    const server = await testRest();
    const kospi = await lines(server, 'kospi_code.mst');
    const kosdaq = await lines(server, 'kosdaq_code.mst');
    for (const line of kospi) expect(iconv.encode(line, 'cp949')).toHaveLength(9 + 12 + 40 + 227);
    for (const line of kosdaq) expect(iconv.encode(line, 'cp949')).toHaveLength(9 + 12 + 40 + 221);
    const { market } = server;
    expect(kospi.length + kosdaq.length).toBe(market.codes.length);
    const symbols = [
      ...kospi.map((line) => symbol(line, KOSPI_COLUMNS)),
      ...kosdaq.map((line) => symbol(line, KOSDAQ_COLUMNS)),
    ];
    for (const { code, name, stck_sdpr, lstn_stcn, prdy_vol } of symbols) {
      const instrument = market.instrument(code);
      expect(name).toBe(instrument.nameKo);
      expect(Number(stck_sdpr)).toBe(market.quote(code).previousCloseWon);
      expect(Number(prdy_vol)).toBe(market.quote(code).previousVolume);
      expect(Number(lstn_stcn)).toBe(Math.round(instrument.listedShares / 1000));
    }
    const samsung = symbols.find(({ code }) => code === '005930')!;
    expect(samsung).toMatchObject({ isin: 'KR7005930003', scrt_grp_cls_code: 'ST', trht_yn: 'N', sltr_yn: 'N' });
    expect(samsung).toMatchObject({ stck_lstn_date: '20000104', kospi200_apnt_cls_code: '5' });
    expect(symbols.find(({ code }) => code === '000660')!.isin).toBe('KR7000660001');
  });

  it.each([
    ['idxcode.mst', /^00001종합/],
    ['theme_code.mst', /^\d{3}semiconductors +005930 *$/],
    ['fo_idx_code_mts.mst', /^1\|101W09\|/],
    ['nasmst.cod', /^US\t22\tNAS\tNAS\tAAPL\t/],
  ])('have %s', async (file, first) => {
    const [line] = await lines(await testRest(), file);
    expect(line).toMatch(first);
  });

  it.each(['konex_code.mst', 'elw_code.mst', 'bond_code.mst', 'hksmst.cod'])('have an empty %s', async (file) => {
    expect(await lines(await testRest(), file)).toEqual([]);
  });

  it('have the 24 columns of overseas files', async () => {
    for (const line of await lines(await testRest(), 'nysmst.cod')) expect(line.split('\t')).toHaveLength(24);
  });
});

describe('listings', () => {
  const codes = async (server: TestRest) =>
    new Map(
      (await lines(server, 'kosdaq_code.mst'))
        .map((line) => symbol(line, KOSDAQ_COLUMNS))
        .map((one) => [one.code, one]),
    );

  it('change masters and products from their day on', async () => {
    const server = await testRest();
    const { post, ask, market } = server;
    const changes = [
      { type: 'list', code: '0193T0', nameKo: '새로운주식', basePriceWon: 12_340, date: 20260923 },
      { type: 'rename', code: '247540', nameKo: '에코프로새이름', date: 20260923 },
      { type: 'delist', code: '035900', date: 20260923 },
      { type: 'liquidate', code: '041510' },
    ];
    for (const change of changes) expect(await post('/emulator/listing', change)).toMatchObject({ status: 200 });
    const today = await codes(server);
    expect(today.has('0193T0')).toBe(false);
    expect(today.get('247540')!.name).toBe('에코프로비엠');
    expect(today.has('035900')).toBe(true);
    expect(today.get('041510')!.sltr_yn).toBe('Y');
    market.timeUs += 86_400_000_000;
    const tomorrow = await codes(server);
    expect(tomorrow.get('0193T0')).toMatchObject({
      name: '새로운주식',
      stck_sdpr: '000012340',
      stck_lstn_date: '20260923',
    });
    expect(tomorrow.get('247540')!.name).toBe('에코프로새이름');
    expect(tomorrow.has('035900')).toBe(false);
    const product = async (code: string) => row(await ask('CTPF1002R', { PRDT_TYPE_CD: '300', PDNO: code }), 'output');
    expect(await product('035900')).toMatchObject({ lstg_abol_dt: '20260923' });
    expect(await product('247540')).toMatchObject({ prdt_abrv_name: '에코프로새이름', cptt_trad_tr_psbl_yn: 'Y' });
    expect(await product('011170')).toMatchObject({ cptt_trad_tr_psbl_yn: 'N', nxt_tr_stop_yn: 'N', lstg_abol_dt: '' });
  });

  it.each([
    [{ type: 'list', code: '005930', nameKo: '삼성전자' }, /is listed/],
    [{ type: 'delist', code: '999999' }, /is not listed/],
    [{ type: 'rename', code: '005930', nameKo: '' }, /characters/],
    [{ type: 'rename', code: '005930' }, /nameKo/],
    [{ type: 'list', code: 'x', nameKo: 'x' }, /six or seven/],
    [{ type: 'merge', code: '005930' }, /type/],
    [{ type: 'list', code: '111111', nameKo: 'x', market: 'NYSE' }, /market/],
    [{ type: 'delist', code: '005930', date: 'x' }, /date/],
  ])('that cannot be are refused: %o', async (change, reason) => {
    const { post } = await testRest();
    const { status, body } = await post('/emulator/listing', change);
    expect(status).toBe(400);
    expect(body.error).toMatch(reason);
  });
});
