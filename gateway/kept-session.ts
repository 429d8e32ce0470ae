// One client's session in the store: written behind its back, one write at a time, so that neither a slow store nor one
// that is away ever holds the client up. What the store could not do is counted.
import { randomBytes } from 'node:crypto';
import { monotonicUs } from '../engine/clock.ts';
import type { KeptSubscriptions } from './protocol.ts';
import type { SessionStore } from './session-store.ts';
import type { GatewayStats } from './stats.ts';

const TOKEN_BYTES = 24;
const TOUCH_MS = 60_000;

export class KeptSession {
  readonly token = randomBytes(TOKEN_BYTES).toString('base64url');
  private readonly store: SessionStore;
  private readonly stats: GatewayStats;
  private readonly subscriptions: () => KeptSubscriptions;
  private isKept = false;
  private isStale = false;
  private writing: Promise<void> | null = null;
  private writtenUs = monotonicUs();

  constructor(store: SessionStore, stats: GatewayStats, subscriptions: () => KeptSubscriptions) {
    this.store = store;
    this.stats = stats;
    this.subscriptions = subscriptions;
  }

  /** The subscriptions have changed. Resolves once the store has them or has failed. */
  changed(): Promise<void> {
    this.isStale = true;
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
    return this.writing;
  }

  /** Called now and then while the client is there: what failed is tried again, what is kept stays so. */
  beat(): void {
    if (this.isStale) void this.changed();
    else if (this.isKept && monotonicUs() - this.writtenUs > TOUCH_MS * 1000) {
      this.writtenUs = monotonicUs();
      void this.tried(this.store.touch(this.token));
    }
  }

  /** What an earlier connection had subscribed to: null where it is not known. Rejects where the store cannot say. */
  async takeOver(token: string): Promise<KeptSubscriptions | null> {
    try {
      return await this.store.load(token);
    } catch (error) {
      this.stats.sessions.storeFailures += 1;
      throw error;
    }
  }

  /** The earlier connection's session, now that this one has taken it over. */
  async replace(token: string): Promise<void> {
    await this.changed();
    // Not before this one is there: who breaks off in between must find one of them.
    if (!this.isStale && token !== this.token) await this.tried(this.store.forget(token));
  }

  private async write(): Promise<void> {
    while (this.isStale) {
      this.isStale = false;
      this.writtenUs = monotonicUs();
      const subscriptions = this.subscriptions();
      const isEmpty = subscriptions.all.length + subscriptions.latest.length === 0;
      if (isEmpty && !this.isKept) continue;
      this.isKept = !isEmpty;
      const write = isEmpty ? this.store.forget(this.token) : this.store.save(this.token, subscriptions);
      if (await this.tried(write)) continue;
      this.isStale = true;
      return;
    }
  }

  private async tried(asked: Promise<void>): Promise<boolean> {
    try {
      await asked;
      return true;
    } catch {
      this.stats.sessions.storeFailures += 1;
      return false;
    }
  }
}
