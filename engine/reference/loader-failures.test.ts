import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import { MasterFileError } from '../sources/kis/rest/masters.ts';
import type { InstrumentReference } from './reference.ts';
import { DATE, temporaryFolder, testLoader } from './test-loader.ts';

const instrument: InstrumentReference = {
  code: '005930',
  nameKo: '삼성전자',
  market: 'KOSPI',
  kind: 'stock',
  basePriceWon: 1,
  upperLimitWon: 0,
  lowerLimitWon: 0,
  lotSize: 1,
  listedShares: 1,
  previousVolume: 1,
  kospi200: true,
  nxt: false,
  halted: false,
  liquidation: false,
  listedDate: 0,
};
const warnings = (lines: readonly Record<string, unknown>[]) => lines.filter(({ level }) => level === 40);

it('goes on with yesterday’s instruments where the masters are damaged, says so once and tries again later', async () => {
  let broken = false;
  let asked = 0;
  const masters = async (): Promise<InstrumentReference[]> => {
    asked += 1;
    if (broken) throw new MasterFileError('kospi_code.mst', 'damaged', 'the zip does not open');
    return [instrument];
  };
  const { loader, of, settled, at, lines } = await testLoader({ masters, crossCheck: false, warmBars: false });
  loader.start();
  await settled();
  broken = true;
  at(20260923, 8 * 3600);
  await settled();
  expect([asked, of('instruments').length]).toEqual([2, 1]);
  // The second attempt follows after half a minute of the feed's time, the third after a minute more.
  at(20260923, 8 * 3600 + 30);
  await settled();
  at(20260923, 8 * 3600 + 60);
  await settled();
  expect(asked).toBe(3);
  broken = false;
  at(20260923, 8 * 3600 + 120);
  await settled();
  expect(of('instruments').map(({ date }) => date)).toEqual([DATE, 20260923]);
  expect(warnings(lines)).toMatchObject([{ task: 'instruments', code: 'damaged' }]);
  expect(loader.counters).toMatchObject({ failures: { 'instruments damaged': 2 }, givenUp: 0 });
});

it('gives a day’s masters up after eight attempts, and begins anew with the next day', async () => {
  let asked = 0;
  const masters = async (): Promise<InstrumentReference[]> => {
    asked += 1;
    throw new MasterFileError('kospi_code.mst', 'http_404', 'HTTP 404');
  };
  const { loader, settled, at } = await testLoader({ masters, crossCheck: false, warmBars: false });
  loader.start();
  for (let hour = 9; hour < 20; hour++) {
    at(DATE, hour * 3600);
    await settled();
  }
  expect([asked, loader.counters.givenUp]).toEqual([8, 1]);
  at(20260923, 9 * 3600);
  await settled();
  expect(asked).toBe(9);
});

it('takes masters that lost most of their lines for a file written in part', async () => {
  const many = Array.from({ length: 10 }, (_, index) => ({ ...instrument, code: `00000${index}` }));
  let found = many;
  const masters = async () => found;
  const { loader, of, settled, at } = await testLoader({ masters, crossCheck: false, warmBars: false });
  loader.start();
  await settled();
  found = many.slice(0, 4);
  at(20260923, 8 * 3600);
  await settled();
  expect(of('instruments')).toHaveLength(1);
  expect(loader.counters.failures).toEqual({ 'instruments too_few': 1 });
});

it('tells masters without limits where quotes fail, and fills the limits in right after', async () => {
  const masters = async () => [instrument, { ...instrument, code: '000660' }];
  const { loader, emulated, of, settled } = await testLoader({ masters, crossCheck: false, warmBars: false });
  // One for the calendar, one for the quotes.
  emulated.rest.faults.add({ type: 'rest_error', code: 'OPSQ1002', count: 2 });
  loader.start();
  await settled();
  const limits = of('instruments').map(
    (one) => one.instruments.filter(({ upperLimitWon }) => upperLimitWon > 0).length,
  );
  expect(limits).toEqual([0, 2]);
  expect(loader.counters.failures).toEqual({ 'calendar OPSQ1002': 1, 'limits OPSQ1002': 1 });
});

