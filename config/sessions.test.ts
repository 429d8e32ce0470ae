import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calendarOverrides, kstDate, kstToUtcUs } from './calendar.ts';
import { SESSION_HISTORY } from './session-tables.ts';
import {
  nextOpenUs,
  SESSIONS,
  type SessionVenue,
  sessionAt,
  sessionSpan,
  sessionsOn,
  shiftedSessions,
} from './sessions.ts';
import { isKorean, VENUES } from './venues.ts';

function at(date: number, clock: string): number {
  const [hour, minute, second = 0] = clock.split(':').map(Number);
  return kstToUtcUs(date, hour * 3600 + minute * 60 + second);
}

describe('sessions', () => {
  it.each([
    ['08:29:59', 'closed', 'pre', 'pre'],
    ['08:30', 'opening_auction', 'pre', 'pre'],
    ['08:55', 'opening_auction', 'closed', 'opening_auction'],
    ['09:00', 'continuous', 'closed', 'continuous'],
    ['09:00:30', 'continuous', 'continuous', 'continuous'],
    ['15:19:59', 'continuous', 'continuous', 'continuous'],
    ['15:20', 'closing_auction', 'closed', 'closing_auction'],
    ['15:30', 'closed', 'after_hours', 'after_hours'],
    ['15:40', 'after_hours', 'after_market', 'after_market'],
    ['16:00', 'after_market', 'after_market', 'after_market'],
    ['19:59:59', 'after_market', 'after_market', 'after_market'],
    ['20:00', 'closed', 'closed', 'closed'],
  ])('at %s KRX is %s, NXT %s, unified %s', (clock, krx, nxt, unified) => {
    const timeUs = at(20261123, clock);
    expect([sessionAt(timeUs, 'KRX'), sessionAt(timeUs, 'NXT'), sessionAt(timeUs, 'UN')]).toEqual([krx, nxt, unified]);
  });

  it('are closed on weekends and holidays', () => {
    for (const date of [20261121, 20261122, 20261225, 20261231]) expect(sessionAt(at(date, '10:00'))).toBe('closed');
  });

  it('run an hour later on the day of the entrance examination', () => {
    expect(sessionAt(at(20261119, '09:30'))).toBe('opening_auction');
    expect(sessionAt(at(20261119, '10:00'))).toBe('continuous');
    expect(sessionAt(at(20261119, '16:19'))).toBe('continuous');
    expect(sessionAt(at(20261119, '16:25'))).toBe('closing_auction');
    expect(sessionAt(at(20261119, '20:00'))).toBe('closed');
  });

  it('open later and close as ever on the first trading day of a year', () => {
    expect(sessionAt(at(20270104, '09:30'))).toBe('opening_auction');
    expect(sessionAt(at(20270104, '15:19'))).toBe('continuous');
    expect(sessionAt(at(20270104, '15:25'))).toBe('closing_auction');
  });

  it('of NXT begin without a pre-market on days that open late, and all end in the evening as ever', () => {
    expect(sessionAt(at(20261119, '08:30'), 'NXT')).toBe('closed');
    expect(sessionAt(at(20261119, '10:00:30'), 'NXT')).toBe('continuous');
    expect(sessionsOn(20261119, 'UN').map(({ phase }) => phase)).not.toContain('pre');
    for (const venue of ['KRX', 'NXT', 'UN'] as const) {
      expect(sessionsOn(20261119, venue).at(-1)).toMatchObject({ phase: 'after_market', endSecond: 20 * 3600 });
    }
  });

  it('would end early on a half day', () => {
    const half = shiftedSessions(SESSIONS.KRX, { openSeconds: 0, closeSeconds: -3 * 3600 });
    expect(half.map(({ phase, endSecond }) => [phase, endSecond / 3600])).toEqual([
      ['opening_auction', 9],
      ['continuous', 12 + 1 / 3],
      ['closing_auction', 12.5],
      ['after_hours', 13],
      ['after_market', 20],
    ]);
  });

  it.each([
    [20160729, '14:55', 'closing_auction', 'closed'],
    [20160729, '15:05', 'closed', 'closed'],
    [20160801, '15:05', 'continuous', 'closed'],
    [20190426, '08:10', 'opening_auction', 'closed'],
    [20190429, '08:10', 'closed', 'closed'],
    [20250228, '10:00', 'continuous', 'closed'],
    [20250304, '10:00', 'continuous', 'continuous'],
    [20260911, '17:00', 'after_hours_auction', 'after_market'],
    [20260911, '19:00', 'closed', 'after_market'],
    [20260914, '17:00', 'after_market', 'after_market'],
  ])('on %d at %s were %s at KRX, %s at NXT', (date, clock, krx, nxt) => {
    expect([sessionAt(at(date, clock), 'KRX'), sessionAt(at(date, clock), 'NXT')]).toEqual([krx, nxt]);
  });

  it('follow KIS where its calendar differs from ours', () => {
    const overrides = calendarOverrides([
      { date: 20261123, open: false },
      { date: 20261128, open: true },
    ]);
    expect(sessionAt(at(20261123, '10:00'), 'KRX', overrides)).toBe('closed');
    expect(sessionAt(at(20261128, '10:00'), 'NXT', overrides)).toBe('continuous');
    expect(nextOpenUs(at(20261123, '08:00'), 'KRX', overrides)).toBe(at(20261124, '09:00'));
    expect(nextOpenUs(at(20261127, '16:00'), 'KRX', overrides)).toBe(at(20261128, '09:00'));
  });

  it('neither overlap nor run backwards', () => {
    const all = Object.values(SESSION_HISTORY).flatMap((tables) => tables.map((table) => table.sessions));
    for (const sessions of all) {
      for (const [index, { startSecond, endSecond }] of sessions.entries()) {
        expect(startSecond).toBeLessThan(endSecond);
        if (index > 0) expect(startSecond).toBeGreaterThanOrEqual(sessions[index - 1].endSecond);
      }
    }
  });
});

