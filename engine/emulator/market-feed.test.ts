import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../config/instruments.ts';
import type { Delivery } from './feed.ts';
import { FurtherMarkets } from './further-markets/further-markets.ts';
import { INDEX_CODES } from './market/simulated-market.ts';
import { MarketFeed } from './market-feed.ts';
import { newMarket } from './test-emulator.ts';

const SECOND = 1_000_000;

type MarketChange = Parameters<typeof newMarket>[1];

function feedFor(registrations: readonly [trId: string, trKey: string][], seed = 7, options: MarketChange = {}) {
  const market = newMarket(seed, options);
  const feed = new MarketFeed({ market, flushPeriodUs: 200_000 });
  for (const [trId, trKey] of registrations) feed.begin(trId, trKey);
  return { feed, market };
}

function framesOf(deliveries: readonly Delivery[], registration: string): string[] {
  return deliveries.filter((delivery) => delivery.registration === registration).map(({ frame }) => frame);
}

function records(frame: string): string[][] {
  const [, , count, payload] = frame.split('|');
  const fields = payload!.split('^');
  const width = fields.length / Number(count);
  return Array.from({ length: Number(count) }, (_, at) => fields.slice(at * width, (at + 1) * width));
}

describe('market feed', () => {
  it('batches trades without loss: every accumulated volume is the one before plus the volume', () => {
    const { feed } = feedFor([['H0STCNT0', '005930']]);
    const frames = framesOf(feed.advanceTo(60 * SECOND), 'H0STCNT0|005930');
    const counts = frames.map((frame) => frame.split('|')[2]!);
    expect(counts.every((count) => /^0\d\d$/.test(count))).toBe(true);
    expect(counts.some((count) => count !== '001')).toBe(true);
    const trades = frames.flatMap(records);
    for (const [at, trade] of trades.entries()) {
      expect(trade).toHaveLength(47);
      if (at > 0) expect(Number(trade[13])).toBe(Number(trades[at - 1]![13]) + Number(trade[12]));
    }
  });

  it('conflates books: one record, at most five frames a second, and none where nothing changed', () => {
    const { feed } = feedFor([['H0STASP0', '005930']]);
    const frames = framesOf(feed.advanceTo(20 * SECOND), 'H0STASP0|005930');
    expect(frames.length).toBeGreaterThan(20);
    expect(frames.length).toBeLessThanOrEqual(100);
    for (const frame of frames) expect(records(frame).map((record) => record.length)).toEqual([63]);
    for (let at = 1; at < frames.length; at += 1) expect(frames[at]).not.toBe(frames[at - 1]);
  });

  it('staggers symbols over the period', () => {
    const codes = newMarket().codes;
    const { feed } = feedFor(codes.map((code) => ['H0STASP0', code]));
    const dueAt = new Set<number>();
    while (feed.nextDueUs < 200_000) {
      dueAt.add(feed.nextDueUs);
      feed.advanceTo(feed.nextDueUs);
    }
    expect(dueAt.size).toBeGreaterThan(codes.length / 2);
  });

  it('sends indices once a second', () => {
    const { feed } = feedFor(INDEX_CODES.map((code) => ['H0UPCNT0', code]));
    const deliveries = feed.advanceTo(10 * SECOND);
    for (const code of INDEX_CODES) {
      const frames = framesOf(deliveries, `H0UPCNT0|${code}`);
      expect(frames.length).toBeGreaterThanOrEqual(9);
      expect(frames.length).toBeLessThanOrEqual(11);
      for (const frame of frames) expect(records(frame)[0]).toHaveLength(30);
    }
  });

  it('is silent on NXT and unified TRs for a stock that NXT does not trade', () => {
    const market = newMarket();
    const krxOnly = market.codes.find((code) => !market.instrument(code).nxt)!;
    const both = market.codes.find((code) => market.instrument(code).nxt)!;
    const { feed } = feedFor(
      [krxOnly, both].flatMap((code) =>
        ['H0STASP0', 'H0NXASP0', 'H0UNASP0'].map((trId) => [trId, code] as [string, string]),
      ),
    );
    const deliveries = feed.advanceTo(60 * SECOND);
    const heard = (trId: string, code: string) => framesOf(deliveries, `${trId}|${code}`).length > 0;
    expect(['H0STASP0', 'H0NXASP0', 'H0UNASP0'].map((trId) => heard(trId, krxOnly))).toEqual([true, false, false]);
    expect(['H0STASP0', 'H0NXASP0', 'H0UNASP0'].map((trId) => heard(trId, both))).toEqual([true, true, true]);
    const unified = framesOf(deliveries, `H0UNASP0|${both}`)[0]!;
    expect(records(unified)[0]).toHaveLength(66);
  });

  it('tells KRX from NXT, and the unified feed is both: its volume is theirs together', () => {
    const { feed } = feedFor(['H0STCNT0', 'H0NXCNT0', 'H0UNCNT0'].map((trId) => [trId, '005930']));
    const deliveries = feed.advanceTo(60 * SECOND);
    const trades = (trId: string) => framesOf(deliveries, `${trId}|005930`).flatMap(records);
    const volume = (trId: string) => {
      const [first, last] = [trades(trId)[0], trades(trId).at(-1)!];
      return Number(last[13]) - Number(first[13]) + Number(first[12]);
    };
    const sizes = (...trIds: string[]) => trIds.flatMap((trId) => trades(trId).map(([, , , , , , , , , , , , v]) => v));
    expect(trades('H0NXCNT0').length).toBeGreaterThan(5);
    // Each feed is cut at its own phase of the period: the last 200 ms of each may differ.
    const both = sizes('H0STCNT0', 'H0NXCNT0').length;
    expect(Math.abs(sizes('H0UNCNT0').length - both)).toBeLessThan(0.1 * both);
    for (const trId of ['H0STCNT0', 'H0NXCNT0', 'H0UNCNT0']) {
      const traded = trades(trId).reduce((sum, record) => sum + Number(record[12]), 0);
      expect(volume(trId), trId).toBe(traded);
    }
  });

  it('switches to the widths before 2026-09-14 between two frames', () => {
    const { feed } = feedFor([
      ['H0STCNT0', '005930'],
      ['H0STASP0', '005930'],
    ]);
    feed.advanceTo(5 * SECOND);
    feed.switchLayout();
    const deliveries = feed.advanceTo(10 * SECOND);
    for (const { registration, frame } of deliveries) {
      for (const record of records(frame)) expect(record).toHaveLength(registration.startsWith('H0STCNT0') ? 46 : 62);
    }
  });

  it.each([
    [2024, 46, 59],
    [2025, 46, 62],
    [2026, 47, 63],
  ])('speaks the wire of its day: in the autumn of %i trades of %i fields and books of %i', (year, trade, book) => {
    const market = newMarket(7, { instruments: INSTRUMENTS.slice(0, 3), startTimeUs: Date.UTC(year, 9, 15, 1) * 1000 });
    const feed = new MarketFeed({ market, flushPeriodUs: 200_000 });
    for (const trId of ['H0STCNT0', 'H0STASP0']) feed.begin(trId, '005930');
    const widths = feed.advanceTo(10 * SECOND).map(({ frame }) => records(frame)[0].length);
    expect([...new Set(widths)].sort()).toEqual([trade, book]);
  });

  it('begins a stream at its registration, without what was traded before', () => {
    const { feed } = feedFor([]);
    expect(feed.advanceTo(60 * SECOND)).toEqual([]);
    feed.begin('H0STCNT0', '005930');
    const first = feed
      .advanceTo(61 * SECOND)
      .map(({ frame }) => frame)
      .flatMap(records);
    expect(first.length).toBeLessThan(200);
    feed.end('H0STCNT0', '005930');
    expect(feed.advanceTo(70 * SECOND)).toEqual([]);
  });

  it('gives the same frames however its time is cut, and other frames for another seed', () => {
    const registrations: [string, string][] = [
      ['H0STCNT0', '005930'],
      ['H0STASP0', '000660'],
      ['H0UPCNT0', '0001'],
    ];
    const whole = feedFor(registrations).feed.advanceTo(3 * SECOND);
    expect(feedFor(registrations, 8).feed.advanceTo(3 * SECOND)).not.toEqual(whole);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 40 }), (steps) => {
        const { feed } = feedFor(registrations);
        const deliveries: Delivery[] = [];
        let elapsedUs = 0;
        for (const step of steps) {
          elapsedUs = Math.min(elapsedUs + step, 3 * SECOND);
          deliveries.push(...feed.advanceTo(elapsedUs));
        }
        deliveries.push(...feed.advanceTo(3 * SECOND));
        expect(deliveries).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });
});

