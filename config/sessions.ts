// Trading sessions of KRX, NXT and the unified feed since 2026-09-14, and which one runs at a time. The call auctions
// end at a random second up to 30 s late, halts and volatility interruptions come on top: the feed tells those.
import { isTradingDay, kstDate, kstSecond, kstToUtcUs, nextTradingDay, SHIFTED_DAYS } from './calendar.ts';

export const VENUE_SESSIONS_EFFECTIVE_FROM = 20260914;

/**
 * `pre` is NXT's pre-market, `after_hours` trades at the closing price only, `after_market` is continuous again, with
 * limit orders, until the evening.
 */
export type SessionPhase =
  | 'closed'
  | 'pre'
  | 'opening_auction'
  | 'continuous'
  | 'closing_auction'
  | 'after_hours'
  | 'after_market';
export type SessionVenue = 'KRX' | 'NXT' | 'UN';

/** [startSecond, endSecond) of the KST day. */
export interface Session {
  readonly phase: SessionPhase;
  readonly startSecond: number;
  readonly endSecond: number;
}

/** In order of time and without overlap; the close-price trading 08:30–08:40 runs inside KRX's opening auction. */
export const SESSIONS: Readonly<Record<SessionVenue, readonly Session[]>> = {
  KRX: [
    session('opening_auction', '08:30:00', '09:00:00'),
    session('continuous', '09:00:00', '15:20:00'),
    session('closing_auction', '15:20:00', '15:30:00'),
    session('after_hours', '15:40:00', '16:00:00'),
    session('after_market', '16:00:00', '20:00:00'),
  ],
  NXT: [
    session('pre', '08:00:00', '08:50:00'),
    session('continuous', '09:00:30', '15:20:00'),
    session('after_hours', '15:30:00', '15:40:00'),
    session('after_market', '15:40:00', '20:00:00'),
  ],
  UN: [
    session('pre', '08:00:00', '08:50:00'),
    session('opening_auction', '08:50:00', '09:00:00'),
    session('continuous', '09:00:00', '15:20:00'),
    session('closing_auction', '15:20:00', '15:30:00'),
    session('after_hours', '15:30:00', '15:40:00'),
    session('after_market', '15:40:00', '20:00:00'),
  ],
};

const SHIFT_SECONDS = 3600;
const AFTERNOON_SECOND = 12 * 3600;
const EVENING_END_SECOND = 20 * 3600;

/** The venue's sessions on a date; none on a closed day. */
export function sessionsOn(date: number, venue: SessionVenue = 'KRX'): readonly Session[] {
  if (!isTradingDay(date)) return [];
  const shift = SHIFTED_DAYS[date];
  if (shift === undefined) return SESSIONS[venue];
  // The evening's end stays where it is; that the after-market begins later with the rest is inferred, not published.
  const shifted = (second: number): number =>
    shift === 'late_session' || second < AFTERNOON_SECOND
      ? Math.min(second + SHIFT_SECONDS, EVENING_END_SECOND)
      : second;
  return SESSIONS[venue].map(({ phase, startSecond, endSecond }) => ({
    phase,
    startSecond: shifted(startSecond),
    endSecond: shifted(endSecond),
  }));
}

/** The session that runs at a UTC time. */
export function sessionAt(timeUs: number, venue: SessionVenue = 'KRX'): SessionPhase {
  const second = kstSecond(timeUs);
  for (const { phase, startSecond, endSecond } of sessionsOn(kstDate(timeUs), venue)) {
    if (second >= startSecond && second < endSecond) return phase;
  }
  return 'closed';
}

/** UTC microseconds at which the next continuous session begins, after the given time. */
export function nextOpenUs(timeUs: number, venue: SessionVenue = 'KRX'): number {
  for (let date = kstDate(timeUs); ; date = nextTradingDay(date)) {
    const open = sessionsOn(date, venue).find(({ phase }) => phase === 'continuous');
    if (open === undefined) continue;
    const openUs = kstToUtcUs(date, open.startSecond);
    if (openUs > timeUs) return openUs;
  }
}

function session(phase: SessionPhase, start: string, end: string): Session {
  return { phase, startSecond: secondOf(start), endSecond: secondOf(end) };
}

function secondOf(clock: string): number {
  const [hour, minute, second] = clock.split(':').map(Number);
  return hour * 3600 + minute * 60 + second;
}