describe('sessions elsewhere', () => {
  it.each([
    ['KFE', '2023-07-28T08:50', 'opening_auction'],
    ['KFE', '2026-11-23T08:50', 'continuous'],
    ['KFE', '2026-11-23T15:40', 'closing_auction'],
    ['KFE', '2026-11-19T09:50', 'continuous'],
    ['KFE', '2026-11-19T16:40', 'closing_auction'],
    ['NAS', '2026-11-23T23:30', 'continuous'],
    ['NAS', '2026-11-24T05:59', 'continuous'],
    ['NAS', '2026-11-24T06:00', 'after_market'],
    ['NYS', '2026-10-26T22:30', 'continuous'],
    ['NYS', '2026-11-02T22:30', 'pre'],
    ['NAS', '2026-11-29T00:30', 'closed'],
    ['HKS', '2026-11-23T13:30', 'closed'],
    ['HKS', '2026-11-23T14:30', 'continuous'],
    ['TSE', '2024-11-01T15:10', 'closed'],
    ['TSE', '2026-11-23T15:10', 'continuous'],
    ['SHS', '2026-11-23T15:58', 'closing_auction'],
    ['HSX', '2026-11-23T11:10', 'opening_auction'],
    ['HNX', '2026-11-23T16:50', 'after_hours'],
  ] as const)('%s at %s in Korea is in %s', (venue, korean, phase) => {
    expect(sessionAt(Date.parse(`${korean}:00+09:00`) * 1000, venue)).toBe(phase);
  });

  it('a span is as long as its phase, and the next one follows on it', () => {
    const anyTimeUs = fc.integer({ min: Date.UTC(2025, 5, 1), max: Date.UTC(2027, 11, 1) }).map((ms) => ms * 1000);
    fc.assert(
      fc.property(anyTimeUs, fc.constantFrom(...VENUES), (timeUs, venue) => {
        const { phase, startUs, endUs } = sessionSpan(timeUs, venue);
        expect(startUs).toBeLessThanOrEqual(timeUs);
        expect(endUs).toBeGreaterThan(timeUs);
        expect([sessionAt(startUs, venue), sessionAt(endUs - 1, venue)]).toEqual([phase, phase]);
        expect(sessionSpan(endUs, venue).startUs).toBe(endUs);
        const openUs = nextOpenUs(timeUs, venue);
        expect([openUs > timeUs, sessionAt(openUs, venue)]).toEqual([true, 'continuous']);
      }),
    );
  });

  it('has tables in order of their dates, with a source, none of Korea newer than it says', () => {
    for (const venue of VENUES) {
      const tables = SESSION_HISTORY[venue];
      const dates = tables.map(({ effectiveFrom }) => effectiveFrom);
      expect(dates).toEqual([...dates].sort((a, b) => a - b));
      for (const { source } of tables) expect(source).not.toBe('');
      if (isKorean(venue)) expect(Math.max(...dates)).toBeLessThanOrEqual(20260914);
    }
  });
});

describe('next open', () => {
  it.each([
    [20261123, '08:00', 20261123, '09:00'],
    [20261123, '09:00', 20261124, '09:00'],
    [20261120, '21:00', 20261123, '09:00'],
    [20260923, '16:00', 20260928, '09:00'],
    [20261230, '16:00', 20270104, '10:00'],
    [20261118, '16:00', 20261119, '10:00'],
  ])('after %d %s is %d %s', (date, clock, openDate, openClock) => {
    expect(nextOpenUs(at(date, clock))).toBe(at(openDate, openClock));
  });

  it('of NXT is half a minute later', () => {
    expect(nextOpenUs(at(20261123, '08:00'), 'NXT')).toBe(at(20261123, '09:00:30'));
  });

  it('is after the time, continuous, and the first such', () => {
    const anyTimeUs = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 1) }).map((ms) => ms * 1000);
    fc.assert(
      fc.property(anyTimeUs, fc.constantFrom<SessionVenue>('KRX', 'NXT', 'UN'), (timeUs, venue) => {
        const openUs = nextOpenUs(timeUs, venue);
        expect(openUs).toBeGreaterThan(timeUs);
        expect(sessionAt(openUs, venue)).toBe('continuous');
        expect(sessionAt(openUs - 1, venue)).not.toBe('continuous');
        expect(nextOpenUs(openUs - 1, venue)).toBe(openUs);
        if (kstDate(openUs) === kstDate(timeUs)) expect(sessionAt(timeUs, venue)).not.toBe('continuous');
      }),
    );
  });
});
