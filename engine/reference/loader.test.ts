import { expect, it } from 'vitest';
import { isTradingDay, kstDate, kstSecond, kstToUtcUs } from '../../config/calendar.ts';
import { priceLimits } from '../../config/tick-table.ts';
import { DATE, newEmulated, temporaryFolder, testLoader } from './test-loader.ts';

const MINUTE_US = 60_000_000;
const HALF_PAST_TEN = 10 * 3600 + 30 * 60 + 30;

it('loads all that a morning needs, the most important first, and then nothing more', async () => {
  const { loader, told, of, settled, asked, emulated } = await testLoader();
  loader.start();
  await settled();
  expect(told.map(({ kind }) => kind)).toEqual([
    'calendar',
    'instruments',
    'daily_close',
    'daily_close',
    'minute_bars',
    'minute_bars',
  ]);
  const [calendar] = of('calendar');
  expect(calendar.days[0]).toEqual({ date: DATE, open: true });
  expect(calendar.days.length).toBeGreaterThan(60);
  expect(calendar.days.every(({ date, open }) => open === isTradingDay(date))).toBe(true);
  const [{ instruments, date, listed }] = of('instruments');
  const samsung = instruments.find(({ code }) => code === '005930')!;
  const quote = emulated.market.quote('005930');
  const { lower, upper } = priceLimits(quote.previousCloseWon);
  expect([date, listed, instruments.length]).toEqual([DATE, [], emulated.market.codes.length]);
  expect(samsung).toMatchObject({
    nameKo: '삼성전자',
    basePriceWon: quote.previousCloseWon,
    upperLimitWon: upper,
    lowerLimitWon: lower,
    kospi200: true,
    nxt: true,
  });
  // Limits cost a call each thirty: only of what is watched.
  expect(instruments.find(({ code }) => code === '373220')).toMatchObject({ upperLimitWon: 0, nxt: false });
  expect(asked.filter((trId) => trId === 'CTPF1002R')).toHaveLength(2);
  expect(loader.counters).toMatchObject({ failures: {}, givenUp: 0, loaded: { minute_bars: 2, daily_close: 2 } });
});

it('holds the close of the day before by KIS against the exchange’s own', async () => {
  const { loader, of, settled, emulated } = await testLoader();
  loader.start();
  await settled();
  const [byKis, byExchange] = of('daily_close');
  const [bar] = emulated.market.dailyBars('005930', 'KRX', 20260921, 20260921, false);
  const row = { code: '005930', closeWon: bar.closeWon, volume: bar.volume };
  expect(byKis).toMatchObject({ source: 'KIS', venue: 'KRX', date: 20260921 });
  expect(byExchange).toMatchObject({ source: 'KRX', venue: 'KRX', date: 20260921 });
  expect(byKis.rows).toContainEqual(expect.objectContaining(row));
  expect(byExchange.rows).toContainEqual(expect.objectContaining(row));
});

it('warms with all minutes of today that are over, turnover and volume as they were', async () => {
  const { loader, of, settled, emulated, at } = await testLoader({ crossCheck: false });
  at(DATE, 40_000);
  loader.start();
  await settled();
  const [warm] = of('minute_bars');
  const bars = emulated.market
    .minuteBars('005930', 'KRX', DATE)
    .filter(({ startUs }) => startUs <= emulated.market.timeUs - 63_000_000);
  expect(warm).toMatchObject({ code: '005930', venue: 'KRX', purpose: 'warm' });
  expect(warm.bars.map(({ startUs, close, volume, turnover }) => [startUs, close, volume, turnover])).toEqual(
    bars.map(({ startUs, closeWon, volume, turnoverWon }) => [startUs, closeWon, volume, turnoverWon]),
  );
});

it('puts the day before in front where today has few minutes yet', async () => {
  const { loader, of, settled, at } = await testLoader({ crossCheck: false });
  at(DATE, 9 * 3600 + 600);
  loader.start();
  await settled();
  const dates = of('minute_bars')[0].bars.map(({ startUs }) => kstDate(startUs));
  expect([...new Set(dates)]).toEqual([20260921, DATE]);
  expect(dates).toHaveLength(390 + 9);
});

it('asks for nothing again on a start within the same day, and says what it has', async () => {
  const folder = temporaryFolder();
  const emulated = await newEmulated();
  const first = await testLoader({ folder, emulated });
  first.loader.start();
  await first.settled();
  await first.loader.stop();
  const second = await testLoader({ folder, emulated, warmBars: false });
  second.loader.start();
  await second.settled();
  expect(second.asked).toEqual([]);
  expect(second.told).toEqual(first.told.slice(0, 2));
});

