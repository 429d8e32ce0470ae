// What the KIS client tells of itself: each session, and all of them together.

export type KisSessionState =
  | 'idle'
  | 'approving'
  | 'connecting'
  | 'registering'
  | 'streaming'
  | 'waiting'
  /** Another process, on this machine or another, has a session with the app key. */
  | 'held_elsewhere'
  | 'failed'
  | 'stopped';

/** The furthest that a session has come is where the client is. */
const BY_PROGRESS: readonly KisSessionState[] = [
  'stopped',
  'streaming',
  'registering',
  'connecting',
  'approving',
  'waiting',
  'held_elsewhere',
  'idle',
  'failed',
];

export interface KisSessionStatus {
  readonly session: string;
  /** The end of the app key: enough to tell keys apart, and to nobody's use. */
  readonly key: string;
  readonly state: KisSessionState;
  /** Registrations that it should have, that KIS confirmed, and whose fate is open. */
  readonly assigned: number;
  readonly registered: number;
  readonly unconfirmed: number;
  /** Fewer than allowed where KIS took fewer. */
  readonly registrationsMax: number;
  /** The process that has the key, where the state is `held_elsewhere` and it is one of this machine. */
  readonly holderPid: number | undefined;
  /** The reason of the last loss, and the code that ended the session, where there is one. */
  readonly lastLoss: string | undefined;
  readonly failure: string | undefined;
  readonly counts: KisCounts;
}

/**
 * A registration that is not there, and why: `registrations_max` (all sessions are full), `session_down` (they would not
 * be, were all of them there), `tr_not_allowed`, `timeout`, or the code of KIS.
 */
export interface LeftOutRegistration {
  readonly trId: string;
  /** '' for execution notices, whose key is personal. */
  readonly trKey: string;
  readonly reason: string;
}

export interface KisSourceStatus {
  readonly state: KisSessionState;
  readonly registered: number;
  readonly unconfirmed: number;
  readonly leftOut: readonly LeftOutRegistration[];
  readonly lastLoss: string | undefined;
  /** Only once every app key has failed. */
  readonly failure: string | undefined;
  readonly counts: KisCounts;
  readonly sessions: readonly KisSessionStatus[];
}

export interface KisCounts {
  readonly connects: number;
  readonly losses: number;
  readonly frames: number;
  readonly notices: number;
  readonly pings: number;
  /** Control messages that were not understood; they are dropped, for they may hold an AES key. */
  readonly controlMalformed: number;
  readonly watchdogTrips: number;
  /** Sessions that had registered everything and delivered nothing. */
  readonly muted: number;
  readonly approvalFailures: number;
  /** Announcements of the feed's clock that went back; time stood still instead. */
  readonly clockBackwards: number;
}

export const NO_COUNTS: KisCounts = {
  connects: 0,
  losses: 0,
  frames: 0,
  notices: 0,
  pings: 0,
  controlMalformed: 0,
  watchdogTrips: 0,
  muted: 0,
  approvalFailures: 0,
  clockBackwards: 0,
};

export function totalState(sessions: readonly KisSessionStatus[]): KisSessionState {
  return BY_PROGRESS.find((state) => sessions.some((session) => session.state === state)) ?? 'idle';
}

export function totalCounts(sessions: readonly KisSessionStatus[]): KisCounts {
  const total: { -readonly [name in keyof KisCounts]: number } = { ...NO_COUNTS };
  for (const { counts } of sessions) {
    for (const name of Object.keys(total) as (keyof KisCounts)[]) total[name] += counts[name];
  }
  return total;
}

/** `…0001`, or `…` where the key is so short that its end would say much of it. */
export function keyLabel(appKey: string): string {
  return appKey.length < 16 ? '…' : `…${appKey.slice(-4)}`;
}
