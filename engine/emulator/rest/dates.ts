// Arithmetic on dates (YYYYMMDD) that the calendar does not have: days back, and the trading day before.
import { type CalendarOverrides, dateOfDay, dayNumber, isTradingDay } from '../../../config/calendar.ts';

/** The date so many calendar days later, or earlier. */
export function dateLater(date: number, days: number): number {
  return dateOfDay(dayNumber(date) + days);
}

/** Last trading day before a date. */
export function tradingDayBefore(date: number, calendar: CalendarOverrides): number {
  let before = dateLater(date, -1);
  // Closures are days long, and overrides are a finite list: the loop is short.
  while (!isTradingDay(before, calendar)) before = dateLater(before, -1);
  return before;
}