describe('market feed of the whole day', () => {
  const few = { instruments: INSTRUMENTS.slice(0, 8), sessions: 'all' } as const;
  const at = (hour: number, minute: number) => Date.UTC(2026, 8, 22, hour - 9, minute) * 1000;

  it('sends expected executions in auctions only, of stocks and of indices, and no trades then', () => {
    const { feed } = feedFor(
      [
        ['H0STANC0', '005930'],
        ['H0UPANC0', '0001'],
        ['H0STCNT0', '005930'],
      ],
      7,
      { ...few, startTimeUs: at(8, 58) },
    );
    const auction = feed.advanceTo(60 * SECOND);
    expect(framesOf(auction, 'H0STCNT0|005930')).toEqual([]);
    const expected = framesOf(auction, 'H0STANC0|005930').flatMap(records);
    expect(expected.length).toBeGreaterThan(10);
    for (const record of expected) {
      expect(record).toHaveLength(46);
      expect([record[34], record[43]]).toEqual(['00', 'B']);
      expect(Number(record[2])).toBeGreaterThan(0);
    }
    const indices = framesOf(auction, 'H0UPANC0|0001').flatMap(records);
    expect(indices.length).toBeGreaterThan(5);
    for (const record of indices) expect(record).toHaveLength(15);
    feed.advanceTo(180 * SECOND);
    const session = feed.advanceTo(240 * SECOND);
    expect(framesOf(session, 'H0STANC0|005930')).toEqual([]);
    expect(framesOf(session, 'H0STCNT0|005930').length).toBeGreaterThan(20);
  });

  it('sends market status as it changes, of the venue and stock that were registered', () => {
    const { feed, market } = feedFor(
      [
        ['H0STMKO0', '005930'],
        ['H0UNMKO0', '005930'],
      ],
      7,
      { ...few, startTimeUs: at(10, 0) },
    );
    expect(feed.advanceTo(5 * SECOND)).toEqual([]);
    market.happen({ type: 'halt', code: '005930' });
    market.happen({ type: 'halt', code: '000660' });
    const deliveries = feed.advanceTo(6.2 * SECOND);
    expect(deliveries.map(({ registration }) => registration).sort()).toEqual(['H0STMKO0|005930', 'H0UNMKO0|005930']);
    for (const { frame } of deliveries) expect(records(frame)[0].slice(0, 2)).toEqual(['005930', 'Y']);
    feed.end('H0STMKO0', '005930');
    feed.end('H0UNMKO0', '005930');
    market.happen({ type: 'resume', code: '005930' });
    expect(feed.advanceTo(8 * SECOND)).toEqual([]);
  });

  it('plays the script of a volatility interruption: status on, expected executions, status off, a new reference', () => {
    const registrations = ['H0STCNT0', 'H0STANC0', 'H0STMKO0', 'H0STASP0'].map((trId): [string, string] => [
      trId,
      '005930',
    ]);
    const { feed, market } = feedFor(registrations, 7, { ...few, startTimeUs: at(10, 0) });
    const [before] = framesOf(feed.advanceTo(2 * SECOND), 'H0STCNT0|005930').flatMap(records);
    market.happen({ type: 'volatility_interruption', code: '005930' });
    const deliveries = feed.advanceTo(240 * SECOND);
    const status = framesOf(deliveries, 'H0STMKO0|005930').flatMap(records);
    expect(status.map((record) => [record[4], record[8]])).toEqual([
      ['311', 'Y'],
      ['112', 'N'],
    ]);
    const place = (frame: string) => deliveries.findIndex((delivery) => delivery.frame === frame);
    const [onAt, offAt] = framesOf(deliveries, 'H0STMKO0|005930').map(place);
    const during = deliveries.slice(onAt, offAt);
    const expected = framesOf(deliveries, 'H0STANC0|005930').flatMap(records);
    expect(framesOf(during, 'H0STANC0|005930').length).toBeGreaterThan(20);
    const trades = framesOf(deliveries, 'H0STCNT0|005930').flatMap(records);
    const [beganAt, endedAt] = [expected[0][1], expected.at(-1)![1]];
    expect(trades.filter(([, clock]) => clock > beganAt && clock < endedAt)).toEqual([]);
    const early = framesOf(during, 'H0STCNT0|005930').flatMap(records);
    expect(early.filter(([, clock]) => clock >= endedAt)).toEqual([]);
    expect(framesOf(during, 'H0STASP0|005930').flatMap(records).at(-1)![2]).toBe('C');
    const first = trades.find(([, clock]) => clock >= endedAt)!;
    expect(Number(first[45])).toBe(Number(first[2]));
    expect(Number(first[13])).toBeGreaterThan(Number(before[13]));
  });

  it('goes on after the close in the after-market, and NXT begins before KRX', () => {
    const registrations: [string, string][] = [
      ['H0NXCNT0', '005930'],
      ['H0UNCNT0', '005930'],
      ['H0STCNT0', '005930'],
    ];
    const early = feedFor(registrations, 7, { ...few, startTimeUs: at(8, 1) }).feed.advanceTo(300 * SECOND);
    expect(framesOf(early, 'H0STCNT0|005930')).toEqual([]);
    expect(framesOf(early, 'H0NXCNT0|005930').length).toBeGreaterThan(5);
    expect(framesOf(early, 'H0UNCNT0|005930').length).toBeGreaterThan(5);
    const late = feedFor(registrations, 7, { ...few, startTimeUs: at(16, 10) }).feed.advanceTo(300 * SECOND);
    expect(framesOf(late, 'H0STCNT0|005930').length).toBeGreaterThan(5);
  });
});

