// KRX trading days and Korean Standard Time. KST is UTC+9 the whole year, so all of it is arithmetic on UTC
// microseconds; nothing here reads a clock. Dates are YYYYMMDD as numbers, seconds count from midnight KST.

/**
 * Weekdays on which KRX is closed: public holidays with their substitutes, Labour Day, and the last day of the year.
 * Source: the public-holiday acts as in force in each year (Constitution Day is a holiday again from 2026) and the KRX
 * Business Regulations. Limits: elections and temporary holidays are decreed at short notice, and 2027 may still
 * change; live, KIS's own answer to CTCA0903R decides. Weekends need no entry.
 */
export const CLOSED_WEEKDAYS: Readonly<Record<number, string>> = {
  20240101: "New Year's Day",
  20240209: 'Seollal',
  20240212: 'Seollal (substitute)',
  20240301: 'Independence Movement Day',
  20240410: 'Parliamentary election',
  20240501: 'Labour Day',
  20240506: "Children's Day (substitute)",
  20240515: "Buddha's Birthday",
  20240606: 'Memorial Day',
  20240815: 'Liberation Day',
  20240916: 'Chuseok',
  20240917: 'Chuseok',
  20240918: 'Chuseok',
  20241001: 'Armed Forces Day (temporary)',
  20241003: 'National Foundation Day',
  20241009: 'Hangul Day',
  20241225: 'Christmas Day',
  20241231: 'Year-end closing',
  20250101: "New Year's Day",
  20250127: 'Seollal (temporary)',
  20250128: 'Seollal',
  20250129: 'Seollal',
  20250130: 'Seollal',
  20250303: 'Independence Movement Day (substitute)',
  20250501: 'Labour Day',
  20250505: "Children's Day",
  20250506: "Buddha's Birthday (substitute)",
  20250603: 'Presidential election',
  20250606: 'Memorial Day',
  20250815: 'Liberation Day',
  20251003: 'National Foundation Day',
  20251006: 'Chuseok',
  20251007: 'Chuseok',
  20251008: 'Chuseok (substitute)',
  20251009: 'Hangul Day',
  20251225: 'Christmas Day',
  20251231: 'Year-end closing',
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
export const CALENDAR_YEARS: readonly number[] = [2024, 2025, 2026, 2027];

/** How far the regular session is moved: all that begins or ends before noon, and all that does so after it. */
export interface DayShift {
  readonly openSeconds: number;
  readonly closeSeconds: number;
}

const LATE_OPEN: DayShift = { openSeconds: 3600, closeSeconds: 0 };
const LATE_SESSION: DayShift = { openSeconds: 3600, closeSeconds: 3600 };

/**
 * Days of other hours. On the year's first trading day trading opens an hour later and closes as ever; on the day of
 * the college entrance examination all of the regular session is an hour later (KRX Business Regulations, article 4, and
 * its notices of each year). KRX has had no half day since it gave up Saturdays in 1998; one would close earlier, with
 * negative `closeSeconds`.
 */
export const SHIFTED_DAYS: Readonly<Record<number, DayShift>> = {
  20240102: LATE_OPEN,
  20241114: LATE_SESSION,
  20250102: LATE_OPEN,
  20251113: LATE_SESSION,
  20260102: LATE_OPEN,
  20261119: LATE_SESSION,
  20270104: LATE_OPEN,
  20271118: LATE_SESSION,
};

/** What a better source says of single dates: whether KRX trades. Where it and our table differ, it is right. */
export type CalendarOverrides = ReadonlyMap<number, boolean>;
export const NO_OVERRIDES: CalendarOverrides = new Map();

/** From the days of KIS's answer (CTCA0903R); of a date that stands there twice, the last. */
export function calendarOverrides(
  days: readonly { readonly date: number; readonly open: boolean }[],
): CalendarOverrides {
  return new Map(days.map(({ date, open }) => [date, open]));
}

export interface CalendarDifference {
  readonly date: number;
  /** Whether our table says that KRX trades. */
  readonly ours: boolean;
  readonly theirs: boolean;
}

/** The dates on which a better source and our own table differ, in order. */
export function calendarDifferences(overrides: CalendarOverrides): readonly CalendarDifference[] {
  return [...overrides]
    .map(([date, theirs]) => ({ date, ours: isTradingDay(date), theirs }))
    .filter(({ ours, theirs }) => ours !== theirs)
    .sort((one, other) => one.date - other.date);
}

/** Whether anything better than "no weekend" is known of a date. */
export function isCovered(date: number, overrides: CalendarOverrides = NO_OVERRIDES): boolean {
  return overrides.has(date) || CALENDAR_YEARS.includes(Math.floor(date / 10_000));
}

export const US_PER_SECOND = 1_000_000;
export const US_PER_DAY = 86_400 * US_PER_SECOND;
const KST_OFFSET_US = 9 * 3600 * US_PER_SECOND;

/** Whether KRX trades on this date. An impossible date (20260231) is no trading day. */
export function isTradingDay(date: number, overrides: CalendarOverrides = NO_OVERRIDES): boolean {
  if (dateOfDay(dayNumber(date)) !== date) return false;
  return overrides.get(date) ?? (isWeekday(date) && CLOSED_WEEKDAYS[date] === undefined);
}

/** Monday to Friday; all that is known of the calendars of other countries. */
export function isWeekday(date: number): boolean {
  const weekday = weekdayOfDay(dayNumber(date));
  return weekday !== 0 && weekday !== 6;
}

/** First trading day after a date. */
export function nextTradingDay(date: number, overrides: CalendarOverrides = NO_OVERRIDES): number {
  let day = dayNumber(date) + 1;
  // The longest closure, Seollal or Chuseok with weekends, is ten days; overrides end as well: the loop is short.
  while (!isTradingDay(dateOfDay(day), overrides)) day++;
  return dateOfDay(day);
}

/** 0 is Sunday. */
export function weekdayOfDay(day: number): number {
  // Day 0, 1970-01-01, was a Thursday.
  return (((day + 4) % 7) + 7) % 7;
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
export function dayNumber(date: number): number {
  const month = Math.floor(date / 100) % 100;
  const year = Math.floor(date / 10_000) - (month <= 2 ? 1 : 0);
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + (date % 100) - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The inverse (civil_from_days). */
export function dateOfDay(day: number): number {
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
