import fc from 'fast-check';
import { expect, it } from 'vitest';
import { zoneDate, zoneOffsetSeconds, zoneToUtcUs } from './time-zones.ts';
import { VENUE_FACTS, VENUES, type Zone } from './venues.ts';

const NAMES: Readonly<Record<Zone, string>> = {
  Seoul: 'Asia/Seoul',
  'New York': 'America/New_York',
  'Hong Kong': 'Asia/Hong_Kong',
  Tokyo: 'Asia/Tokyo',
  Shanghai: 'Asia/Shanghai',
  'Ho Chi Minh City': 'Asia/Ho_Chi_Minh',
};
const anyZone = fc.constantFrom(...(Object.keys(NAMES) as Zone[]));
const anyTimeUs = fc.integer({ min: Date.UTC(2008, 0, 1), max: Date.UTC(2035, 0, 1) }).map((ms) => ms * 1000);

const FORMATS = new Map(
  Object.entries(NAMES).map(([zone, timeZone]) => [
    zone,
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }),
  ]),
);

/** What the platform's own tables say. */
function platformDate(zone: Zone, timeUs: number): number {
  return Number(
    FORMATS.get(zone)!
      .format(timeUs / 1000)
      .replaceAll('-', ''),
  );
}

it('agrees with the tables of the platform', () => {
  fc.assert(
    fc.property(anyZone, anyTimeUs, (zone, timeUs) => {
      expect(zoneDate(zone, timeUs)).toBe(platformDate(zone, timeUs));
    }),
    { numRuns: 500 },
  );
});

it('comes back from local date and second to the same time, but for the hour that comes twice', () => {
  fc.assert(
    fc.property(anyZone, anyTimeUs, (zone, timeUs) => {
      const date = zoneDate(zone, timeUs);
      const local = timeUs / 1_000_000 + zoneOffsetSeconds(zone, timeUs);
      const back = zoneToUtcUs(zone, date, local - Math.floor(local / 86_400) * 86_400);
      expect([0, -3600 * 1_000_000]).toContain(Math.round(back - timeUs));
    }),
  );
});

it.each([
  ['2026-03-08T06:59:59Z', -5],
  ['2026-03-08T07:00:00Z', -4],
  ['2026-11-01T05:59:59Z', -4],
  ['2026-11-01T06:00:00Z', -5],
  ['2027-03-14T07:00:00Z', -4],
  ['2027-11-07T06:00:00Z', -5],
])('in New York at %s it is %d hours from UTC', (text, hours) => {
  expect(zoneOffsetSeconds('New York', Date.parse(text) * 1000)).toBe(hours * 3600);
});

it('has a zone for each venue', () => {
  for (const venue of VENUES) expect(NAMES[VENUE_FACTS[venue].zone]).toBeDefined();
});
