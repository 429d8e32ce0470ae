// Snapshots in Redis: they never expire, and the engine's process and the one that makes its snapshots write the same keys.
import type { Redis } from 'ioredis';
import { SNAPSHOT_HEAD_BYTES } from './snapshot.ts';
import { forgetOld, type SnapshotStore } from './snapshot-store.ts';

export interface RedisSnapshotsOptions {
  readonly redis: Redis;
  /** The key of a name in the engine's namespace. */
  readonly key: (name: string) => string;
  /** How much of the past, in engine time, a recovery derives again. */
  readonly windowUs: number;
}

export class RedisSnapshots implements SnapshotStore {
  private readonly options: RedisSnapshotsOptions;

  constructor(options: RedisSnapshotsOptions) {
    this.options = options;
  }

  async save(offset: number, bytes: Buffer): Promise<void> {
    const { redis, key, windowUs } = this.options;
    // Listed first: what is not listed would never be removed, and a snapshot that is not there is passed over.
    await redis.zadd(key('snapshots'), offset, String(offset));
    await redis.set(key(`snapshot:${offset}`), bytes);
    await forgetOld(this, windowUs);
  }

  async list(): Promise<number[]> {
    const { redis, key } = this.options;
    return (await redis.zrevrange(key('snapshots'), 0, -1)).map(Number);
  }

  head(offset: number): Promise<Buffer> {
    const { redis, key } = this.options;
    return redis.getrangeBuffer(key(`snapshot:${offset}`), 0, SNAPSHOT_HEAD_BYTES - 1);
  }

  async load(offset: number): Promise<Buffer> {
    const { redis, key } = this.options;
    const bytes = await redis.getBuffer(key(`snapshot:${offset}`));
    if (bytes === null) throw new Error(`redis has no snapshot ${offset}`);
    return bytes;
  }

  async remove(offset: number): Promise<void> {
    const { redis, key } = this.options;
    await redis.del(key(`snapshot:${offset}`));
    await redis.zrem(key('snapshots'), String(offset));
  }
}
