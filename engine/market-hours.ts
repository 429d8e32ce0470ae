// What is said of the market's hours at the start of a run, for people in Korea.
import type { Logger } from 'pino';
import { type CalendarOverrides, NO_OVERRIDES } from '../config/calendar.ts';
import type { Config } from '../config/schema.ts';
import { nextOpenUs, type SessionVenue, sessionAt } from '../config/sessions.ts';
import { hostTimeUs } from './clock.ts';

/** Where the venue is closed: when it opens next, as `2026-11-24 09:00:00 KST`; null while any session runs. */
export function opensNext(
  nowUs: number,
  venue: SessionVenue,
  overrides: CalendarOverrides = NO_OVERRIDES,
): string | null {
  return sessionAt(nowUs, venue, overrides) === 'closed' ? kstText(nextOpenUs(nowUs, venue, overrides)) : null;
}

function kstText(timeUs: number): string {
  const kst = new Date(timeUs / 1000 + 9 * 3_600_000).toISOString();
  return `${kst.slice(0, 10)} ${kst.slice(11, 19)} KST`;
}

/** Out of hours, says so and when the market opens; a simulated market is always open. */
export function sayMarketHours({ source, universe: { venue } }: Config, log: Logger): void {
  const opens = source.env === 'emulator' ? null : opensNext(hostTimeUs(), venue);
  if (opens !== null) log.info({ venue, opens }, 'the market is closed; ticks come once it opens');
}
