// New York's clock and trading day, of a UTC time. Since 2007 summer time runs from the second Sunday of March to the
// first Sunday of November, from 02:00 to 02:00 local time (Energy Policy Act of 2005). Its holidays are not known here.

export interface LocalTime {
  /** YYYYMMDD. */
  readonly date: number;
  /** Of the local day. */
  readonly second: number;
}

const HOUR_US = 3_600_000_000;
const SECOND_US = 1_000_000;
const DAY_SECONDS = 86_400;
/** From the evening on, overnight trading belongs to the next day. */
const EVENING_SECOND = 20 * 3600;
const NIGHT_US = 4 * HOUR_US;

export function newYorkTime(timeUs: number): LocalTime {
  return localTime(timeUs + utcOffsetHours(timeUs) * HOUR_US);
}

/** The trading day that a time belongs to, from 20:00 to 20:00; undefined on a weekend. */
export function newYorkTradingDay(timeUs: number): number | undefined {
  const shiftedUs = timeUs + utcOffsetHours(timeUs) * HOUR_US + NIGHT_US;
  const weekday = new Date(shiftedUs / 1000).getUTCDay();
  return weekday === 0 || weekday === 6 ? undefined : localTime(shiftedUs).date;
}

/** KIS's MTYP: 1 regular session, 2 before it, 3 after it and overnight. */
export function marketType({ second }: LocalTime): 1 | 2 | 3 {
  if (second >= 9.5 * 3600 && second < 16 * 3600) return 1;
  return second >= 4 * 3600 && second < EVENING_SECOND && second < 9.5 * 3600 ? 2 : 3;
}

export function koreanTime(timeUs: number): LocalTime {
  return localTime(timeUs + 9 * HOUR_US);
}

function localTime(shiftedUs: number): LocalTime {
  const day = new Date(shiftedUs / 1000);
  const date = day.getUTCFullYear() * 10_000 + (day.getUTCMonth() + 1) * 100 + day.getUTCDate();
  return { date, second: Math.floor(shiftedUs / SECOND_US) % DAY_SECONDS };
}

function utcOffsetHours(timeUs: number): -4 | -5 {
  const year = new Date(timeUs / 1000).getUTCFullYear();
  // 02:00 standard time is 07:00 UTC, 02:00 summer time 06:00 UTC.
  const summerUs = sundayUs(year, 2, 2) + 7 * HOUR_US;
  const winterUs = sundayUs(year, 10, 1) + 6 * HOUR_US;
  return timeUs >= summerUs && timeUs < winterUs ? -4 : -5;
}

/** UTC midnight of the n-th Sunday of a month (0: January). */
function sundayUs(year: number, month: number, nth: number): number {
  const weekdayOfFirst = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return Date.UTC(year, month, 1 + ((7 - weekdayOfFirst) % 7) + 7 * (nth - 1)) * 1000;
}