describe('market feed beside the market', () => {
  it('offers the keys of each TR, and is silent where nothing is simulated', () => {
    const market = newMarket();
    const furtherMarkets = new FurtherMarkets({ market, seed: 1 });
    const feed = new MarketFeed({ market, flushPeriodUs: 200_000, furtherMarkets });
    const offered = [
      ['H0STMBC0', '005930', true],
      ['H0STNAV0', '999999', false],
      ['H0UPCNT0', '2001', true],
      ['H0UPPGM0', '9999', false],
      ['HDFSCNT0', 'DNASAAPL', true],
      ['HDFSCNT0', 'DNASNONE', false],
      ['H0IFCNT0', 'A01612', true],
      ['H0IFASP0', 'A0161', false],
      ['H0EWCNT0', '57JN53', true],
    ] as const;
    for (const [trId, trKey, known] of offered) expect([trKey, feed.offers(trId, trKey)]).toEqual([trKey, known]);
    for (const [trId, trKey, known] of offered) if (known) feed.begin(trId, trKey);
    const deliveries = feed.advanceTo(10 * SECOND);
    const heard = new Set(deliveries.map(({ registration }) => registration));
    expect(heard).toEqual(new Set(['H0UPCNT0|2001', 'HDFSCNT0|DNASAAPL', 'H0IFCNT0|A01612']));
    for (const [trId, trKey] of offered) feed.end(trId, trKey);
    expect(feed.advanceTo(20 * SECOND)).toEqual([]);
  });
});
