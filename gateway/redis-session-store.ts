// Sessions in Redis, shared by all gateways of a namespace. Without Redis clients are served as ever: what cannot be
// kept is counted, and who comes back then subscribes anew.
import { createHash } from 'node:crypto';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { KeptSubscriptions } from './protocol.ts';
import { SESSION_TTL_MS, type SessionStore } from './session-store.ts';

export interface RedisSessionStoreOptions {
  readonly url: string;
  /** Stands in every key: gateways share sessions where it is the same. */
  readonly namespace: string;
  /** Life of a session that nobody touches. Default five minutes. */
  readonly ttlMs?: number;
  readonly log: Logger;
}

const COMMAND_TIMEOUT_MS = 1_000;
const RECONNECT_MS_MAX = 2_000;
const DISCONNECT_MS = 100;

const patterns = z.array(z.string().max(200)).max(65_536);
const kept = z.strictObject({ all: patterns, latest: patterns });

export class RedisSessionStore implements SessionStore {
  private readonly redis: Redis;
  private readonly namespace: string;
  private readonly ttlMs: number;
  private wasReady = false;
  private isClosed = false;

  constructor({ url, namespace, ttlMs = SESSION_TTL_MS, log }: RedisSessionStoreOptions) {
    this.namespace = namespace;
    this.ttlMs = ttlMs;
    this.redis = new Redis(url, {
      // Commands fail at once while Redis is away, instead of piling up in a queue.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_MS,
      retryStrategy: (attempt) => Math.min(100 * attempt, RECONNECT_MS_MAX),
      lazyConnect: true,
    });
    this.redis.on('ready', () => {
      this.wasReady = true;
    });
    this.redis.on('close', () => {
      if (this.wasReady && !this.isClosed) log.warn('redis_unavailable: sessions are not kept');
      this.wasReady = false;
    });
    // ioredis reports each refused attempt; `close` has said it already. Without a listener it would end the process.
    this.redis.on('error', () => {});
  }

  get state(): 'redis' | 'redis_unavailable' {
    return this.redis.status === 'ready' ? 'redis' : 'redis_unavailable';
  }

  /** Waits for the first attempt to connect. Where Redis is not there, it goes on trying. */
  async open(): Promise<void> {
    await this.redis.connect().catch(() => {});
  }

  async save(token: string, subscriptions: KeptSubscriptions): Promise<void> {
    await this.redis.set(this.key(token), JSON.stringify(subscriptions), 'PX', this.ttlMs);
  }

  async touch(token: string): Promise<void> {
    await this.redis.pexpire(this.key(token), this.ttlMs);
  }

  async load(token: string): Promise<KeptSubscriptions | null> {
    const text = await this.redis.get(this.key(token));
    if (text === null) return null;
    const parsed = kept.safeParse(parseJson(text));
    // Of another version, or not ours: as good as none.
    return parsed.success ? parsed.data : null;
  }

  async forget(token: string): Promise<void> {
    await this.redis.del(this.key(token));
  }

  close(): void {
    this.isClosed = true;
    this.redis.disconnect();
  }

  /** Hashed: who reads Redis learns nobody's token. */
  private key(token: string): string {
    return `kisignal:{${this.namespace}}:session:${createHash('sha256').update(token).digest('base64url')}`;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
