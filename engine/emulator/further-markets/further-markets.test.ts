// Overseas stocks and index futures: records add up, clocks and days are those of their places, the decoder reads them.
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../config/instruments.ts';
import { Decoder } from '../../decode/decoder.ts';
import { newMarket } from '../test-emulator.ts';
import { FurtherMarkets } from './further-markets.ts';
import { koreanTime, marketType, newYorkTime, newYorkTradingDay } from './new-york.ts';

const SECOND = 1_000_000;
const utcUs = (...parts: [number, number, number, number, number]) => Date.UTC(...parts) * 1000;

function fewStocks(options: Parameters<typeof newMarket>[1] = {}) {
  return newMarket(7, { instruments: INSTRUMENTS.slice(0, 5), ...options });
}

function recordsOf(frames: Iterable<string>, width: number): string[][] {
  return [...frames].flatMap((frame) => {
    const [, , count, payload] = frame.split('|');
    const fields = payload.split('^');
    expect(fields.length).toBe(width * Number(count));
    expect(new Decoder().decode(Buffer.from(frame))).not.toBeNull();
    return Array.from({ length: Number(count) }, (_, at) => fields.slice(at * width, (at + 1) * width));
  });
}

function streamed(trId: string, trKey: string, width: number, seconds: number, startTimeUs?: number) {
  const market = fewStocks(startTimeUs === undefined ? {} : { startTimeUs, sessions: 'all' });
  const stream = new FurtherMarkets({ market, seed: 7 }).stream(trId, trKey);
  const records: string[][] = [];
  for (let at = 0; at < seconds; at += 1) {
    market.advanceBy(SECOND);
    records.push(...recordsOf(stream.flush(), width));
  }
  return records;
}

describe('New York', () => {
  it('is 13 hours behind Korea in summer, 14 in winter, and changes on the Sundays of the act', () => {
    expect(newYorkTime(utcUs(2026, 8, 22, 1, 0))).toEqual({ date: 20260921, second: 21 * 3600 });
    expect(newYorkTime(utcUs(2026, 11, 22, 1, 0))).toEqual({ date: 20261221, second: 20 * 3600 });
    expect(newYorkTime(utcUs(2026, 2, 8, 6, 59)).second).toBe(3600 + 59 * 60);
    expect(newYorkTime(utcUs(2026, 2, 8, 7, 0)).second).toBe(3 * 3600);
    expect(newYorkTime(utcUs(2026, 10, 1, 5, 59)).second).toBe(3600 + 59 * 60);
    expect(newYorkTime(utcUs(2026, 10, 1, 6, 0)).second).toBe(3600);
    expect(koreanTime(utcUs(2026, 8, 22, 15, 30))).toEqual({ date: 20260923, second: 1800 });
  });

  it('counts its evening to the next trading day, and rests from Friday to Sunday evening', () => {
    expect(newYorkTradingDay(utcUs(2026, 8, 22, 1, 0))).toBe(20260922);
    expect(newYorkTradingDay(utcUs(2026, 8, 22, 14, 0))).toBe(20260922);
    expect(newYorkTradingDay(utcUs(2026, 8, 26, 1, 0))).toBeUndefined();
    expect(newYorkTradingDay(utcUs(2026, 8, 27, 23, 59))).toBeUndefined();
    expect(newYorkTradingDay(utcUs(2026, 8, 28, 0, 0))).toBe(20260928);
    expect([8, 10, 17, 21].map((hour) => marketType({ date: 20260922, second: hour * 3600 }))).toEqual([2, 1, 3, 3]);
  });
});

