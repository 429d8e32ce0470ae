import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CALENDAR_YEARS,
  CLOSED_WEEKDAYS,
  calendarDifferences,
  calendarOverrides,
  clockDigits,
  isCovered,
  isTradingDay,
  kstDate,
  kstSecond,
  kstToUtcUs,
  nextTradingDay,
  SHIFTED_DAYS,
} from './calendar.ts';

const anyTimeUs = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2035, 0, 1) }).map((ms) => ms * 1000);

describe('trading days', () => {
  it.each([
    20260924, 20260925, 20260926, 20261005, 20261009, 20261225, 20261231, 20260101, 20260501, 20260603, 20270208,
    20271231,
  ])('KRX is closed on %d', (date) => {
    expect(isTradingDay(date)).toBe(false);
  });

  it.each([20260923, 20260928, 20261224, 20261230, 20260102, 20261123, 20270104])('KRX trades on %d', (date) => {
    expect(isTradingDay(date)).toBe(true);
  });

  it('has no trading on dates that do not exist', () => {
    for (const date of [20260230, 20260431, 20261301, 20261100]) expect(isTradingDay(date)).toBe(false);
  });

  it('skips weekends, holidays and the turn of the year', () => {
    expect(nextTradingDay(20260923)).toBe(20260928);
    expect(nextTradingDay(20261230)).toBe(20270104);
    expect(nextTradingDay(20260213)).toBe(20260219);
    expect(nextTradingDay(20261120)).toBe(20261123);
  });

  it('lists only weekdays of the covered years as closed, and shifts only trading days', () => {
    for (const date of Object.keys(CLOSED_WEEKDAYS).map(Number)) {
      expect([0, 6]).not.toContain(new Date(kstToUtcUs(date, 12 * 3600) / 1000).getUTCDay());
      expect(CALENDAR_YEARS).toContain(Math.floor(date / 10_000));
    }
    for (const date of Object.keys(SHIFTED_DAYS).map(Number)) expect(isTradingDay(date)).toBe(true);
  });

  it('gives a year of about 245 days', () => {
    for (const year of CALENDAR_YEARS) {
      let days = 0;
      for (
        let date = nextTradingDay(year * 10_000 + 101 - 1);
        date < (year + 1) * 10_000;
        date = nextTradingDay(date)
      ) {
        days++;
      }
      expect(days).toBeGreaterThan(240);
      expect(days).toBeLessThan(250);
    }
  });
});

describe('where KIS says otherwise', () => {
  const overrides = calendarOverrides([
    { date: 20261225, open: false },
    { date: 20261128, open: true },
    { date: 20261130, open: false },
    { date: 20261127, open: true },
    { date: 20261130, open: false },
    { date: 20260230, open: true },
  ]);

  it('KIS is right, and the differences are listed in order', () => {
    expect([20261127, 20261128, 20261130, 20261201].map((date) => isTradingDay(date, overrides))).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(nextTradingDay(20261127, overrides)).toBe(20261128);
    expect(nextTradingDay(20261128, overrides)).toBe(20261201);
    expect(calendarDifferences(overrides)).toEqual([
      { date: 20260230, ours: false, theirs: true },
      { date: 20261128, ours: false, theirs: true },
      { date: 20261130, ours: true, theirs: false },
    ]);
    expect(calendarDifferences(calendarOverrides([]))).toEqual([]);
  });

  it('no word of anyone makes a date that does not exist', () => {
    expect(isTradingDay(20260230, overrides)).toBe(false);
  });

  it('a date is covered by our table or by its word', () => {
    const later = calendarOverrides([{ date: 20280103, open: true }]);
    expect([isCovered(20240101), isCovered(20271231), isCovered(20280103), isCovered(20280103, later)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});

describe('Korean Standard Time', () => {
  it('agrees with the platform calendar nine hours ahead', () => {
    fc.assert(
      fc.property(anyTimeUs, (timeUs) => {
        const korean = new Date(timeUs / 1000 + 9 * 3_600_000);
        expect(kstDate(timeUs)).toBe(Number(korean.toISOString().slice(0, 10).replaceAll('-', '')));
        expect(clockDigits(kstSecond(timeUs))).toBe(Number(korean.toISOString().slice(11, 19).replaceAll(':', '')));
      }),
    );
  });

  it('comes back from date and second to the same second', () => {
    fc.assert(
      fc.property(anyTimeUs, (timeUs) => {
        const second = Math.floor(timeUs / 1_000_000) * 1_000_000;
        expect(kstToUtcUs(kstDate(timeUs), kstSecond(timeUs))).toBe(second);
      }),
    );
  });

  it('opens the market at midnight UTC', () => {
    expect(kstToUtcUs(20261123, 9 * 3600)).toBe(Date.UTC(2026, 10, 23) * 1000);
  });
});
