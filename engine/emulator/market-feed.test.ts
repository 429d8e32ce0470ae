import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from './feed.ts';
import { INDEX_CODES } from './market/simulated-market.ts';
import { MarketFeed } from './market-feed.ts';
import { newMarket } from './test-emulator.ts';

const SECOND = 1_000_000;

function feedFor(registrations: readonly [trId: string, trKey: string][], seed = 7) {
  const market = newMarket(seed);
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
    feed.layout = 'old';
    const deliveries = feed.advanceTo(10 * SECOND);
    for (const { registration, frame } of deliveries) {
      for (const record of records(frame)) expect(record).toHaveLength(registration.startsWith('H0STCNT0') ? 46 : 62);
    }
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
