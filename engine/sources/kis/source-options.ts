// The public types of the KIS client: what it is told, what it tells. Live, paper and emulator differ in these alone.
import type { Logger } from 'pino';
import { type Clock, type FeedClock, hostClock } from '../../clock.ts';
import { systemTimers, type Timers } from './timers.ts';

/** One registration: a TR and its key (a stock's code, an index's, or the HTS id for execution notices). */
export interface KisRegistration {
  readonly trId: string;
  readonly trKey: string;
}

export interface KisSourceOptions {
  /** Names the session in inputs, status and logs. */
  readonly session: string;
  /** `https://openapi.koreainvestment.com:9443` or the emulator's, without a path. */
  readonly restUrl: string;
  /** `ws://ops.koreainvestment.com:21000` or the emulator's; KIS ignores the path. */
  readonly webSocketUrl: string;
  readonly appKey: string;
  readonly appSecret: string;
  /** P personal (the default), B corporate. */
  readonly customerType?: 'P' | 'B';
  /** In order of importance: what exceeds the limit is left out from the end. */
  readonly registrations: readonly KisRegistration[];
  /** TRs the server offers; all where it is not given (paper: `PAPER_TR_IDS`). */
  readonly trIdsAllowed?: ReadonlySet<string>;
  /** Registrations of one session over all TRs; KIS allows 41 (the default). */
  readonly registrationsMax?: number;
  /** Default 10; KIS names no limit, but a new app key lost most of 20 a second. */
  readonly registrationsPerSecond?: number;
  /** How long an acknowledgement may take, milliseconds (default 5,000), and how often one registration is sent (3). */
  readonly registrationTimeoutMs?: number;
  readonly registrationAttemptsMax?: number;
  /** Approval keys live for 24 h; one older than this is replaced before it is used (default 23 h). */
  readonly approvalKeyMaxAgeMs?: number;
  /** Approval keys refused one after another before the client gives up (default 5): KIS blocks who hammers. */
  readonly approvalKeysRefusedMax?: number;
  readonly requestTimeoutMs?: number;
  /** A session that delivers nothing at all, not even PINGPONG, for this long is dead (default 90,000 ms). */
  readonly watchdogMs?: number;
  /** Ceiling of the first and of the longest wait before a new attempt (default 1,000 and 30,000 ms). */
  readonly backoffFirstMs?: number;
  readonly backoffMaxMs?: number;
  /** The wait after OPSP8996 lies between this and its double (default 30,000 ms). */
  readonly keyInUseWaitMs?: number;
  /** Where `engineTimeUs` comes from. Give `feedClock` instead for an emulated feed: the client then announces to it. */
  readonly clock?: Clock;
  readonly feedClock?: FeedClock;
  readonly timers?: Timers;
  /** Uniform in [0, 1); for jitter only. */
  readonly random?: () => number;
  readonly logger: Logger;
  /** Execution notices, still encrypted: personal, and never part of a batch. */
  readonly onNotice?: (notice: KisNotice) => void;
  /** The client has stopped for good; `status().failure` says the code. */
  readonly onFailed?: (code: string) => void;
}

export const KIS_SOURCE_DEFAULTS = {
  customerType: 'P',
  registrationsMax: 41,
  registrationsPerSecond: 10,
  registrationTimeoutMs: 5_000,
  registrationAttemptsMax: 3,
  approvalKeyMaxAgeMs: 23 * 3_600_000,
  approvalKeysRefusedMax: 5,
  requestTimeoutMs: 10_000,
  watchdogMs: 90_000,
  backoffFirstMs: 1_000,
  backoffMaxMs: 30_000,
  keyInUseWaitMs: 30_000,
  clock: hostClock,
  timers: systemTimers,
  random: Math.random,
} as const satisfies Partial<Record<keyof KisSourceOptions, unknown>>;

export type CompleteKisSourceOptions = KisSourceOptions &
  Required<Omit<KisSourceOptions, 'trIdsAllowed' | 'feedClock' | 'onNotice' | 'onFailed'>>;

/** An execution notice as it came, with the AES pair of its acknowledgement. Not to be logged. */
export interface KisNotice {
  readonly trId: string;
  readonly receivedUs: number;
  readonly engineTimeUs: number;
  /** The whole frame, as it came off the wire. */
  readonly frame: Uint8Array;
  readonly aes: { readonly key: string; readonly iv: string } | undefined;
}

export type KisSourceState =
  | 'idle'
  | 'approving'
  | 'connecting'
  | 'registering'
  | 'streaming'
  | 'waiting'
  | 'failed'
  | 'stopped';

/** A registration that is not sent, and why: `registrations_max`, `tr_not_allowed`, `timeout`, or the code of KIS. */
export interface LeftOutRegistration {
  readonly trId: string;
  /** '' for execution notices, whose key is personal. */
  readonly trKey: string;
  readonly reason: string;
}

export interface KisSourceStatus {
  readonly session: string;
  readonly state: KisSourceState;
  readonly registered: number;
  readonly unconfirmed: number;
  readonly leftOut: readonly LeftOutRegistration[];
  /** The reason of the last loss, and the code that ended the client, where there is one. */
  readonly lastLoss: string | undefined;
  readonly failure: string | undefined;
  readonly counts: KisSourceCounts;
}

export interface KisSourceCounts {
  readonly connects: number;
  readonly losses: number;
  readonly frames: number;
  readonly notices: number;
  readonly pings: number;
  /** Control messages that were not understood; they are dropped, for they may hold an AES key. */
  readonly controlMalformed: number;
  readonly watchdogTrips: number;
  readonly approvalFailures: number;
  /** Announcements of the feed's clock that went back; time stood still instead. */
  readonly clockBackwards: number;
}

export const NO_COUNTS: KisSourceCounts = {
  connects: 0,
  losses: 0,
  frames: 0,
  notices: 0,
  pings: 0,
  controlMalformed: 0,
  watchdogTrips: 0,
  approvalFailures: 0,
  clockBackwards: 0,
};
