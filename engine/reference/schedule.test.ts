import fc from 'fast-check';
import { expect, it } from 'vitest';
import { calendarOverrides, isTradingDay, kstDate, kstToUtcUs, NO_OVERRIDES } from '../../config/calendar.ts';
import { taskName, tasksDue, tradingDayBefore } from './schedule.ts';

function due(date: number, clock: string, calendar = NO_OVERRIDES): string[] {
  const [hour, minute, second = 0] = clock.split(':').map(Number);
  const timeUs = kstToUtcUs(date, hour * 3600 + minute * 60 + second);
  return tasksDue(timeUs, ['KRX', 'NXT'], calendar).map(taskName);
}

/** A Tuesday; the day before and after are ordinary ones. */
const DAY = 20260922;

it('wants a calendar, the masters of the day and the closes of the day before in the morning', () => {
  expect(due(DAY, '07:39:59')).toEqual([
    'calendar 20260922',
    'instruments 20260921',
    'closes 20260921 KRX day',
    'closes 20260921 NXT day',
  ]);
  expect(due(DAY, '07:40').slice(1, 2)).toEqual(['instruments 20260922']);
});

it('wants the exchange’s own closes of the day before from the morning on', () => {
  expect(due(DAY, '08:09:59')).not.toContain('cross_check 20260921');
  expect(due(DAY, '08:10')).toContain('cross_check 20260921');
  expect(due(DAY, '23:00')).toContain('cross_check 20260921');
});

it('wants closes once volumes stand still after the auction, and again at the end of the evening', () => {
  expect(due(DAY, '15:35:59')).toContain('closes 20260921 KRX day');
  expect(due(DAY, '15:36')).toContain('closes 20260922 KRX regular');
  // NXT has no closing auction: its day ends in the evening.
  expect(due(DAY, '15:36')).toContain('closes 20260921 NXT day');
  expect(due(DAY, '20:04:59')).toContain('closes 20260922 KRX regular');
  expect(due(DAY, '20:05')).toEqual(expect.arrayContaining(['closes 20260922 KRX day', 'closes 20260922 NXT day']));
});

it('follows the hour by which the day of the entrance examination is late', () => {
  expect(due(20261119, '16:35:59')).toContain('closes 20261118 KRX day');
  expect(due(20261119, '16:36')).toContain('closes 20261119 KRX regular');
});

it('stays with the last trading day on holidays, also on those that only KIS knows', () => {
  expect(due(20260926, '12:00')).toEqual([
    'calendar 20260926',
    'instruments 20260923',
    'closes 20260923 KRX day',
    'closes 20260923 NXT day',
    'cross_check 20260923',
  ]);
  const decreed = calendarOverrides([{ date: DAY, open: false }]);
  expect(due(DAY, '16:00', decreed)).toContain('instruments 20260921');
  expect(tradingDayBefore(20260923, decreed)).toBe(20260921);
});

it('names no task of a day to come, nor of one on which nothing was traded', () => {
  fc.assert(
    fc.property(fc.integer({ min: kstToUtcUs(20260102, 0), max: kstToUtcUs(20271231, 0) }), (timeUs) => {
      const tasks = tasksDue(timeUs, ['KRX', 'NXT', 'UN'], NO_OVERRIDES);
      expect(new Set(tasks.map(taskName)).size).toBe(tasks.length);
      for (const task of tasks) {
        expect(task.date).toBeLessThanOrEqual(kstDate(timeUs));
        if (task.kind !== 'calendar') expect(isTradingDay(task.date)).toBe(true);
      }
    }),
  );
});

it('comes to an end where the exchange is closed for good', () => {
  const days = Array.from({ length: 60 }, (_, index) => ({ date: 20260700 + index, open: false }));
  const closed = calendarOverrides([...days, ...days.map(({ date }) => ({ date: date + 100, open: false }))]);
  expect(tradingDayBefore(20260831, closed)).toBeNull();
  expect(due(20260831, '12:00', closed)).toEqual(['calendar 20260831']);
});
