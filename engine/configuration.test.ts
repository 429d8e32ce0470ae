import { isAbsolute, join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { DEFAULT_UNIVERSE } from '../config/instruments.ts';
import { configSchema } from '../config/schema.ts';
import { engineOptions, engineSettings, redisOptions, registrations, universe } from './configuration.ts';

const log = pino({ level: 'silent' });
const config = (given: object = {}) => configSchema.parse(given);

describe('registrations', () => {
  it('of the shipped universe fill a session but for one: trades and books of 20 symbols, side by side', () => {
    const all = registrations(config());
    expect(all).toHaveLength(40);
    expect(all.slice(0, 3)).toEqual([
      { trId: 'H0STCNT0', trKey: DEFAULT_UNIVERSE[0], priority: 100 },
      { trId: 'H0STASP0', trKey: DEFAULT_UNIVERSE[0], priority: 100 },
      { trId: 'H0STCNT0', trKey: DEFAULT_UNIVERSE[1], priority: 100 },
    ]);
    expect(all.length).toBeLessThanOrEqual(config().source.kis.registrationsMax);
  });

  it('begin with the notices and end with the indices: what exceeds the limit is left out from the end', () => {
    const universe = { symbols: ['005930'], streams: ['trades', 'books', 'index'] };
    const wanted = (env: string) =>
      registrations(config({ universe, source: { env, kis: { htsId: 'someone' } } })).map(({ trId }) => trId);
    expect(wanted('live')).toEqual(['H0STCNI0', 'H0STCNT0', 'H0STASP0', 'H0UPCNT0', 'H0UPCNT0', 'H0UPCNT0']);
    expect(wanted('paper')[0]).toBe('H0STCNI9');
    expect(wanted('emulator')[0]).toBe('H0STCNI0');
  });

  it.each([
    ['KRX', 'H0STCNT0', 'H0STASP0'],
    ['NXT', 'H0NXCNT0', 'H0NXASP0'],
    ['UN', 'H0UNCNT0', 'H0UNASP0'],
  ])('of %s are %s and %s', (venue, ...trIds) => {
    const all = registrations(config({ universe: { symbols: ['005930'], venue } }));
    expect(all.map(({ trId }) => trId)).toEqual(trIds);
    const books = registrations(config({ universe: { symbols: ['005930'], venue, streams: ['books'] } }));
    expect(books.map(({ trId }) => trId)).toEqual(trIds.slice(1));
  });
});

it('registers further markets and streams where they are named, by the rules that hold', () => {
  const universe = { symbols: ['005930'], streams: ['expected', 'status'] };
  const markets = { overseas: ['DNASAAPL'], futures: ['A01612'] };
  const all = registrations(config({ universe, markets }));
  expect(all.map(({ trId, trKey }) => `${trId} ${trKey}`)).toEqual([
    'H0STANC0 005930',
    'H0STMKO0 005930',
    'H0IFCNT0 A01612',
    'H0IFASP0 A01612',
    'HDFSCNT0 DNASAAPL',
  ]);
  const notices = registrations(config({ source: { kis: { htsId: 'x' } }, emulator: { environment: 'paper' } }));
  expect(notices[0]).toEqual({ trId: 'H0STCNI9', trKey: 'x', priority: 0 });
});

it('tells the engine its settings, and those that decide nothing else', () => {
  const given = config({ signals: { probabilityMin: 0.8 }, bars: { latenessMs: 5 }, journal: { syncMs: 7 } });
  expect(engineSettings(given)).toEqual({
    timeFrames: ['tick', '1m'],
    barIntervals: ['1s', '1m'],
    barLatenessMs: 5,
    signals: { ...given.signals, qualityFloor: 80 },
    quality: given.quality,
  });
  expect(engineOptions(given, log)).toMatchObject({
    backend: 'wasm',
    journal: { syncMs: 7, segmentBytesMax: given.journal.segmentBytesMax },
    snapshotEveryMs: given.snapshot.everyMs,
    snapshotEveryEntries: given.snapshot.everyEntries,
  });
});

it('finds the artifact by its name beside the code, or by its path', () => {
  const shipped = engineOptions(config(), log).artifactFolder;
  expect(isAbsolute(shipped)).toBe(true);
  expect(shipped.endsWith(join('models', 'artifacts', 'next-mid-move'))).toBe(true);
  const path = join(shipped, '..', 'other');
  expect(engineOptions(config({ prediction: { artifact: path } }), log).artifactFolder).toBe(path);
});

it('takes the symbols that are named, or those that ship', () => {
  expect(universe(config())).toBe(DEFAULT_UNIVERSE);
  expect(universe(config({ universe: { symbols: ['000660'] } }))).toEqual(['000660']);
});

it('gives each kind of value in Redis its own life, and each environment its own names', () => {
  const options = redisOptions(
    config({ source: { env: 'paper' }, state: { ttlSeconds: { realtime: 7 } } }),
    'redis://x',
    log,
  );
  expect(options).toMatchObject({ url: 'redis://x', namespace: 'paper' });
  expect(options.timesToLive).toEqual({
    ohlcvSeconds: 3600,
    indicatorsSeconds: 1800,
    realtimeSeconds: 7,
    qualitySeconds: 300,
  });
});