it('asks paper for what paper has, and says what it has not', async () => {
  const { loader, asked, of, settled, lines } = await testLoader({ environment: 'paper', withKrx: false });
  loader.start();
  await settled();
  expect(new Set(asked)).toEqual(new Set(['FHKST01010100', 'FHKST03010100', 'FHKST03010200']));
  expect(of('instruments')[0].instruments.filter(({ upperLimitWon }) => upperLimitWon > 0)).toHaveLength(2);
  expect(of('instruments')[0].instruments.some(({ nxt }) => nxt)).toBe(false);
  expect(of('minute_bars')).toHaveLength(2);
  expect(warnings(lines)).toMatchObject([{ task: 'calendar', code: 'not_on_paper' }]);
  loader.fillGap({
    code: '005930',
    venue: 'KRX',
    fromUs: kstToUtcUs(20260921, 40_000),
    toUs: kstToUtcUs(20260921, 40_060),
  });
  await expect.poll(() => loader.counters.failures['fill not_on_paper'], { timeout: 20_000 }).toBe(1);
  expect(loader.counters.fillsWaiting).toBe(0);
});

it('tries a gap three times, with a pause for all of them in between', async () => {
  const { loader, emulated, of, settled, at } = await testLoader({
    bootstrap: false,
    warmBars: false,
    crossCheck: false,
  });
  emulated.rest.faults.add({ type: 'rest_error', code: 'OPSQ1002', count: 100 });
  loader.start();
  for (const code of ['005930', '000660'])
    loader.fillGap({ code, venue: 'KRX', fromUs: kstToUtcUs(DATE, 36_000), toUs: kstToUtcUs(DATE, 36_060) });
  await settled();
  expect(loader.counters).toMatchObject({ failures: { 'fill OPSQ1002': 1 }, fillsWaiting: 2 });
  for (let pause = 1; pause <= 5; pause++) {
    at(DATE, 40_000 + 31 * pause);
    await settled();
  }
  expect(loader.counters).toMatchObject({ failures: { 'fill OPSQ1002': 6 }, fillsWaiting: 0 });
  expect(of('minute_bars')).toEqual([]);
});

it('counts a disk that is full, and goes on with the next task', async () => {
  const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  const store = {
    put: () => {
      throw full;
    },
    has: () => false,
    newest: () => null,
  };
  const { loader, told, settled, lines } = await testLoader({ store, withKrx: false });
  loader.start();
  await settled();
  expect(told).toEqual([]);
  expect(loader.counters.failures).toMatchObject({ 'calendar ENOSPC': 1, 'instruments ENOSPC': 1, 'warm ENOSPC': 2 });
  expect(warnings(lines).length).toBe(new Set(warnings(lines).map(({ task, code }) => `${task} ${code}`)).size);
});

it('waits until the feed has told its time', async () => {
  let timeUs: number | null = null;
  const nowUs = () => timeUs;
  const { loader, settled, asked, of } = await testLoader({ nowUs, warmBars: false, crossCheck: false });
  loader.start();
  await settled();
  expect(asked).toEqual([]);
  timeUs = kstToUtcUs(DATE, 37_830);
  await expect.poll(() => of('instruments'), { timeout: 20_000 }).toHaveLength(1);
});

it('ends in the middle of its work without a word', async () => {
  const { loader, emulated, asked, lines } = await testLoader({ folder: temporaryFolder() });
  emulated.rest.faults.add({ type: 'rest_silent', count: 100 });
  loader.start();
  await expect.poll(() => loader.busy, { timeout: 20_000 }).toBe(true);
  await loader.stop();
  loader.fillGap({ code: '005930', venue: 'KRX', fromUs: 0, toUs: 1 });
  expect([asked, warnings(lines), loader.counters.fillsWaiting]).toEqual([[], [], 0]);
});
