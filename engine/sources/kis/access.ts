// What a session needs before it may connect: the app key for itself, and an approval key.
import type { Logger } from 'pino';
import { ApprovalError, ApprovalKeys } from './approval-keys.ts';
import { type KeyHolder, KeyLease, type SharedLeases } from './key-lease.ts';
import type { KisKey } from './source-options.ts';
import type { Timers } from './timers.ts';

export interface AccessOptions {
  readonly session: string;
  readonly key: KisKey;
  readonly restUrl: string;
  readonly requestTimeoutMs: number;
  readonly approvalKeyMaxAgeMs: number;
  readonly approvalKeysRefusedMax: number;
  readonly leaseFolder: string | null;
  readonly sharedLeases?: SharedLeases;
  readonly timers: Timers;
  readonly logger: Logger;
}

export class Access {
  approvalKey = '';
  /** Who has the app key, where another has. */
  holder: KeyHolder | null = null;

  private readonly options: AccessOptions;
  private readonly approvalKeys: ApprovalKeys;
  private readonly lease: KeyLease;
  /** Since the last data frame. */
  private refused = 0;

  /** @param onLost the app key was ours, and another machine has it now */
  constructor(options: AccessOptions, onLost: () => void) {
    this.options = options;
    const { session, key, logger, leaseFolder, sharedLeases, approvalKeyMaxAgeMs } = options;
    this.approvalKeys = new ApprovalKeys({ ...options, ...key, maxAgeMs: approvalKeyMaxAgeMs });
    this.lease = new KeyLease({
      folder: leaseFolder,
      shared: sharedLeases,
      appKey: key.appKey,
      onUnguarded: (code) => logger.warn({ session, code }, 'the app key cannot be marked as in use on this machine'),
      onLost,
    });
  }

  /** Takes the app key for this process; false where another has it. */
  async claim(): Promise<boolean> {
    const { session, logger } = this.options;
    const holder = await this.lease.take();
    if (holder !== null && (this.holder === null || holder.pid !== this.holder.pid)) {
      const where = holder.pid === undefined ? 'on another machine' : 'on this machine';
      logger.warn(
        { session, holderPid: holder.pid },
        `another process ${where} uses the app key; this session waits for it`,
      );
    }
    this.holder = holder;
    return holder === null;
  }

  /** Throws an ApprovalError. */
  async approve(): Promise<void> {
    this.approvalKey = await this.approvalKeys.current();
    if (!this.lease.held) throw new ApprovalError('key_lost');
  }

  /** The next approval is a new one. */
  renew(): void {
    this.approvalKeys.discard();
  }

  /** KIS does not know the approval key. False where it has refused so many in a row that there is no use in more. */
  refuse(): boolean {
    this.renew();
    this.refused += 1;
    return this.refused < this.options.approvalKeysRefusedMax;
  }

  /** The approval key delivers. */
  prove(): void {
    this.refused = 0;
  }

  release(): Promise<void> {
    return this.lease.release();
  }
}
