import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kstDate, kstToUtcUs } from './calendar.ts';
import { nextOpenUs, SESSIONS, type SessionVenue, sessionAt } from './sessions.ts';

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

  it('neither overlap nor run backwards', () => {
    for (const sessions of Object.values(SESSIONS)) {
      for (const [index, { startSecond, endSecond }] of sessions.entries()) {
        expect(startSecond).toBeLessThan(endSecond);
        if (index > 0) expect(startSecond).toBeGreaterThanOrEqual(sessions[index - 1].endSecond);
      }
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
