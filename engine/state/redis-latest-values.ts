// Writes the latest value of each stream to Redis (`redis-layout.ts`). The hot path marks a stream and nothing else; a
// timer encodes and writes what is marked, a little at a time. A slow Redis makes values coarser, not a queue longer: of
// each stream there is one value, and one flush at a time.
import type { Logger } from 'pino';
import { monotonicUs } from '../clock.ts';
import type { Channel, Message, OutputBatch, SourceKind, Stream } from '../messages.ts';
import { Backoff } from '../sources/kis/backoff.ts';
import type { RedisConnection } from './redis-connection.ts';
import { ENGINES_KEY, type LatestValue, latestKey, streamsKey } from './redis-layout.ts';

export interface TimesToLive {
  /** Seconds: bars; indicators; ticks, books, predictions, signals and market; quality and scores. */
  readonly ohlcvSeconds: number;
  readonly indicatorsSeconds: number;
  readonly realtimeSeconds: number;
  readonly qualitySeconds: number;
}

export interface LatestValuesOptions {
  readonly connection: RedisConnection;
  readonly timesToLive: TimesToLive;
  readonly flushMs: number;
  readonly log: Logger;
  /** Streams followed (default 262,144: 2,800 symbols have some 45,000); those that come later are left out. */
  readonly streamsMax?: number;
}

const TIME_TO_LIVE: Partial<Record<Channel, keyof TimesToLive>> = {
  ticks: 'realtimeSeconds',
  books: 'realtimeSeconds',
  predictions: 'realtimeSeconds',
  signals: 'realtimeSeconds',
  market: 'realtimeSeconds',
  scores: 'qualitySeconds',
  quality: 'qualitySeconds',
  bars: 'ohlcvSeconds',
  indicators: 'indicatorsSeconds',
};
/** Said on change alone, and true until the next one. */
const STANDING: ReadonlySet<Channel> = new Set(['market']);

/** Values encoded and sent in one go: some 200 µs in which nothing else runs. */
const VALUES_AT_ONCE = 64;
const STREAMS_MAX = 262_144;
const RETRY_MS_MAX = 5_000;
/** An engine not heard of for so long has no value left. */
const ENGINE_FORGOTTEN_SECONDS = 86_400;
/** KEYS: engines; ARGV: namespace, seconds until an engine is forgotten. Times are those of Redis. */
const ANNOUNCE = `
local now = redis.call('TIME')[1]
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])`;

interface StreamValue {
  readonly stream: Stream;
  readonly lifeUs: number;
  epoch: string;
  source: SourceKind;
  message: Message;
  /** Monotonic: when the message was true for the last time. */
  trueAtUs: number;
  waiting: boolean;
  /** When the stream has to be listed under its instrument once more; 0 where it is not. */
  listAtUs: number;
}

export class LatestValues {
  /** `expired`: they were too old once Redis was there; `leftOut`: messages of streams beyond `streamsMax`. */
  readonly counts = { written: 0, failedFlushes: 0, expired: 0, leftOut: 0 };
  private namespace = '';
  private readonly options: LatestValuesOptions;
  private readonly streamsMax: number;
  private readonly listLifeUs: number;
  private readonly standingUs: number;
  private readonly values = new Map<string, StreamValue>();
  private readonly standing: StreamValue[] = [];
  /** Each at most once. */
  private waiting: StreamValue[] = [];
  /** Of the present flush. */
  private remaining = 0;
  private flushing: Promise<void> | null = null;
  private readonly timer: NodeJS.Timeout;
  private readonly backoff: Backoff;
  private retryAtUs = 0;
  private announceAtUs = 0;

  constructor(options: LatestValuesOptions) {
    this.options = options;
    this.streamsMax = options.streamsMax ?? STREAMS_MAX;
    const { ohlcvSeconds, indicatorsSeconds, realtimeSeconds, qualitySeconds } = options.timesToLive;
    this.listLifeUs = 1e6 * Math.max(ohlcvSeconds, indicatorsSeconds, realtimeSeconds, qualitySeconds);
    this.standingUs = (1e6 * realtimeSeconds) / 3;
    this.backoff = new Backoff({ firstMs: 2 * options.flushMs, maxMs: RETRY_MS_MAX, random: Math.random });
    options.connection.onReady(() => this.writeAnew());
    this.timer = setInterval(() => {
      if (monotonicUs() >= this.retryAtUs) void this.flush();
    }, options.flushMs);
  }

  /** Streams whose latest value Redis does not have. */
  get valuesWaiting(): number {
    return this.waiting.length + this.remaining;
  }

  /** Whose values these are; nothing is written before. */
  open(namespace: string): void {
    this.namespace = namespace;
  }

  /** Notes the last message of each stream of a batch. */
  take({ epoch, source, updates }: OutputBatch): void {
    const nowUs = monotonicUs();
    for (const { stream, messages } of updates) {
      const message = messages[messages.length - 1];
      const value = this.values.get(stream.key);
      if (value === undefined) {
        this.follow(stream, epoch, source, message, nowUs);
        continue;
      }
      value.epoch = epoch;
      value.source = source;
      value.message = message;
      value.trueAtUs = nowUs;
      this.mark(value);
    }
  }

