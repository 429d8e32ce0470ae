// The one connection to Redis, and what it is good for at present. Nothing waits in a queue of it: a command that cannot
// be sent fails at once, one that is not answered fails after a while, and the connection is then made anew.
import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/**
 * `redis_unavailable`: not there, or it does not answer. `redis_full`: it takes no more (`maxmemory` without eviction, or
 * its disk is full). `redis_read_only`: another server has taken its place, and this one follows that.
 */
export type RedisHealth = 'redis' | 'redis_unavailable' | 'redis_full' | 'redis_read_only';

export interface RedisConnectionOptions {
  readonly url: string;
  readonly log: Logger;
}

const COMMAND_TIMEOUT_MS = 2_000;
const CONNECT_TIMEOUT_MS = 2_000;
const RECONNECT_MS_MAX = 2_000;
/** All that a stop may still want of Redis, together. */
const END_MS = 700;
/** How long a Redis that is gone may leave the connection's end unanswered. */
const DISCONNECT_MS = 100;

const SAID: Record<Exclude<RedisHealth, 'redis'>, string> = {
  redis_unavailable: 'redis_unavailable: signals go on, latest values wait',
  redis_full: 'redis_full: it takes no more; signals go on, latest values wait',
  redis_read_only: 'redis_read_only: another server has taken its place and is looked for; signals go on',
};

export class RedisConnection {
  readonly redis: Redis;
  private readonly log: Logger;
  private readonly readyListeners: (() => void)[] = [];
  /** What the last write met. */
  private problem: Exclude<RedisHealth, 'redis'> | null = null;
  /** We have left a server that only reads; whoever has taken its place answers at the same address. */
  private moving = false;
  private said: RedisHealth | null = null;
  private deadline: NodeJS.Timeout | undefined;

  constructor({ url, log }: RedisConnectionOptions) {
    this.log = log;
    this.redis = new Redis(url, {
      // Commands fail at once while Redis is away, instead of piling up in a queue or being sent a second time.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_MS,
      retryStrategy: (attempt) => Math.min(100 * attempt, RECONNECT_MS_MAX),
      lazyConnect: true,
    });
    this.redis.on('ready', () => {
      this.moving = false;
      // Whether it is still full, or reads only, the next write tells.
      if (this.problem === 'redis_unavailable') this.problem = null;
      this.say();
      for (const listener of this.readyListeners) listener();
    });
    this.redis.on('close', () => {
      if (!this.moving) this.problem = null;
      if (this.said !== null) this.say();
    });
    // ioredis reports each refused attempt; `close` has said it already. Without a listener it would end the process.
    this.redis.on('error', () => {
      this.moving = false;
    });
  }

  get ready(): boolean {
    return this.redis.status === 'ready';
  }

  get state(): RedisHealth {
    if (this.ready) return this.problem ?? 'redis';
    return this.moving ? 'redis_read_only' : 'redis_unavailable';
  }

  /** Waits for the first connection. Where Redis is not there, says so and goes on trying. */
  async open(): Promise<void> {
    try {
      await this.redis.connect();
    } catch {
      this.log.warn('redis_unavailable: starting without it');
      this.said = 'redis_unavailable';
    }
  }

  /** Each time that Redis has come, or come back. */
  onReady(listener: () => void): void {
    this.readyListeners.push(listener);
  }

  /** Redis took a write. */
  noteWritten(): void {
    this.problem = null;
    this.say();
  }

  /** Redis answered with an error, or not at all. */
  noteFailure(error: Error): void {
    if (!this.ready) return;
    const { message } = error;
    if (/\bREADONLY\b/.test(message)) {
      this.problem = 'redis_read_only';
      this.moving = true;
      this.say(error);
      this.redis.disconnect(true);
    } else if (/\b(OOM|MISCONF)\b/.test(message)) {
      this.problem = 'redis_full';
      this.say(error);
    } else {
      this.problem = 'redis_unavailable';
      this.say(error);
      // Whatever comes on it now would be taken for the answer to nothing.
      if (message === 'Command timed out') this.redis.disconnect(true);
    }
  }

  /** The end has begun: all that is still asked of Redis gets one deadline together, then it fails. */
  beginEnd(): void {
    this.deadline ??= setTimeout(() => this.redis.disconnect(), END_MS);
  }

  close(): void {
    this.beginEnd();
    clearTimeout(this.deadline);
    this.redis.disconnect();
  }

  /** Each change of state once. */
  private say(err?: Error): void {
    const { state } = this;
    if (state === this.said || this.deadline !== undefined) return;
    if (state !== 'redis') this.log.warn({ err }, SAID[state]);
    else this.log.info(this.said === null ? 'redis connected' : 'redis is back');
    this.said = state;
  }
}
