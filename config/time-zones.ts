// Local time of the venues, by arithmetic on UTC microseconds: the same on every version of Node, whatever time zone data
// it carries. Only New York has summer time; the Asian venues have not had any since long before the first record.
import { dateOfDay, dayNumber, US_PER_DAY, US_PER_SECOND, weekdayOfDay } from './calendar.ts';
import type { Zone } from './venues.ts';

const HOUR = 3600;
const FIXED_OFFSETS: Readonly<Record<Exclude<Zone, 'New York'>, number>> = {
  Seoul: 9 * HOUR,
  'Hong Kong': 8 * HOUR,
  Tokyo: 9 * HOUR,
  Shanghai: 8 * HOUR,
  'Ho Chi Minh City': 7 * HOUR,
};
const EASTERN_STANDARD = -5 * HOUR;
const EASTERN_DAYLIGHT = -4 * HOUR;

/** Seconds that local time is ahead of UTC at a UTC time. */
export function zoneOffsetSeconds(zone: Zone, timeUs: number): number {
  if (zone !== 'New York') return FIXED_OFFSETS[zone];
  const year = Math.floor(dateOfDay(Math.floor(timeUs / US_PER_DAY)) / 10_000);
  // From 02:00 standard time on the second Sunday of March to 02:00 summer time on the first of November (Energy Policy
  // Act of 2005, section 110; in force since 2007).
  const startUs = sundayOnOrAfter(year * 10_000 + 308) * US_PER_DAY + (2 * HOUR - EASTERN_STANDARD) * US_PER_SECOND;
  const endUs = sundayOnOrAfter(year * 10_000 + 1101) * US_PER_DAY + (2 * HOUR - EASTERN_DAYLIGHT) * US_PER_SECOND;
  return timeUs >= startUs && timeUs < endUs ? EASTERN_DAYLIGHT : EASTERN_STANDARD;
}

/** Local date YYYYMMDD of a UTC time. */
export function zoneDate(zone: Zone, timeUs: number): number {
  return dateOfDay(Math.floor((timeUs + zoneOffsetSeconds(zone, timeUs) * US_PER_SECOND) / US_PER_DAY));
}

/** UTC microseconds of a local date and second of its day; of an hour that comes twice, the first one. */
export function zoneToUtcUs(zone: Zone, date: number, second: number): number {
  const localUs = dayNumber(date) * US_PER_DAY + Math.round(second * US_PER_SECOND);
  if (zone !== 'New York') return localUs - FIXED_OFFSETS[zone] * US_PER_SECOND;
  const daylightUs = localUs - EASTERN_DAYLIGHT * US_PER_SECOND;
  return zoneOffsetSeconds(zone, daylightUs) === EASTERN_DAYLIGHT
    ? daylightUs
    : localUs - EASTERN_STANDARD * US_PER_SECOND;
}

function sundayOnOrAfter(date: number): number {
  const day = dayNumber(date);
  return day + ((7 - weekdayOfDay(day)) % 7);
}
