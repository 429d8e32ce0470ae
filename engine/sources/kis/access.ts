// What a session needs before it may connect: the app key for itself on this machine, and an approval key.
import type { Logger } from 'pino';
import { ApprovalKeys } from './approval-keys.ts';
import { KeyLease } from './key-lease.ts';
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
  readonly timers: Timers;
  readonly logger: Logger;
}

export class Access {
  approvalKey = '';
  /** The process that has the app key, where another has. */
  holderPid: number | undefined;

  private readonly options: AccessOptions;
  private readonly approvalKeys: ApprovalKeys;
  private readonly lease: KeyLease;
  /** Since the last data frame. */
  private refused = 0;

  constructor(options: AccessOptions) {
    this.options = options;
    const { session, key, logger, leaseFolder, approvalKeyMaxAgeMs } = options;
    this.approvalKeys = new ApprovalKeys({ ...options, ...key, maxAgeMs: approvalKeyMaxAgeMs });
    this.lease = new KeyLease({
      folder: leaseFolder,
      appKey: key.appKey,
      onUnguarded: (code) => logger.warn({ session, code }, 'the app key cannot be marked as in use on this machine'),
    });
  }

  /** Takes the app key for this process; false where another living one on this machine has it. */
  claim(): boolean {
    const { session, logger } = this.options;
    const holderPid = this.lease.take() ?? undefined;
    if (holderPid !== undefined && holderPid !== this.holderPid)
      logger.warn(
        { session, holderPid },
        'another process on this machine uses the app key; this session waits for it',
      );
    this.holderPid = holderPid;
    return holderPid === undefined;
  }

  /** Throws an ApprovalError. */
  async approve(): Promise<void> {
    this.approvalKey = await this.approvalKeys.current();
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

  release(): void {
    this.lease.release();
  }
}
