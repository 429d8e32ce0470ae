// Keeps positions true: a balance at the start and every few minutes, fills in between. A balance that was under way
// while a fill came may or may not hold it, so another one follows at once.
import type { Logger } from 'pino';
import type { NoticeRecord } from '../decode/records.ts';
import type { AccountBalance } from '../sources/kis/rest/balance.ts';
import { KisRestError } from '../sources/kis/rest/kis-rest-error.ts';
import { type Cancel, systemTimers, type Timers } from '../sources/kis/timers.ts';
import { Positions } from './positions.ts';

export interface PositionKeeperOptions {
  readonly accountNumber: string;
  /** `accountBalance` of a client. */
  readonly balance: (accountNumber: string) => Promise<AccountBalance>;
  /** Between two balances (default 5 minutes). */
  readonly everyMs?: number;
  readonly logger: Logger;
  readonly timers?: Timers;
}

/** Fills may come without end; a balance that they keep overtaking is still better than none. */
const OVERTAKEN_MAX = 3;
const OVERTAKEN_WAIT_MS = 1000;

export class PositionKeeper {
  readonly positions: Positions;
  /** By code. */
  readonly failures: Record<string, number> = {};
  balances = 0;
  private readonly options: PositionKeeperOptions;
  private readonly timers: Timers;
  private cancel: Cancel = () => {};
  private asking: Promise<void> | null = null;
  private overtaken = 0;
  private stopped = false;

  constructor(options: PositionKeeperOptions) {
    this.options = options;
    this.timers = options.timers ?? systemTimers;
    this.positions = new Positions(options.accountNumber);
  }

  start(): void {
    this.ask();
  }

  notice(record: NoticeRecord): void {
    const { positions } = this;
    const { contradictions } = positions;
    positions.notice(record);
    if (positions.contradictions > contradictions && positions.known) this.askIn(OVERTAKEN_WAIT_MS);
  }

  /** Resolves when the balance under way has ended: close the client first. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancel();
    await this.asking;
  }

  private ask(): void {
    if (this.stopped || this.asking !== null) return;
    this.asking = this.refresh().then((nextMs) => {
      this.asking = null;
      this.askIn(nextMs);
    });
  }

  private askIn(delayMs: number): void {
    this.cancel();
    if (!this.stopped) this.cancel = this.timers.after(delayMs, () => this.ask());
  }

  /** The wait until the next one. */
  private async refresh(): Promise<number> {
    const { accountNumber, balance, everyMs = 300_000, logger } = this.options;
    const { fills } = this.positions;
    try {
      const found = await balance(accountNumber);
      this.positions.balance(found);
      this.balances += 1;
    } catch (error) {
      if (!(error instanceof KisRestError)) throw error;
      const first = this.failures[error.code] === undefined;
      this.failures[error.code] = (this.failures[error.code] ?? 0) + 1;
      // The code alone: KIS's own words about an account stay out of the log.
      if (!this.stopped) logger[first ? 'warn' : 'debug']({ code: error.code }, 'the balance could not be had');
      return everyMs;
    }
    const overtook = this.positions.fills > fills && this.overtaken < OVERTAKEN_MAX;
    this.overtaken = overtook ? this.overtaken + 1 : 0;
    return overtook ? OVERTAKEN_WAIT_MS : everyMs;
  }
}
