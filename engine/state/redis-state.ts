// Redis beside the engine: snapshots that never expire, and the latest values of each stream with a time to live. Redis
// may go and come back at any time: signals never wait for it, values written meanwhile are conflated to the latest of
// each key, and the state it is in is visible.
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Channel, OutputBatch } from '../messages.ts';
import { type RemoteSnapshotStore, SNAPSHOTS_KEPT } from './snapshot-store.ts';

export interface TimesToLive {
  /** Seconds: bars; indicators; ticks, books, predictions and signals; quality scores. */
  readonly ohlcvSeconds: number;
  readonly indicatorsSeconds: number;
  readonly realtimeSeconds: number;
  readonly qualitySeconds: number;
}

export interface RedisStateOptions {
  readonly url: string;
  /** Stands in every key, with the journal's id behind it: two engines on one Redis keep apart. */
  readonly namespace: string;
  readonly timesToLive: TimesToLive;
  readonly flushMs: number;
  readonly log: Logger;
}

const COMMAND_TIMEOUT_MS = 2_000;
const RECONNECT_MS_MAX = 2_000;
/** All that a stop may still want of Redis, together. */
const END_MS = 700;
/** How long a Redis that is gone may leave the connection's end unanswered. */
const DISCONNECT_MS = 100;

type TimeToLiveName = keyof TimesToLive;
const LATEST: Partial<Record<Channel, TimeToLiveName>> = {
  ticks: 'realtimeSeconds',
  books: 'realtimeSeconds',
  predictions: 'realtimeSeconds',
  signals: 'realtimeSeconds',
  scores: 'qualitySeconds',
  bars: 'ohlcvSeconds',
  indicators: 'indicatorsSeconds',
};

export class RedisState implements RemoteSnapshotStore {
  /** Flushes that failed since the start; their values were kept for the next one. */
  failedFlushes = 0;
  private readonly redis: Redis;
  private readonly options: RedisStateOptions;
  /** Latest message of each stream that is not written yet: bounded by the number of streams. */
  private dirty = new Map<string, { readonly channel: Channel; readonly message: object }>();
  private readonly timer: NodeJS.Timeout;
  private flushing: Promise<void> | null = null;
  private wasReady = false;
  private namespace: string;
  private deadline: NodeJS.Timeout | undefined;

  constructor(options: RedisStateOptions) {
    this.options = options;
    this.namespace = options.namespace;
    this.redis = new Redis(options.url, {
      // Commands fail at once while Redis is away, instead of piling up in a queue.
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_MS,
      retryStrategy: (attempt) => Math.min(100 * attempt, RECONNECT_MS_MAX),
      lazyConnect: true,
    });
    this.redis.on('ready', () => {
      options.log.info(this.wasReady ? 'redis is back' : 'redis connected');
      this.wasReady = true;
    });
    this.redis.on('close', () => {
      if (this.wasReady && this.deadline === undefined)
        options.log.warn('redis_unavailable: signals go on, latest values wait');
    });
    // ioredis reports each refused attempt; `close` has said it already. Without a listener it would end the process.
    this.redis.on('error', () => {});
    this.timer = setInterval(() => void this.flush(), options.flushMs);
  }

  get state(): 'redis' | 'redis_unavailable' {
    return this.redis.status === 'ready' ? 'redis' : 'redis_unavailable';
  }

  /** Waits for the first connection, so that snapshots can be read. Where Redis is not there, it goes on trying. */
  async open(journalId: string): Promise<void> {
    this.namespace = `${this.options.namespace}:${journalId}`;
    try {
      await this.redis.connect();
    } catch {
      this.options.log.warn('redis_unavailable: starting without it');
    }
  }

  /** Notes the last message of each stream of a batch. */
  take(batch: OutputBatch): void {
    for (const { stream, messages } of batch.updates) {
      if (LATEST[stream.channel] === undefined) continue;
      this.dirty.set(stream.key, { channel: stream.channel, message: messages[messages.length - 1] });
    }
  }

  /** Writes what is new. One flush at a time: a slow Redis makes values coarser, not the queue longer. */
  flush(): Promise<void> {
    this.flushing ??= this.writeDirty().finally(() => {
      this.flushing = null;
    });
    return this.flushing;
  }

  async save(offset: number, bytes: Buffer): Promise<void> {
    await this.redis.set(this.key(`snapshot:${offset}`), bytes);
    await this.redis.zadd(this.key('snapshots'), offset, String(offset));
    for (const old of (await this.list()).slice(SNAPSHOTS_KEPT)) await this.remove(old);
  }

  async list(): Promise<number[]> {
    return (await this.redis.zrevrange(this.key('snapshots'), 0, -1)).map(Number);
  }

  async load(offset: number): Promise<Buffer> {
    const bytes = await this.redis.getBuffer(this.key(`snapshot:${offset}`));
    if (bytes === null) throw new Error(`redis has no snapshot ${offset}`);
    return bytes;
  }

  async remove(offset: number): Promise<void> {
    await this.redis.del(this.key(`snapshot:${offset}`));
    await this.redis.zrem(this.key('snapshots'), String(offset));
  }

  /** The end has begun: all that is still asked of Redis gets one deadline together, then it fails. */
  beginEnd(): void {
    this.deadline ??= setTimeout(() => this.redis.disconnect(), END_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    this.beginEnd();
    await this.flush();
    clearTimeout(this.deadline);
    this.redis.disconnect();
  }

  private async writeDirty(): Promise<void> {
    if (this.dirty.size === 0 || this.redis.status !== 'ready') return;
    const taken = this.dirty;
    this.dirty = new Map();
    const { timesToLive } = this.options;
    const pipeline = this.redis.pipeline();
    for (const [key, { channel, message }] of taken) {
      const seconds = timesToLive[LATEST[channel]!];
      pipeline.set(this.key(`latest:${key}`), JSON.stringify(message), 'EX', seconds);
    }
    try {
      const results = await pipeline.exec();
      const failed = results?.find(([error]) => error !== null)?.[0];
      if (failed) throw failed;
    } catch (error) {
      this.failedFlushes += 1;
      this.options.log.warn(
        { err: error, values: taken.size },
        'latest values not written to redis; kept for the next try',
      );
      for (const [key, value] of taken) if (!this.dirty.has(key)) this.dirty.set(key, value);
    }
  }

  private key(name: string): string {
    return `kisignal:{${this.namespace}}:${name}`;
  }
}
