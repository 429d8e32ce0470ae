// What reference data are due at a time: a pure function of engine time, calendar and venues, so that a simulated month
// asks for the same as a real one. Who has done what is not known here; `loader.ts` strikes it off by the task's name.
import {
  type CalendarOverrides,
  dateOfDay,
  dayNumber,
  isTradingDay,
  kstDate,
  kstSecond,
} from '../../config/calendar.ts';
import { type SessionVenue, sessionsOn } from '../../config/sessions.ts';

export type DailyTask =
  /** Open days: once a day, as KIS asks. */
  | { readonly kind: 'calendar'; readonly date: number }
  /** Masters, limits, NXT of the trading day. */
  | { readonly kind: 'instruments'; readonly date: number }
  /** Closing price and volume by KIS: of the regular session, and of the whole day. */
  | { readonly kind: 'closes'; readonly date: number; readonly venue: SessionVenue; readonly part: 'regular' | 'day' }
  /** The same by the exchange, once it has them. */
  | { readonly kind: 'cross_check'; readonly date: number };

/** KIS renews its masters in the early morning; NXT opens at 08:00. */
const MASTERS_SECOND = 7 * 3600 + 40 * 60;
/**
 * The closing auction ends up to 30 s late, and trading at the closing price begins ten minutes after it: between them
 * volumes stand still, so that the last record and the answer speak of the same.
 */
const CLOSE_SETTLES_SECONDS = 360;
const DAY_SETTLES_SECONDS = 300;
/** The exchange publishes a day in the course of the next morning. */
const EXCHANGE_SECOND = 8 * 3600 + 10 * 60;
/** Longer than any closure of the exchange. */
const CLOSURE_DAYS_MAX = 31;

export function taskName(task: DailyTask): string {
  return task.kind === 'closes' ? `closes ${task.date} ${task.venue} ${task.part}` : `${task.kind} ${task.date}`;
}

/** In the order in which they are worth having. */
export function tasksDue(
  timeUs: number,
  venues: readonly SessionVenue[],
  calendar: CalendarOverrides,
): readonly DailyTask[] {
  const today = kstDate(timeUs);
  const second = kstSecond(timeUs);
  const before = tradingDayBefore(today, calendar);
  const trading = isTradingDay(today, calendar);
  const tasks: DailyTask[] = [{ kind: 'calendar', date: today }];
  const mastersDate = trading && second >= MASTERS_SECOND ? today : before;
  if (mastersDate !== null) tasks.push({ kind: 'instruments', date: mastersDate });
  for (const venue of venues) {
    const close = (trading ? lastClose(today, second, venue, calendar) : null) ?? dayClose(before, venue);
    if (close !== null) tasks.push(close);
  }
  if (before !== null && second >= EXCHANGE_SECOND) tasks.push({ kind: 'cross_check', date: before });
  return tasks;
}

/** The last trading day before a date; null where there was none for a month. */
export function tradingDayBefore(date: number, calendar: CalendarOverrides): number | null {
  const day = dayNumber(date);
  for (let back = 1; back <= CLOSURE_DAYS_MAX; back++) {
    const earlier = dateOfDay(day - back);
    if (isTradingDay(earlier, calendar)) return earlier;
  }
  return null;
}

function lastClose(date: number, second: number, venue: SessionVenue, calendar: CalendarOverrides): DailyTask | null {
  const sessions = sessionsOn(date, venue, calendar);
  const dayEnd = Math.max(...sessions.map(({ endSecond }) => endSecond));
  if (second >= dayEnd + DAY_SETTLES_SECONDS) return { kind: 'closes', date, venue, part: 'day' };
  const auction = sessions.find(({ phase }) => phase === 'closing_auction');
  if (auction === undefined || second < auction.endSecond + CLOSE_SETTLES_SECONDS) return null;
  return { kind: 'closes', date, venue, part: 'regular' };
}

function dayClose(date: number | null, venue: SessionVenue): DailyTask | null {
  return date === null ? null : { kind: 'closes', date, venue, part: 'day' };
}
