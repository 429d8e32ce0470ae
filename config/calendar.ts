// KRX trading days and Korean Standard Time. KST is UTC+9 the whole year, so all of it is arithmetic on UTC
// microseconds; nothing here reads a clock. Dates are YYYYMMDD as numbers, seconds count from midnight KST.

/**
 * Weekdays on which KRX is closed: public holidays with their substitutes, Labour Day, and the last day of the year.
 * Source: the public-holiday acts as in force in 2026 (Constitution Day is a holiday again from 2026) and the KRX
 * Business Regulations. Limits: elections and temporary holidays are decreed at short notice, and 2027 may still
 * change; live, KIS's own answer to CTCA0903R decides. Weekends need no entry.
 */
export const CLOSED_WEEKDAYS: Readonly<Record<number, string>> = {
  20260101: "New Year's Day",
  20260216: 'Seollal',
  20260217: 'Seollal',
  20260218: 'Seollal',
  20260302: 'Independence Movement Day (substitute)',
  20260501: 'Labour Day',
  20260505: "Children's Day",
  20260525: "Buddha's Birthday (substitute)",
  20260603: 'Local elections',
  20260717: 'Constitution Day',
  20260817: 'Liberation Day (substitute)',
  20260924: 'Chuseok',
  20260925: 'Chuseok',
  20261005: 'National Foundation Day (substitute)',
  20261009: 'Hangul Day',
  20261225: 'Christmas Day',
  20261231: 'Year-end closing',
  20270101: "New Year's Day",
  20270208: 'Seollal',
  20270209: 'Seollal (substitute)',
  20270301: 'Independence Movement Day',
  20270503: 'Labour Day (substitute)',
  20270505: "Children's Day",
  20270513: "Buddha's Birthday",
  20270719: 'Constitution Day (substitute)',
  20270816: 'Liberation Day (substitute)',
  20270914: 'Chuseok',
  20270915: 'Chuseok',
  20270916: 'Chuseok',
  20271004: 'National Foundation Day (substitute)',
  20271011: 'Hangul Day (substitute)',
  20271227: 'Christmas Day (substitute)',
  20271231: 'Year-end closing',
};

/** Years that the table covers; outside them only weekends are known to be closed. */
export const CALENDAR_YEARS: readonly number[] = [2026, 2027];

/**
 * Days of other hours. On the year's first trading day trading opens an hour later and closes as ever; on the day of
 * the college entrance examination all of the regular session is an hour later.
 */
export const SHIFTED_DAYS: Readonly<Record<number, 'late_open' | 'late_session'>> = {
  20260102: 'late_open',
  20261119: 'late_session',
  20270104: 'late_open',
  20271118: 'late_session',
};

export const US_PER_SECOND = 1_000_000;
const US_PER_DAY = 86_400 * US_PER_SECOND;
const KST_OFFSET_US = 9 * 3600 * US_PER_SECOND;

/** Whether KRX trades on this date. An impossible date (20260231) is no trading day. */
export function isTradingDay(date: number): boolean {
  const day = dayNumber(date);
  if (dateOfDay(day) !== date) return false;
  // Day 0, 1970-01-01, was a Thursday; 0 is Sunday.
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday !== 0 && weekday !== 6 && CLOSED_WEEKDAYS[date] === undefined;
}

/** First trading day after a date. */
export function nextTradingDay(date: number): number {
  let day = dayNumber(date) + 1;
  // The longest closure, Seollal or Chuseok with weekends, is nine days: the loop is short.
  while (!isTradingDay(dateOfDay(day))) day++;
  return dateOfDay(day);
}

/** KST date (YYYYMMDD) of a UTC time. */
export function kstDate(timeUs: number): number {
  return dateOfDay(Math.floor((timeUs + KST_OFFSET_US) / US_PER_DAY));
}

/** Second of the KST day, 0 … 86399, of a UTC time. */
export function kstSecond(timeUs: number): number {
  const shifted = timeUs + KST_OFFSET_US;
  return Math.floor((shifted - Math.floor(shifted / US_PER_DAY) * US_PER_DAY) / US_PER_SECOND);
}

/** UTC microseconds of a KST date and second of the day (which may be fractional, or run past the day's end). */
export function kstToUtcUs(date: number, second: number): number {
  return dayNumber(date) * US_PER_DAY - KST_OFFSET_US + Math.round(second * US_PER_SECOND);
}

/** 91530 for 09:15:30: a second of the day as the digits HHMMSS that KIS writes. */
export function clockDigits(second: number): number {
  const minute = Math.floor(second / 60);
  return Math.floor(minute / 60) * 10_000 + (minute % 60) * 100 + (second % 60);
}

/** Days since 1970-01-01 of a date (H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil). */
function dayNumber(date: number): number {
  const month = Math.floor(date / 100) % 100;
  const year = Math.floor(date / 10_000) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + (date % 100) - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse (civil_from_days). */
function dateOfDay(day: number): number {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0)) * 10_000 + month * 100 + dayOfMonth;
}
