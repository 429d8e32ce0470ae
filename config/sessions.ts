// Trading sessions of KRX, NXT and the unified feed, of the index futures and of the overseas venues, since when they are
// in force, and which one runs at a time. The call auctions end at a random second up to 30 s late, halts and volatility
// interruptions come on top: the feed tells those.
import {
  type CalendarOverrides,
  type DayShift,
  dateOfDay,
  dayNumber,
  isTradingDay,
  isWeekday,
  NO_OVERRIDES,
  SHIFTED_DAYS,
} from './calendar.ts';
import { ordinarySessions, SESSION_HISTORY, type Session, type SessionPhase } from './session-tables.ts';
import { zoneDate, zoneToUtcUs } from './time-zones.ts';
import { isKorean, VENUE_FACTS, type Venue } from './venues.ts';

export type { Session, SessionPhase } from './session-tables.ts';

/** The venues of domestic stocks. */
export type SessionVenue = 'KRX' | 'NXT' | 'UN';

export const VENUE_SESSIONS_EFFECTIVE_FROM = 20260914;

/** Sessions of an ordinary day now. */
export const SESSIONS: Readonly<Record<SessionVenue, readonly Session[]>> = {
  KRX: ordinarySessions(VENUE_SESSIONS_EFFECTIVE_FROM, 'KRX'),
  NXT: ordinarySessions(VENUE_SESSIONS_EFFECTIVE_FROM, 'NXT'),
  UN: ordinarySessions(VENUE_SESSIONS_EFFECTIVE_FROM, 'UN'),
};

const NOON_SECOND = 12 * 3600;
const SECONDS_PER_DAY = 86_400;
const EVENING: readonly SessionPhase[] = ['after_market', 'after_hours_auction'];

/** A session, or the time between two: [startUs, endUs), at most to the end of the venue's local day. */
export interface SessionSpan {
  readonly phase: SessionPhase;
  readonly startUs: number;
  readonly endUs: number;
}

/** The venue's sessions on one of its local dates; none on a closed day. Overseas, only weekends are known as closed. */
export function sessionsOn(
  date: number,
  venue: Venue = 'KRX',
  overrides: CalendarOverrides = NO_OVERRIDES,
): readonly Session[] {
  if (!isKorean(venue)) return isWeekday(date) ? ordinarySessions(date, venue) : [];
  if (!isTradingDay(date, overrides)) return [];
  const shift = SHIFTED_DAYS[date];
  const sessions = ordinarySessions(date, venue);
  return shift === undefined ? sessions : shiftedSessions(sessions, shift);
}

/**
 * Sessions of a day of other hours. NXT holds no pre-market where the regular session opens late (its notice of
 * 2025-10-30), and the evening's trading ends when it always does (KRX, the same); that today's after-market begins later
 * with the rest is inferred.
 */
export function shiftedSessions(sessions: readonly Session[], { openSeconds, closeSeconds }: DayShift): Session[] {
  const shifted = (second: number): number => second + (second < NOON_SECOND ? openSeconds : closeSeconds);
  return sessions
    .filter(({ phase }) => phase !== 'pre' || openSeconds === 0)
    .map(({ phase, startSecond, endSecond }) => ({
      phase,
      startSecond: shifted(startSecond),
      endSecond: EVENING.includes(phase) ? endSecond : shifted(endSecond),
    }));
}

/** The session that runs at a UTC time, with its begin and end; `closed` where none does. */
export function sessionSpan(
  timeUs: number,
  venue: Venue = 'KRX',
  overrides: CalendarOverrides = NO_OVERRIDES,
): SessionSpan {
  const { zone } = VENUE_FACTS[venue];
  const date = zoneDate(zone, timeUs);
  let startUs = zoneToUtcUs(zone, date, 0);
  for (const { phase, startSecond, endSecond } of sessionsOn(date, venue, overrides)) {
    const sessionStartUs = zoneToUtcUs(zone, date, startSecond);
    if (timeUs < sessionStartUs) return { phase: 'closed', startUs, endUs: sessionStartUs };
    startUs = zoneToUtcUs(zone, date, endSecond);
    if (timeUs < startUs) return { phase, startUs: sessionStartUs, endUs: startUs };
  }
  return { phase: 'closed', startUs, endUs: zoneToUtcUs(zone, date, SECONDS_PER_DAY) };
}

/** The session that runs at a UTC time. */
export function sessionAt(
  timeUs: number,
  venue: Venue = 'KRX',
  overrides: CalendarOverrides = NO_OVERRIDES,
): SessionPhase {
  return sessionSpan(timeUs, venue, overrides).phase;
}

/** UTC microseconds at which the next continuous session begins, after the given time. */
export function nextOpenUs(timeUs: number, venue: Venue = 'KRX', overrides: CalendarOverrides = NO_OVERRIDES): number {
  const { zone } = VENUE_FACTS[venue];
  // No venue has been closed for longer than some weeks: the loop is short.
  const first = Math.max(zoneDate(zone, timeUs), SESSION_HISTORY[venue][0].effectiveFrom);
  for (let day = dayNumber(first); ; day++) {
    const date = dateOfDay(day);
    for (const { phase, startSecond } of sessionsOn(date, venue, overrides)) {
      const openUs = zoneToUtcUs(zone, date, startSecond);
      if (phase === 'continuous' && openUs > timeUs) return openUs;
    }
  }
}
