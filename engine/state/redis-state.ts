// Redis beside the engine: snapshots that never expire, the latest value of each stream with a time to live, and leases
// of app keys. Redis may go and come back at any time: signals never wait for it, and the state it is in is visible.
import type { Logger } from 'pino';
import type { OutputBatch } from '../messages.ts';
import type { SharedLeases } from '../sources/kis/key-lease.ts';
import { keyLabel } from '../sources/kis/source-status.ts';
import { RedisConnection, type RedisHealth } from './redis-connection.ts';
import { LatestValues, type TimesToLive } from './redis-latest-values.ts';
import { engineKey } from './redis-layout.ts';
import { type LeaseFigures, RedisLease } from './redis-lease.ts';
import { RedisSnapshots } from './redis-snapshots.ts';
import type { RemoteSnapshotStore } from './snapshot-store.ts';

export type { TimesToLive } from './redis-latest-values.ts';

export interface RedisStateOptions {
  readonly url: string;
  /** Stands in every key, with the journal's id behind it: two engines on one Redis keep apart. */
  readonly namespace: string;
  readonly timesToLive: TimesToLive;
  readonly flushMs: number;
  /** How much of the past a recovery derives again: snapshots that are older than that are kept, too. (0) */
  readonly resumeWindowMs?: number;
  readonly log: Logger;
}

/** For status and metrics. */
export interface RedisFigures {
  readonly state: RedisHealth;
  /** Flushes of latest values that failed since the start; their values were kept for the next one. */
  readonly failedFlushes: number;
  readonly valuesWaiting: number;
  readonly valuesWritten: number;
  /** Values that were too old once Redis was there, and messages of streams beyond the bound. */
  readonly valuesExpired: number;
  readonly valuesLeftOut: number;
  readonly leases: readonly LeaseFigures[];
}

export class RedisState implements RemoteSnapshotStore {
  private readonly connection: RedisConnection;
  private readonly options: RedisStateOptions;
  private readonly latest: LatestValues;
  private readonly snapshots: RedisSnapshots;
  private readonly leasesMade: RedisLease[] = [];
  private namespace: string;

  constructor(options: RedisStateOptions) {
    this.options = options;
    this.namespace = options.namespace;
    this.connection = new RedisConnection(options);
    this.latest = new LatestValues({ ...options, connection: this.connection });
    const windowUs = (options.resumeWindowMs ?? 0) * 1000;
    this.snapshots = new RedisSnapshots({ redis: this.connection.redis, key: (name) => this.key(name), windowUs });
  }

  get state(): RedisHealth {
    return this.connection.state;
  }

  get failedFlushes(): number {
    return this.latest.counts.failedFlushes;
  }

  figures(): RedisFigures {
    const { counts, valuesWaiting } = this.latest;
    return {
      state: this.state,
      failedFlushes: counts.failedFlushes,
      valuesWaiting,
      valuesWritten: counts.written,
      valuesExpired: counts.expired,
      valuesLeftOut: counts.leftOut,
      leases: this.leasesMade.map((lease) => lease.figures()),
    };
  }

  /** Waits for the first connection, so that snapshots can be read. Where Redis is not there, it goes on trying. */
  async open(journalId: string): Promise<void> {
    this.namespace = `${this.options.namespace}:${journalId}`;
    this.latest.open(this.namespace);
    await this.connection.open();
  }

  /** Leases of app keys for the KIS client, each of which lives for so long unless it is renewed. */
  leases(lifeMs: number): SharedLeases {
    const { connection } = this;
    const { log } = this.options;
    return (appKey, onLost) => {
      const lease = new RedisLease({ connection, name: appKey, label: keyLabel(appKey), lifeMs, onLost, log });
      this.leasesMade.push(lease);
      return lease;
    };
  }

  /** Notes the last message of each stream of a batch. */
  take(batch: OutputBatch): void {
    this.latest.take(batch);
  }

  /** Writes what is new. One flush at a time: a slow Redis makes values coarser, not the queue longer. */
  flush(): Promise<void> {
    return this.latest.flush();
  }

  save(offset: number, bytes: Buffer): Promise<void> {
    return this.snapshots.save(offset, bytes);
  }

  list(): Promise<number[]> {
    return this.snapshots.list();
  }

  head(offset: number): Promise<Buffer> {
    return this.snapshots.head(offset);
  }

  load(offset: number): Promise<Buffer> {
    return this.snapshots.load(offset);
  }

  remove(offset: number): Promise<void> {
    return this.snapshots.remove(offset);
  }

  /** The end has begun: all that is still asked of Redis gets one deadline together, then it fails. */
  beginEnd(): void {
    this.connection.beginEnd();
  }

  async close(): Promise<void> {
    this.beginEnd();
    await this.latest.close();
    this.connection.close();
  }

  private key(name: string): string {
    return engineKey(this.namespace, name);
  }
}