  /** Writes what is new, unless Redis is away. A call during a flush joins it. */
  flush(): Promise<void> {
    this.flushing ??= this.write().finally(() => {
      this.flushing = null;
    });
    return this.flushing;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    // What came during a flush is in none yet.
    await this.flushing;
    await this.flush();
  }

  private follow(stream: Stream, epoch: string, source: SourceKind, message: Message, trueAtUs: number): void {
    const life = TIME_TO_LIVE[stream.channel];
    if (life === undefined) return;
    if (this.values.size >= this.streamsMax) {
      this.counts.leftOut += 1;
      return;
    }
    const lifeUs = 1e6 * this.options.timesToLive[life];
    const value = { stream, lifeUs, epoch, source, message, trueAtUs, waiting: false, listAtUs: 0 };
    this.values.set(stream.key, value);
    if (STANDING.has(stream.channel)) this.standing.push(value);
    this.mark(value);
  }

  private mark(value: StreamValue): void {
    if (value.waiting) return;
    value.waiting = true;
    this.waiting.push(value);
  }

  /** Redis is there again, perhaps another one, perhaps with nothing in it: it gets all that is still true. */
  private writeAnew(): void {
    this.announceAtUs = 0;
    this.retryAtUs = 0;
    this.backoff.reset();
    const nowUs = monotonicUs();
    for (const value of this.values.values()) {
      value.listAtUs = 0;
      if (nowUs - value.trueAtUs < value.lifeUs) this.mark(value);
    }
  }

  private async write(): Promise<void> {
    const { connection, log } = this.options;
    if (this.namespace === '' || !connection.ready) return;
    let taken: StreamValue[] = [];
    let at = 0;
    try {
      if (monotonicUs() >= this.announceAtUs) await this.announce();
      taken = this.waiting;
      this.waiting = [];
      while (at < taken.length) {
        const some = taken.slice(at, at + VALUES_AT_ONCE);
        at += some.length;
        this.remaining = taken.length - at;
        await this.writeSome(some);
        connection.noteWritten();
      }
      this.backoff.reset();
    } catch (error) {
      this.counts.failedFlushes += 1;
      this.retryAtUs = monotonicUs() + 1000 * this.backoff.nextMs();
      this.waiting = taken.slice(at).concat(this.waiting);
      this.remaining = 0;
      connection.noteFailure(error as Error);
      log.debug(
        { err: error, values: this.waiting.length },
        'latest values not written to redis; kept for the next try',
      );
    }
  }

  /** Says that this engine lives, and with it what is true until it changes. */
  private async announce(): Promise<void> {
    const { connection } = this.options;
    await connection.redis.eval(ANNOUNCE, 1, ENGINES_KEY, this.namespace, ENGINE_FORGOTTEN_SECONDS);
    connection.noteWritten();
    const nowUs = monotonicUs();
    this.announceAtUs = nowUs + this.standingUs;
    for (const value of this.standing) {
      value.trueAtUs = nowUs;
      this.mark(value);
    }
  }

  /** What Redis does not take waits again. */
  private async writeSome(values: readonly StreamValue[]): Promise<void> {
    const pipeline = this.options.connection.redis.pipeline();
    const nowUs = monotonicUs();
    /** Whose command it is, in the order of the pipeline. */
    const owners: StreamValue[] = [];
    for (const value of values) {
      value.waiting = false;
      const lifeLeftMs = Math.floor((value.trueAtUs + value.lifeUs - nowUs) / 1000);
      if (lifeLeftMs <= 0) {
        this.counts.expired += 1;
        continue;
      }
      if (nowUs >= value.listAtUs) {
        const list = streamsKey(this.namespace, value.stream.instrument);
        pipeline.sadd(list, value.stream.key).pexpire(list, this.listLifeUs / 1000);
        owners.push(value, value);
        value.listAtUs = nowUs + this.listLifeUs / 2;
      }
      pipeline.set(latestKey(this.namespace, value.stream.key), textOf(value), 'PX', lifeLeftMs);
      owners.push(value);
    }
    if (owners.length === 0) return;
    let results: [error: Error | null, result: unknown][];
    try {
      results = (await pipeline.exec()) ?? [];
    } catch (error) {
      results = owners.map(() => [error as Error, null]);
    }
    const failed = new Set(owners.filter((_, command) => results[command]?.[0] !== null));
    this.counts.written += new Set(owners).size - failed.size;
    for (const value of failed) {
      value.listAtUs = 0;
      this.mark(value);
    }
    if (failed.size > 0)
      throw results.find(([error]) => error !== null)?.[0] ?? new Error('the pipeline has no result');
  }
}

function textOf({ epoch, source, message }: LatestValue): string {
  return JSON.stringify({ epoch, source, message } satisfies LatestValue);
}
