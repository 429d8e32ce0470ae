// Trading hours of an ordinary day, by venue and by the date since which they are in force, in local time of the venue.
// Lunch breaks are the time between two sessions. Not here: night trading of futures and the American day market, which
// other TRs deliver and no session of ours describes.
import type { Venue } from './venues.ts';

/**
 * `pre` is NXT's pre-market (overseas: extended hours before the open), `after_hours` trades at the closing price only,
 * `after_hours_auction` is the single-price trading every ten minutes that KRX had until 2026-09-11, `after_market` is
 * continuous again, with limit orders, until the evening (overseas: extended hours after the close).
 */
export const SESSION_PHASES = [
  'closed',
  'pre',
  'opening_auction',
  'continuous',
  'closing_auction',
  'after_hours',
  'after_hours_auction',
  'after_market',
] as const;
export type SessionPhase = (typeof SESSION_PHASES)[number];

/** [startSecond, endSecond) of the venue's local day. */
export interface Session {
  readonly phase: SessionPhase;
  readonly startSecond: number;
  readonly endSecond: number;
}

/** In order of time and without overlap; the close-price trading 08:30–08:40 runs inside KRX's opening auction. */
export interface SessionTable {
  /** First date, YYYYMMDD; 0: as far back as there are records. */
  readonly effectiveFrom: number;
  readonly source: string;
  readonly sessions: readonly Session[];
}

const KRX_BEFORE_2016 = table(0, 'KRX Business Regulations until 2016-07-29', [
  session('opening_auction', '08:00:00', '09:00:00'),
  session('continuous', '09:00:00', '14:50:00'),
  session('closing_auction', '14:50:00', '15:00:00'),
  session('after_hours', '15:10:00', '15:30:00'),
  session('after_hours_auction', '15:30:00', '18:00:00'),
]);
const KRX_2016_REST = [
  session('continuous', '09:00:00', '15:20:00'),
  session('closing_auction', '15:20:00', '15:30:00'),
  session('after_hours', '15:40:00', '16:00:00'),
  session('after_hours_auction', '16:00:00', '18:00:00'),
];

const NXT_SESSIONS = [
  session('pre', '08:00:00', '08:50:00'),
  session('continuous', '09:00:30', '15:20:00'),
  session('after_hours', '15:30:00', '15:40:00'),
  session('after_market', '15:40:00', '20:00:00'),
];
const UNIFIED_SESSIONS = [
  session('pre', '08:00:00', '08:50:00'),
  session('opening_auction', '08:50:00', '09:00:00'),
  session('continuous', '09:00:00', '15:20:00'),
  session('closing_auction', '15:20:00', '15:30:00'),
  session('after_hours', '15:30:00', '15:40:00'),
  session('after_market', '15:40:00', '20:00:00'),
];

const FUTURES_CLOSE = session('closing_auction', '15:35:00', '15:45:00');

const NEW_YORK = [
  table(20070312, 'NYSE Rule 7.34, Nasdaq Equity 1 (hours of trading)', [
    session('pre', '04:00:00', '09:30:00'),
    session('continuous', '09:30:00', '16:00:00'),
    session('after_market', '16:00:00', '20:00:00'),
  ]),
];
const MAINLAND = [
  table(20180820, 'Trading rules of the Shanghai and Shenzhen exchanges (closing call auction since 2018-08-20)', [
    session('opening_auction', '09:15:00', '09:25:00'),
    session('continuous', '09:30:00', '11:30:00'),
    session('continuous', '13:00:00', '14:57:00'),
    session('closing_auction', '14:57:00', '15:00:00'),
  ]),
];

