// The public types of the KIS client: what it is told, what it tells. Live, paper and emulator differ in these alone.
import type { Logger } from 'pino';
import { type Clock, type FeedClock, hostClock } from '../../clock.ts';
import { defaultLeaseFolder, type SharedLeases } from './key-lease.ts';
import { systemTimers, type Timers } from './timers.ts';

export type { KisRegistration, WantedRegistration } from './registration.ts';

/** One pair of credentials; KIS allows one session with it at a time. */
export interface KisKey {
  readonly appKey: string;
  readonly appSecret: string;
}

export interface KisSourceOptions {
  /** A session each, in the order of use. Execution notices belong to the first. */
  readonly keys: readonly KisKey[];
  /** `https://openapi.koreainvestment.com:9443` or the emulator's, without a path. */
  readonly restUrl: string;
  /** `ws://ops.koreainvestment.com:21000` or the emulator's; KIS ignores the path. */
  readonly webSocketUrl: string;
  /** P personal (the default), B corporate. */
  readonly customerType?: 'P' | 'B';
  /** TRs the server offers; all where it is not given (paper: `PAPER_TR_IDS`). */
  readonly trIdsAllowed?: ReadonlySet<string>;
  /** Registrations of one session over all TRs; KIS allows 41 (the default). */
  readonly registrationsMax?: number;
  /** Of one session. Default 10; KIS names no limit, but a new app key lost most of 20 a second. */
  readonly registrationsPerSecond?: number;
  /** Of all sessions together; by default each keeps its own pace only. */
  readonly registrationsPerSecondTotal?: number;
  /** Of one session (default 60); more wait. KIS blocks who registers and unregisters without end. */
  readonly unregistrationsPerMinute?: number;
  /** How long an acknowledgement may take, milliseconds (default 5,000), and how often one registration is sent (3). */
  readonly registrationTimeoutMs?: number;
  readonly registrationAttemptsMax?: number;
  /** Approval keys live for 24 h; one older than this is replaced before it is used (default 23 h). */
  readonly approvalKeyMaxAgeMs?: number;
  /** Approval keys refused one after another before the app key is given up (default 5): KIS blocks who hammers. */
  readonly approvalKeysRefusedMax?: number;
  readonly requestTimeoutMs?: number;
  /** A session that delivers nothing at all, not even PINGPONG, for this long is dead (default 90,000 ms). */
  readonly watchdogMs?: number;
  /** Ceiling of the first and of the longest wait before a new attempt (default 1,000 and 30,000 ms). */
  readonly backoffFirstMs?: number;
  readonly backoffMaxMs?: number;
  /** A session that has lasted so long and delivers ends the growing of the waits (default 10,000 ms). */
  readonly steadyMs?: number;
  /** The wait after OPSP8996 lies between this and its double (default 30,000 ms). */
  readonly keyInUseWaitMs?: number;
  /** A session that is away for longer gives its registrations to others (default 30,000 ms). */
  readonly downMsMax?: number;
  /** Whether data must be coming now; by default they never must, and mute sessions are not looked for. */
  readonly expectsData?: () => boolean;
  /** A session silent for so long is mute, where another delivers (60,000 ms) and where none does (300,000 ms). */
  readonly muteMs?: number;
  readonly muteAloneMs?: number;
  /** New approval keys for a mute session in a row (default 3), and how long it then rests (600,000 ms). */
  readonly muteReconnectsMax?: number;
  readonly muteRestMs?: number;
  /** Where app keys in use on this machine are marked; null: nowhere. Default: a folder of the user's own. */
  readonly leaseFolder?: string | null;
  /** Leases of app keys that other machines know as well; by default there are none, and KIS alone refuses them. */
  readonly sharedLeases?: SharedLeases;
  /** How often to look whether another process has let go of a key (default 5,000 ms). */
  readonly leaseCheckMs?: number;
  /** Where `engineTimeUs` comes from. Give `feedClock` instead for an emulated feed: the client then announces to it. */
  readonly clock?: Clock;
  readonly feedClock?: FeedClock;
  readonly timers?: Timers;
  /** Uniform in [0, 1); for jitter only. */
  readonly random?: () => number;
  readonly logger: Logger;
  /** Execution notices, still encrypted: personal, and never part of a batch. */
  readonly onNotice?: (notice: KisNotice) => void;
  /** KIS has refused every app key for good; `status().failure` says the code of the last. */
  readonly onFailed?: (code: string) => void;
}

export const KIS_SOURCE_DEFAULTS = {
  customerType: 'P',
  registrationsMax: 41,
  registrationsPerSecond: 10,
  unregistrationsPerMinute: 60,
  registrationTimeoutMs: 5_000,
  registrationAttemptsMax: 3,
  approvalKeyMaxAgeMs: 23 * 3_600_000,
  approvalKeysRefusedMax: 5,
  requestTimeoutMs: 10_000,
  watchdogMs: 90_000,
  backoffFirstMs: 1_000,
  backoffMaxMs: 30_000,
  steadyMs: 10_000,
  keyInUseWaitMs: 30_000,
  downMsMax: 30_000,
  expectsData: () => false,
  muteMs: 60_000,
  muteAloneMs: 300_000,
  muteReconnectsMax: 3,
  muteRestMs: 600_000,
  leaseFolder: defaultLeaseFolder(),
  leaseCheckMs: 5_000,
  clock: hostClock,
  timers: systemTimers,
  random: Math.random,
} as const satisfies Partial<Record<keyof KisSourceOptions, unknown>>;

export type CompleteKisSourceOptions = KisSourceOptions &
  Required<
    Omit<
      KisSourceOptions,
      'trIdsAllowed' | 'registrationsPerSecondTotal' | 'feedClock' | 'sharedLeases' | 'onNotice' | 'onFailed'
    >
  >;

/** An execution notice as it came, with the AES pair of its acknowledgement. Not to be logged. */
export interface KisNotice {
  readonly trId: string;
  readonly receivedUs: number;
  readonly engineTimeUs: number;
  /** The whole frame, as it came off the wire. */
  readonly frame: Uint8Array;
  readonly aes: { readonly key: string; readonly iv: string } | undefined;
}
