// When a venue's day begins and which of its sessions a second lies in, held against the calendar's own table.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isTradingDay, kstToUtcUs } from '../../config/calendar.ts';
import { sessionsOn } from '../../config/sessions.ts';
import { TradingHours } from './trading-hours.ts';

const HOUR = 3600;
const ORDINARY = 20261123;
const LATE = 20261119;

it('begins the day with the first session of the venue, an hour later where the day is late', () => {
  const hours = (venue: 'KRX' | 'NXT' | 'UN', date: number) => {
    const one = new TradingHours(venue);
    one.open(date);
    return one.beginUs;
  };
  expect(hours('NXT', ORDINARY)).toBe(kstToUtcUs(ORDINARY, 8 * HOUR));
  for (const venue of ['KRX', 'NXT', 'UN'] as const) {
    const [first] = sessionsOn(LATE, venue);
    expect(hours(venue, LATE)).toBe(kstToUtcUs(LATE, first!.startSecond));
  }
});

it('knows two sessions on a day with an after-market, and one where there is none', () => {
  const nxt = new TradingHours('NXT');
  nxt.open(ORDINARY);
  const after = 15 * HOUR + 40 * 60;
  expect([0, 9 * HOUR, after - 1, after, 20 * HOUR].map((second) => nxt.sessionNumber(second))).toEqual([
    0, 0, 0, 1, 1,
  ]);
  // KRX has its after-market since September 2026.
  const krx = new TradingHours('KRX');
  krx.open(20260105);
  expect(krx.sessionNumber(17 * HOUR)).toBe(0);
  krx.open(ORDINARY);
  expect(krx.sessionNumber(17 * HOUR)).toBe(1);
  // A day on which nothing trades begins with the first record.
  krx.open(20261122);
  expect([krx.beginUs, krx.sessionNumber(17 * HOUR)]).toEqual([0, 0]);
});

it('has no hours for venues outside of the stock market', () => {
  for (const venue of ['KFE', 'NAS'] as const) {
    const one = new TradingHours(venue);
    one.open(ORDINARY);
    expect([one.beginUs, one.sessionNumber(23 * HOUR)]).toEqual([0, 0]);
  }
});

it('depends on the day that was opened last, and on none before it', () => {
  const day = fc.integer({ min: 1, max: 28 }).map((date) => 20260900 + date);
  fc.assert(
    fc.property(fc.constantFrom('KRX', 'NXT', 'UN'), fc.array(day, { minLength: 1, maxLength: 6 }), (venue, days) => {
      const used = new TradingHours(venue);
      for (const date of days) used.open(date);
      const fresh = new TradingHours(venue);
      fresh.open(days.at(-1)!);
      const view = (one: TradingHours) => [
        one.beginUs,
        ...[8, 12, 16, 18].map((hour) => one.sessionNumber(hour * HOUR)),
      ];
      expect(view(used)).toEqual(view(fresh));
      expect(fresh.beginUs > 0).toBe(isTradingDay(days.at(-1)!));
    }),
  );
});
