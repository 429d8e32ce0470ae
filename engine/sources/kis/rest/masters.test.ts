import { zipSync } from 'fflate';
import iconv from 'iconv-lite';
import { expect, it } from 'vitest';
import { systemTimers } from '../timers.ts';
import { MASTER_LAYOUTS, type MasterColumn, type MasterLayout } from './master-layouts.ts';
import { downloadMasters, instrumentsOf, unzipMaster } from './masters.ts';
import { answeringServer } from './test-http.ts';

const [KOSPI, KOSDAQ, KONEX] = MASTER_LAYOUTS;

const COLUMNS: Readonly<Record<MasterColumn, string>> = {
  group: 'ST',
  kospi200: '5',
  basePrice: '274000',
  lotSize: '1',
  halted: 'N',
  liquidation: 'N',
  previousVolume: '22261000',
  listedDate: '19750611',
  listedThousands: '5919638',
};

function line(layout: MasterLayout, code: string, name: string, columns: Partial<Record<MasterColumn, string>> = {}) {
  const tail = new Array(layout.tailLength).fill(' ');
  for (const [column, text] of Object.entries({ ...COLUMNS, ...columns }) as [MasterColumn, string][]) {
    const [start, end] = layout.columns[column];
    const padded = /^\d+$/.test(text) ? text.padStart(end - start, '0') : text;
    for (let at = start; at < end; at++) tail[at] = padded[at - start] ?? ' ';
  }
  return `${code.padEnd(9)}KR7${code.padEnd(9, '0').slice(0, 9)}${name.padEnd(40)}${tail.join('')}`;
}

function zipped(file: string, lines: readonly string[], end = '\n'): Buffer {
  return Buffer.from(zipSync({ [file]: iconv.encode(lines.map((one) => one + end).join(''), 'cp949') }));
}

it('has columns that fill the tails of the three markets', () => {
  expect(MASTER_LAYOUTS.map(({ tailLength }) => tailLength)).toEqual([227, 221, 184]);
  expect(KOSPI.columns.basePrice).toEqual([41, 50]);
  expect(KOSDAQ.columns.basePrice).toEqual([36, 45]);
  expect(KONEX.columns.basePrice).toEqual([2, 11]);
});

it('reads names by characters, whatever their width in bytes, also syllables that only CP949 has', () => {
  const names = ['삼성전자', 'LG에너지솔루션', '똠방각하', 'KODEX 200'];
  const zip = zipped(
    KOSPI.file,
    names.map((name, index) => line(KOSPI, `00593${index}`, name)),
  );
  const found = instrumentsOf(KOSPI, unzipMaster(KOSPI.file, zip));
  expect(found.map(({ nameKo }) => nameKo)).toEqual(names);
  expect(found[0]).toEqual({
    code: '005930',
    nameKo: '삼성전자',
    market: 'KOSPI',
    kind: 'stock',
    basePriceWon: 274_000,
    upperLimitWon: 0,
    lowerLimitWon: 0,
    lotSize: 1,
    listedShares: 5_919_638_000,
    previousVolume: 22_261_000,
    kospi200: true,
    nxt: false,
    halted: false,
    liquidation: false,
    listedDate: 19750611,
  });
});

it('tells kinds by their group, and leaves out what no feed can name', () => {
  const groups = { ST: '005930', EF: '069500', FE: '0074K0', EN: 'Q500001', EW: '57JN53', DR: '900110', RT: '330590' };
  const lines = Object.entries(groups).map(([group, code]) => line(KOSPI, code, group, { group }));
  const others = [
    line(KOSPI, 'F70100022', '수익증권', { group: 'BC' }),
    line(KOSPI, '0036221', '신주', { group: 'SR' }),
  ];
  const found = instrumentsOf(KOSPI, [...lines, ...others].join('\r\n'));
  expect(found.map(({ code, kind }) => [code, kind])).toEqual([
    ['005930', 'stock'],
    ['069500', 'etf'],
    ['0074K0', 'etf'],
    ['Q500001', 'etn'],
    ['57JN53', 'elw'],
    ['900110', 'stock'],
    ['330590', 'stock'],
  ]);
});

it('reads halts, liquidation, and members of KOSPI200 where the market has them', () => {
  const marks = { halted: 'Y', liquidation: 'Y', kospi200: '0' };
  for (const layout of MASTER_LAYOUTS)
    expect(instrumentsOf(layout, line(layout, '123450', '이름', marks))[0]).toMatchObject({
      market: layout.market,
      halted: true,
      liquidation: true,
      kospi200: false,
    });
});

it('refuses a file whose columns moved by a character, in either direction, and says where', () => {
  for (const layout of MASTER_LAYOUTS) {
    const good = line(layout, '005930', '삼성전자');
    for (const moved of [`${good}X`, good.slice(0, -1), `${good}  `])
      expect(() => instrumentsOf(layout, `${good}\n${moved}`)).toThrow(/line 2: .*have the columns changed/);
  }
  expect(() => instrumentsOf(KOSPI, 'short')).toThrow(/line 1: 5 characters are too few/);
  expect(() => instrumentsOf(KOSPI, '')).toThrow(/holds no instrument/);
});

it('refuses a zip that is damaged at any place, cut anywhere, or holds something else', () => {
  const zip = zipped(KOSPI.file, [line(KOSPI, '005930', '삼성전자'), line(KOSPI, '000660', 'SK하이닉스')]);
  const text = unzipMaster(KOSPI.file, zip);
  for (let at = 0; at < zip.length; at++) {
    const damaged = Buffer.from(zip);
    damaged[at] ^= 0x10;
    // What is not the content (a date, an attribute) may change; the content may not, unnoticed.
    let read: string | undefined;
    try {
      read = unzipMaster(KOSPI.file, damaged);
    } catch (error) {
      expect(error).toMatchObject({ name: 'MasterFileError', code: 'damaged' });
    }
    if (read !== undefined) expect(read).toBe(text);
    expect(() => unzipMaster(KOSPI.file, zip.subarray(0, at))).toThrow(/master kospi_code.mst/);
  }
  const two = Buffer.from(zipSync({ a: Buffer.from('a'), b: Buffer.from('b') }));
  expect(() => unzipMaster(KOSPI.file, two)).toThrow(/one file/);
  const bytes = Buffer.from(zipSync({ a: Buffer.from([0x41, 0xff, 0xff]) }));
  expect(() => unzipMaster(KOSPI.file, bytes)).toThrow(/no CP949/);
});

it('downloads all three, and says which one is missing', async () => {
  const server = await answeringServer(({ path }) => {
    const layout = MASTER_LAYOUTS.find(({ file }) => path === `/common/master/${file}.zip`);
    if (layout === undefined || layout === KONEX) return { status: 404, body: '' };
    return { body: zipped(layout.file, [line(layout, '005930', layout.market)]) };
  });
  const options = { mastersUrl: `${server.url}/common/master/`, requestTimeoutMs: 20_000, timers: systemTimers };
  await expect(downloadMasters(options)).rejects.toMatchObject({
    code: 'http_404',
    message: 'master konex_code.mst: HTTP 404',
  });
  const whole = await answeringServer(({ path }) => {
    const layout = MASTER_LAYOUTS.find(({ file }) => path.endsWith(`/${file}.zip`))!;
    return { body: zipped(layout.file, [line(layout, '005930', layout.market)]) };
  });
  expect((await downloadMasters({ ...options, mastersUrl: whole.url })).map(({ market }) => market)).toEqual([
    'KOSPI',
    'KOSDAQ',
    'KONEX',
  ]);
});
