// The feed of a run: one KIS client, the same for live, paper and emulator; keys, addresses, limits and the clock differ.
import type { Logger } from 'pino';
import { type CalendarOverrides, NO_OVERRIDES } from '../config/calendar.ts';
import type { KisKey } from '../config/kis-account.ts';
import type { Config } from '../config/schema.ts';
import { sessionAt } from '../config/sessions.ts';
import { FeedClock, hostClock, hostTimeUs } from './clock.ts';
import { registrations, rules } from './configuration.ts';
import { decodeNotices } from './decode/notices.ts';
import type { NoticeRecord } from './decode/records.ts';
import type { EmulatorProcess } from './emulator/emulator-process.ts';
import type { Feed } from './engine.ts';
import type { NoticeVault } from './governance/notice-vault.ts';
import { KisSource } from './sources/kis/source.ts';
import type { KisNotice, KisSourceOptions } from './sources/kis/source-options.ts';
import { PAPER_TR_IDS } from './sources/kis/tr-ids.ts';
import type { RedisState } from './state/redis-state.ts';

/** The emulator is not blocked by anyone in a hurry. */
const EMULATOR_REGISTRATIONS_PER_SECOND = 1000;

export interface KisFeed extends Feed {
  readonly kis: KisSource;
  /**
   * Execution notices received, those of accounts that are not kept, and those that could not be: not readable, or the
   * disk is full.
   */
  readonly notices: { received: number; stored: number; foreign: number; failed: number };
}

export interface KisFeedOptions {
  readonly config: Config;
  /** A session each; the emulator takes any. */
  readonly keys: readonly KisKey[];
  /** The running emulator, where the source is one. */
  readonly emulator: EmulatorProcess | null;
  /** Where clients on several machines agree on who has an app key; null: KIS alone says so. */
  readonly redis?: RedisState | null;
  readonly vault: NoticeVault | null;
  readonly log: Logger;
  /** KIS has refused every key for good. */
  readonly onFailed: (code: string) => void;
  /** A notice of the account that is kept, decrypted: for its positions. */
  readonly onNotice?: (record: NoticeRecord) => void;
  /** What KIS says of single days, as far as it is known: on a holiday no data are expected. (our own calendar) */
  readonly calendar?: () => CalendarOverrides;
}

export function openKisFeed(parts: KisFeedOptions): KisFeed {
  const { config, keys, emulator, redis = null, vault, log, onFailed, onNotice, calendar = () => NO_OVERRIDES } = parts;
  const { env, kis: account } = config.source;
  const { restUrl, webSocketUrl, accountNo, customerType, requestTimeoutMs, watchdogMs } = account;
  const { registrationsMax, registrationsPerSecond, registrationTimeoutMs, registrationAttemptsMax } = account;
  const { backoffFirstMs, backoffMaxMs, keyInUseWaitMs } = account;
  const feedClock = emulator === null ? null : new FeedClock();
  const notices = { received: 0, stored: 0, foreign: 0, failed: 0 };
  const clock = feedClock ?? hostClock;
  const options: KisSourceOptions = {
    keys,
    restUrl: emulator?.restUrl ?? restUrl!,
    webSocketUrl: emulator?.webSocketUrl ?? webSocketUrl!,
    customerType,
    requestTimeoutMs,
    watchdogMs,
    registrationTimeoutMs,
    registrationAttemptsMax,
    backoffFirstMs,
    backoffMaxMs,
    keyInUseWaitMs,
    logger: log,
    onFailed,
    onNotice: (notice) => keepNotice(notice, { vault, accountNo, counts: notices, log, onNotice }),
    expectsData: () => sessionAt(clock.nowUs(), config.universe.venue, calendar()) === 'continuous',
    ...(rules(config) === 'paper' ? { trIdsAllowed: PAPER_TR_IDS } : {}),
    ...(feedClock === null
      ? {
          clock: hostClock,
          registrationsMax,
          registrationsPerSecond,
          ...(redis && { sharedLeases: redis.leases(config.state.leaseMs) }),
        }
      : {
          feedClock,
          registrationsMax: config.emulator.registrationsMax,
          registrationsPerSecond: EMULATOR_REGISTRATIONS_PER_SECOND,
          // Its keys are made up, and each run has an emulator of its own.
          leaseFolder: null,
        }),
  };
  const kis = new KisSource(options);
  kis.want(registrations(config));
  return {
    source: env === 'emulator' ? (emulator?.source ?? 'simulated') : env,
    identity: emulator?.identity ?? env,
    clock: kis.clock,
    clockReady: () => feedClock?.announced ?? true,
    startTimeUs: emulator?.startTimeUs ?? hostTimeUs(),
    batches: [kis.batches],
    kis,
    notices,
  };
}

interface NoticeKeeping {
  readonly vault: NoticeVault | null;
  readonly accountNo: string | null;
  readonly counts: KisFeed['notices'];
  readonly log: Logger;
  readonly onNotice: KisFeedOptions['onNotice'];
}

/** Personal data: into the vault, encrypted for its account, or nowhere. Logs name the count and nothing else. */
function keepNotice(notice: KisNotice, { vault, accountNo, counts, log, onNotice }: NoticeKeeping): void {
  counts.received += 1;
  const decoded = decodeNotices(notice.frame, notice.aes ?? null);
  if (!decoded.ok) {
    counts.failed += 1;
    log.warn({ reason: decoded.reason, failed: counts.failed }, 'an execution notice could not be read');
    return;
  }
  for (const record of decoded.records) {
    if (!isOf(record.accountNumber, accountNo)) {
      counts.foreign += 1;
      continue;
    }
    onNotice?.(record);
    if (vault === null) continue;
    try {
      vault.append(record.accountNumber, notice.engineTimeUs, Buffer.from(JSON.stringify(record)));
      counts.stored += 1;
    } catch (error) {
      counts.failed += 1;
      log.warn({ code: (error as NodeJS.ErrnoException).code, failed: counts.failed }, 'a notice could not be stored');
    }
  }
}

/** Notices come for all accounts of an HTS id. An account is named with its product (`12345678-01`) or without. */
function isOf(accountNumber: string, accountNo: string | null): boolean {
  return accountNo === null || accountNumber.startsWith(accountNo.replaceAll('-', ''));
}
