// Days that are not as our own calendar has them, and symbols that are not what they were: the engine says so, gives no
// signals where the venue is closed, and goes on.
import { expect, it } from 'vitest';
import { calendarOverrides, kstToUtcUs } from '../config/calendar.ts';
import { newMarket, post, START_TIME_US, testEmulator } from './emulator/test-emulator.ts';
import type { MarketMessage } from './messages.ts';
import type { LeftOutRegistration } from './sources/kis/source-status.ts';
import { configOn, TestRun, temporaryFolder, until } from './test-run.ts';

const DATE = 20260922;
const CODES = ['005930', '000660'];
/** The day of the college entrance examination: everything is an hour later. */
const LATE_DATE = 20261119;

interface MarketStatus {
  readonly market: { readonly phase: string; readonly nextOpenUs: number };
  readonly vitals: { readonly market: string } | null;
  readonly counters: {
    readonly denied: Record<string, number>;
    readonly signals: { readonly buy: number; readonly sell: number };
  };
  readonly feed: { readonly registered: number; readonly leftOut: readonly LeftOutRegistration[] };
  readonly reference: { readonly loaded: Record<string, number> };
}

const marketOf = (one: TestRun) => one.run.bus.retained('market/005930.KRX').at(-1) as MarketMessage | undefined;
const loadedOf = (one: TestRun) => one.status<MarketStatus>().reference.loaded;

it('believes KIS that a day of our calendar is a holiday, says so, and gives no signals on it', async () => {
  const calendar = calendarOverrides([{ date: DATE, open: false }]);
  const emulator = await testEmulator({ calendar, speed: 10 });
  const settings = {
    universe: { symbols: CODES },
    signals: { probabilityMin: 0.5 },
    reference: { warmBars: false, crossCheck: false },
  };
  const config = configOn(emulator, temporaryFolder(), settings);
  const one = await TestRun.start(config);
  await until(() => marketOf(one)?.phase === 'closed');
  const before = one.status<MarketStatus>().counters;
  await until(() => (one.status<MarketStatus>().counters.denied.session ?? 0) > 50);
  const status = one.status<MarketStatus>();
  expect(status.counters.signals).toEqual(before.signals);
  expect(status.market.phase).toBe('closed');
  expect(status.market.nextOpenUs).toBe(kstToUtcUs(DATE + 1, 9 * 3600));
  await until(() => one.status<MarketStatus>().vitals?.market === 'closed');
  const [said] = one.said('KIS and our calendar differ: KIS is believed');
  expect(said).toMatchObject({ level: 40, open: [], closed: [DATE] });
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);

  // Known from the snapshot, before anybody is asked.
  const again = await TestRun.start({ ...config, reference: { ...config.reference, bootstrap: false } });
  await until(() => again.run.bus.retained('ticks/005930.KRX').length > 0);
  expect(again.status<MarketStatus>().market.phase).toBe('closed');
  const digests = await again.digests();
  expect(digests[1]).toBe(digests[0]);
});

it('trades no signals in the hour by which a day opens late', async () => {
  const startTimeUs = kstToUtcUs(LATE_DATE, 9 * 3600 + 55 * 60);
  const market = newMarket(7, { startTimeUs, sessions: 'all' });
  const emulator = await testEmulator({ feed: { kind: 'market', market }, speed: 60 });
  const one = await TestRun.start(
    configOn(emulator, temporaryFolder(), {
      universe: { symbols: CODES, streams: ['trades', 'books', 'expected', 'status'] },
      signals: { probabilityMin: 0.5 },
      reference: { crossCheck: false },
    }),
  );
  await until(() => marketOf(one)?.phase === 'opening_auction');
  expect(one.status<MarketStatus>().market.phase).toBe('opening_auction');
  await until(() => marketOf(one)?.phase === 'continuous');
  const signals = () => one.run.bus.retained('signals/005930.KRX');
  await until(() => signals().length > 0);
  const tenUs = kstToUtcUs(LATE_DATE, 10 * 3600);
  for (const { timeUs } of [...one.run.bus.retained('ticks/005930.KRX'), ...signals()])
    expect(timeUs).toBeGreaterThanOrEqual(tenUs);
  const [live, replayed] = await one.digests();
  expect(replayed).toBe(live);
});

it('names symbols that nobody knows, and goes on through new, renamed and delisted ones', async () => {
  const emulator = await testEmulator();
  const folder = temporaryFolder();
  const settings = { universe: { symbols: [...CODES, '999999'] }, reference: { warmBars: false, crossCheck: false } };
  const first = await TestRun.start(configOn(emulator, folder, settings));
  await until(() => (loadedOf(first).instruments ?? 0) > 0 && first.run.ready());
  const status = first.status<MarketStatus>();
  expect(status.feed).toMatchObject({ registered: 4, leftOut: [{ trKey: '999999' }, { trKey: '999999' }] });
  await until(() => first.run.bus.retained('ticks/000660.KRX').length > 0);
  const ended = await first.digests();
  expect(ended[1]).toBe(ended[0]);

  const nextDay = await testEmulator({
    feed: { kind: 'market', market: newMarket(8, { startTimeUs: START_TIME_US + 86_400_000_000 }) },
  });
  for (const body of [
    { type: 'rename', code: '005930', nameKo: '새이름전자' },
    { type: 'delist', code: '000660' },
    { type: 'list', code: '0193T0', nameKo: '새종목' },
  ])
    expect((await post(`${nextDay.restUrl}/emulator/listing`, body)).status).toBe(200);
  const second = await TestRun.start(configOn(nextDay, folder, settings));
  await until(() => (loadedOf(second).instruments ?? 0) > 0 && second.run.ready());
  const [loaded] = second.said('reference data loaded').filter(({ kind }) => kind === 'instruments');
  expect(loaded).toMatchObject({ date: DATE + 1, listed: 1, delisted: 1, renamed: 1 });
  await until(() => second.run.bus.retained('ticks/005930.KRX').at(-1)!.timeUs > START_TIME_US + 86_400_000_000);
  const [live, replayed] = await second.digests();
  expect(replayed).toBe(live);
});