/** Oldest first. */
export const SESSION_HISTORY: Readonly<Record<Venue, readonly SessionTable[]>> = {
  KRX: [
    KRX_BEFORE_2016,
    table(20160801, 'KRX notice of 2016-07-28: regular session thirty minutes longer', [
      session('opening_auction', '08:00:00', '09:00:00'),
      ...KRX_2016_REST,
    ]),
    table(20190429, 'KRX notice of 2019: opening auction thirty minutes shorter', [
      session('opening_auction', '08:30:00', '09:00:00'),
      ...KRX_2016_REST,
    ]),
    table(20260914, 'KRX notice of 2026: after-market until 20:00 in place of single prices until 18:00', [
      session('opening_auction', '08:30:00', '09:00:00'),
      session('continuous', '09:00:00', '15:20:00'),
      session('closing_auction', '15:20:00', '15:30:00'),
      session('after_hours', '15:40:00', '16:00:00'),
      session('after_market', '16:00:00', '20:00:00'),
    ]),
  ],
  NXT: [table(20250304, 'Nextrade, hours at its launch', NXT_SESSIONS)],
  UN: [table(20250304, 'KRX and Nextrade, the wider of both', UNIFIED_SESSIONS)],
  KFE: [
    table(20160801, 'KRX notice of 2016-07-28', [
      session('opening_auction', '08:30:00', '09:00:00'),
      session('continuous', '09:00:00', '15:35:00'),
      FUTURES_CLOSE,
    ]),
    table(20230731, 'KRX notice of 2023-07-06: derivatives open fifteen minutes before stocks', [
      session('opening_auction', '08:30:00', '08:45:00'),
      session('continuous', '08:45:00', '15:35:00'),
      FUTURES_CLOSE,
    ]),
  ],
  NAS: NEW_YORK,
  NYS: NEW_YORK,
  AMS: NEW_YORK,
  HKS: [
    table(20160725, 'HKEX trading hours (closing auction session since 2016-07-25)', [
      session('opening_auction', '09:00:00', '09:30:00'),
      session('continuous', '09:30:00', '12:00:00'),
      session('continuous', '13:00:00', '16:00:00'),
      session('closing_auction', '16:00:00', '16:10:00'),
    ]),
  ],
  TSE: [
    table(20111121, 'JPX trading hours until 2024-11-01', [
      session('continuous', '09:00:00', '11:30:00'),
      session('continuous', '12:30:00', '15:00:00'),
    ]),
    table(20241105, 'JPX trading hours since arrowhead 4.0, with a closing auction', [
      session('continuous', '09:00:00', '11:30:00'),
      session('continuous', '12:30:00', '15:25:00'),
      session('closing_auction', '15:25:00', '15:30:00'),
    ]),
  ],
  SHS: MAINLAND,
  SZS: MAINLAND,
  HNX: [
    table(20130729, 'Trading rules of the Hanoi exchange', [
      session('continuous', '09:00:00', '11:30:00'),
      session('continuous', '13:00:00', '14:30:00'),
      session('closing_auction', '14:30:00', '14:45:00'),
      session('after_hours', '14:45:00', '15:00:00'),
    ]),
  ],
  HSX: [
    table(20130722, 'Trading rules of the Ho Chi Minh City exchange', [
      session('opening_auction', '09:00:00', '09:15:00'),
      session('continuous', '09:15:00', '11:30:00'),
      session('continuous', '13:00:00', '14:30:00'),
      session('closing_auction', '14:30:00', '14:45:00'),
    ]),
  ],
};

/** Sessions of an ordinary day at that time; none before the venue's first table. */
export function ordinarySessions(date: number, venue: Venue): readonly Session[] {
  return SESSION_HISTORY[venue].findLast(({ effectiveFrom }) => effectiveFrom <= date)?.sessions ?? [];
}

function table(effectiveFrom: number, source: string, sessions: readonly Session[]): SessionTable {
  return { effectiveFrom, source, sessions };
}

function session(phase: SessionPhase, start: string, end: string): Session {
  return { phase, startSecond: secondOf(start), endSecond: secondOf(end) };
}

function secondOf(clock: string): number {
  const [hour, minute, second] = clock.split(':').map(Number);
  return hour * 3600 + minute * 60 + second;
}