describe('an overseas stock', () => {
  it('adds up: volume, turnover to the dollar, both sides, strength, extremes', () => {
    const records = streamed('HDFSCNT0', 'DNASNVDA', 26, 600);
    expect(records.length).toBeGreaterThan(600);
    let turnover: number | undefined;
    for (const [at, record] of records.entries()) {
      const [open, high, low, last] = record.slice(8, 12).map(Number);
      const [evol, tvol, tamt, bivl, asvl] = record.slice(19, 24).map(Number);
      expect([record[0], record[1], record[2]]).toEqual(['DNASNVDA', 'NVDA', '4']);
      expect(low <= Math.min(open, last) && high >= Math.max(open, last)).toBe(true);
      expect(bivl + asvl).toBe(tvol);
      if (bivl > 0) expect(Number(record[24])).toBeCloseTo((100 * asvl) / bivl, 1);
      if (at > 0) expect(tvol).toBe(Number(records[at - 1][20]) + evol);
      turnover = turnover === undefined ? tamt : turnover + evol * last;
      expect(Math.abs(turnover - tamt)).toBeLessThan(2);
    }
  });

  it('passes midnight in New York within a Korean day, by date and by HHMMSS', () => {
    // 12:59 KST is 23:59 of the day before in New York, in summer.
    const records = streamed('HDFSCNT0', 'DNASAAPL', 26, 120, utcUs(2026, 8, 22, 3, 59));
    const [first, last] = [records[0], records.at(-1)!];
    expect([first[3], first[4], first[5].slice(0, 4), first[6]]).toEqual(['20260922', '20260921', '2359', '20260922']);
    expect([last[3], last[4], last[5].slice(0, 3), last[6]]).toEqual(['20260922', '20260922', '000', '20260922']);
    expect(Number(last[20])).toBeGreaterThan(Number(first[20]));
  });

  it('is offered by KIS keys of delayed, paid and day-market feeds, and by no others', () => {
    const further = new FurtherMarkets({ market: fewStocks(), seed: 1 });
    const offered = ['DNASAAPL', 'RNASAAPL', 'RBAQAAPL', 'DNYSKO', 'DAMSSPY', 'RBAASPY'];
    const unknown = ['DNASXXXX', 'AAPL', 'DBAQAAPL', 'DNYSAAPL', '005930', ''];
    expect(offered.filter((key) => further.offers('HDFSCNT0', key))).toEqual(offered);
    expect(unknown.filter((key) => further.offers('HDFSCNT0', key))).toEqual([]);
    expect(['A01612', '101W12', 'A01611', '005930'].map((key) => further.offers('H0IFCNT0', key))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('an index future', () => {
  it('keeps near the index on ticks of 0.05, and its fields add up', () => {
    const market = fewStocks();
    const stream = new FurtherMarkets({ market, seed: 7 }).stream('H0IFCNT0', 'A01612');
    const records: string[][] = [];
    for (let at = 0; at < 300; at += 1) {
      market.advanceBy(SECOND);
      const trades = recordsOf(stream.flush(), 50);
      for (const record of trades) {
        const distance = Number(record[5]) / market.indexQuote('2001').level - 1;
        expect(Math.abs(distance)).toBeLessThan(0.01);
      }
      records.push(...trades);
    }
    expect(records.length).toBeGreaterThan(300);
    for (const [at, record] of records.entries()) {
      const number = (field: number) => Number(record[field]);
      expect(Math.round(number(5) * 100) % 5).toBe(0);
      expect(number(13)).toBeCloseTo(number(5) - (number(12) - number(33)), 2);
      expect(number(22)).toBeCloseTo(number(5) - number(6), 2);
      expect(number(25)).toBeCloseTo(number(5) - number(7), 2);
      expect(number(28)).toBeCloseTo(number(5) - number(8), 2);
      expect(number(40)).toBe(number(39) - number(38));
      expect(number(41) + number(42)).toBe(number(10));
      expect(number(34)).toBeGreaterThan(number(35));
      if (at === 0) continue;
      const before = records[at - 1].map(Number);
      expect(number(10)).toBe(before[10] + number(9));
      expect(Math.abs(number(11) - before[11] - number(9) * number(5) * 250)).toBeLessThanOrEqual(1);
      expect(number(5) - number(2)).toBeCloseTo(before[5] - before[2], 2);
    }
  });

  it('has a book of five levels a side, whose sums are right', () => {
    for (const record of streamed('H0IFASP0', 'A01612', 38, 60)) {
      const numbers = record.map((field) => Number(field));
      const sum = (from: number) => numbers.slice(from, from + 5).reduce((total, value) => total + value, 0);
      expect([sum(12), sum(17), sum(22), sum(27)]).toEqual(numbers.slice(32, 36));
      for (let level = 1; level < 5; level += 1) {
        expect(numbers[2 + level]).toBeGreaterThan(numbers[1 + level]);
        expect(numbers[7 + level]).toBeLessThan(numbers[6 + level]);
      }
      expect(numbers[2]).toBeGreaterThan(numbers[7]);
    }
  });
});