it('loads a new day at its turn, and says who was listed, renamed and delisted', async () => {
  const { loader, emulated, of, settled, at, asked } = await testLoader({ crossCheck: false, warmBars: false });
  const { listings } = emulated.rest;
  listings!.change({ type: 'list', code: '0193T0', nameKo: '새종목', date: 20260923 });
  listings!.change({ type: 'rename', code: '035720', nameKo: '새이름', date: 20260923 });
  listings!.change({ type: 'delist', code: '086520', date: 20260923 });
  loader.start();
  await settled();
  at(20260923, 7 * 3600);
  await settled();
  expect(of('instruments')).toHaveLength(1);
  at(20260923, 7 * 3600 + 40 * 60);
  await settled();
  expect(of('instruments')[1]).toMatchObject({
    date: 20260923,
    listed: ['0193T0'],
    delisted: ['086520'],
    renamed: [{ code: '035720', from: '카카오', to: '새이름' }],
  });
  // Each page of the calendar is one call; the day that turned asked once more.
  expect(of('calendar').map(({ days }) => days[0].date)).toEqual([DATE, 20260923]);
  expect(asked.filter((trId) => trId === 'CTCA0903R')).toHaveLength(6);
});

it('takes the closes of today once volumes stand still, and again in the evening', async () => {
  const { loader, of, settled, at, emulated, watched } = await testLoader({ warmBars: false, withKrx: false });
  watched.push({ code: '005930', venue: 'NXT' }, { code: '004020', venue: 'NXT' });
  at(DATE, 15 * 3600 + 37 * 60);
  loader.start();
  await settled();
  const { priceWon, volume, turnoverWon } = emulated.market.quote('005930');
  const regular = of('daily_close').find(({ venue, date }) => venue === 'KRX' && date === DATE)!;
  expect(regular.rows[0]).toEqual({ code: '005930', closeWon: priceWon, volume, turnoverWon });
  emulated.market.overrides.set('005930', { volume: volume + 5 });
  at(DATE, 20 * 3600 + 301);
  await settled();
  const evening = of('daily_close')
    .filter(({ date }) => date === DATE)
    .slice(1);
  expect(evening.map(({ venue }) => venue).sort()).toEqual(['KRX', 'NXT']);
  expect(evening[0].rows[0].volume).toBe(volume + 5);
  // NXT does not trade that one.
  expect(evening.find(({ venue }) => venue === 'NXT')?.rows.map(({ code }) => code)).toEqual(['005930']);
});

it('fills a gap with the bars of its minutes, once they are over', async () => {
  const { loader, of, settled, at } = await testLoader({ bootstrap: false, warmBars: false, crossCheck: false });
  loader.start();
  const gapUs = kstToUtcUs(DATE, HALF_PAST_TEN);
  loader.fillGap({ code: '005930', venue: 'KRX', fromUs: gapUs - 2 * MINUTE_US, toUs: gapUs });
  await settled();
  expect(of('minute_bars')).toEqual([]);
  at(DATE, HALF_PAST_TEN + 33);
  await expect.poll(() => of('minute_bars'), { timeout: 20_000 }).toHaveLength(1);
  const [{ purpose, bars }] = of('minute_bars');
  expect(purpose).toBe('fill');
  expect(bars.map(({ startUs }) => kstSecond(startUs))).toEqual([37_680, 37_740, 37_800]);
});

it('fills the gaps of a whole market one after the other, without doubling any', async () => {
  const { loader, settled, emulated, of } = await testLoader({ bootstrap: false, warmBars: false, crossCheck: false });
  loader.start();
  const fromUs = kstToUtcUs(DATE, 36_000);
  for (let round = 0; round < 2; round++)
    for (const code of emulated.market.codes)
      loader.fillGap({
        code,
        venue: 'KRX',
        fromUs: fromUs + round * MINUTE_US,
        toUs: fromUs + (round + 1) * MINUTE_US,
      });
  await settled();
  const { codes } = emulated.market;
  expect(
    of('minute_bars')
      .map(({ code }) => code)
      .sort(),
  ).toEqual([...codes].sort());
  expect(of('minute_bars').every(({ bars }) => bars.length === 2)).toBe(true);
  expect(loader.counters).toMatchObject({ fillsMerged: codes.length, fillsWaiting: 0, fillsDropped: 0 });
});

it('asks for limits and bars of what comes to be watched, of that alone', async () => {
  const { loader, of, settled, watched, asked } = await testLoader({ crossCheck: false });
  loader.start();
  await settled();
  asked.length = 0;
  watched.push({ code: '373220', venue: 'KRX' });
  await settled();
  expect(asked.filter((trId) => trId === 'FHKST11300006' || trId === 'CTPF1002R')).toEqual([
    'FHKST11300006',
    'CTPF1002R',
  ]);
  expect(of('instruments')).toHaveLength(2);
  expect(of('instruments')[1].instruments.filter(({ upperLimitWon }) => upperLimitWon > 0)).toHaveLength(3);
  expect(of('minute_bars').map(({ code }) => code)).toEqual(['005930', '000660', '373220']);
});
