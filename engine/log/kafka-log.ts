// The port to Kafka over kafkajs, which nothing else imports. kafkajs sends what it is given as it is given: what comes while a
// request is under way goes out together in the next one, which is all the waiting there is.
import { connect } from 'node:net';
import kafkajs, { type Admin, type ISocketFactory, type Message, type Producer, type RecordMetadata } from 'kafkajs';
import type { Logger } from 'pino';
import { KafkaReader } from './kafka-reader.ts';
import {
  LogError,
  type LogReader,
  type LogRecord,
  type PartitionedLog,
  type ReadOptions,
  type ShareOptions,
  type TopicSpec,
} from './partitioned-log.ts';

// A CommonJS package whose names Node cannot see.
const { CompressionTypes, ConfigResourceTypes, Kafka, logLevel } = kafkajs;

export interface KafkaLogOptions {
  /** host:port */
  readonly brokers: readonly string[];
  /** Told to the brokers. */
  readonly clientId: string;
  readonly compression: 'none' | 'gzip';
  /** A member of a group that is silent for longer loses its partitions. */
  readonly sessionMs: number;
  readonly log: Logger;
  /** For tests, which cut connections. */
  readonly socketFactory?: ISocketFactory;
}

/** Of one request; a record that is larger goes alone. */
const REQUEST_BYTES_MAX = 4 * 1024 * 1024;
/** What a broker that is away may cost one append before it is said. */
const RETRY = { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 };

const KEEP_ALIVE_MS = 60_000;

/** Small requests go out at once; kafkajs leaves it to TCP to hold them back. */
const undelayed: ISocketFactory = ({ host, port, onConnect }) =>
  connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS }, onConnect);

interface Waiting {
  readonly topic: string;
  readonly records: readonly LogRecord[];
  readonly bytes: number;
  readonly resolve: (offsets: ReadonlyMap<number, number>) => void;
  readonly reject: (error: LogError) => void;
}

export class KafkaLog implements PartitionedLog {
  private readonly options: KafkaLogOptions;
  private readonly kafka: InstanceType<typeof Kafka>;
  private admin: Promise<Admin> | null = null;
  private producer: Promise<Producer> | null = null;
  /** In the order in which they came: callers wait for what they append, so there are as many as callers. */
  private readonly waiting: Waiting[] = [];
  private busy = false;
  private sending: Promise<void> = Promise.resolve();
  private readonly readers = new Set<KafkaReader>();

  constructor(options: KafkaLogOptions) {
    const { brokers, clientId, log, socketFactory = undelayed } = options;
    this.options = options;
    this.kafka = new Kafka({
      brokers: [...brokers],
      clientId,
      connectionTimeout: 2000,
      requestTimeout: 10_000,
      retry: RETRY,
      // Its errors are mostly steps of its own retries; what matters comes back to callers.
      logLevel: logLevel.INFO,
      logCreator: () => (entry) => {
        const { message, ...rest } = entry.log;
        log.debug({ kafka: entry.label, namespace: entry.namespace, ...rest }, message);
      },
      socketFactory,
    });
  }

  async prepare(topics: readonly TopicSpec[]): Promise<void> {
    await this.asked(async (admin) => {
      const there = new Set(await admin.listTopics());
      const missing = topics.filter(({ name }) => !there.has(name));
      if (missing.length > 0) await admin.createTopics({ topics: missing.map(asTopicConfig), waitForLeaders: true });
      for (const topic of topics) await this.check(admin, topic);
    });
  }

  append(topic: string, records: readonly LogRecord[]): Promise<ReadonlyMap<number, number>> {
    if (records.length === 0) return Promise.resolve(new Map());
    const bytes = records.reduce((sum, { value }) => sum + value.length, 0);
    return new Promise((resolve, reject) => {
      this.waiting.push({ topic, records, bytes, resolve, reject });
      if (!this.busy) this.sending = this.sendAll();
    });
  }

  async extent(topic: string) {
    const offsets = await this.asked((admin) => admin.fetchTopicOffsets(topic));
    return offsets
      .map(({ partition, low, high }) => ({ partition, first: Number(low), next: Number(high) }))
      .sort((a, b) => a.partition - b.partition);
  }

  async read(options: ReadOptions | ShareOptions): Promise<LogReader> {
    const { kafka } = this;
    const extent = await this.extent(options.topic);
    const { sessionMs, log } = this.options;
    const reader = new KafkaReader({
      kafka,
      options,
      partitions: extent.length,
      sessionMs,
      retry: RETRY,
      log,
      extent: () => this.extent(options.topic),
      onStopped: async (group) => {
        this.readers.delete(reader);
        // It was made for this reader alone. Where that fails, the broker forgets it in time.
        if ('from' in options) await this.asked((admin) => admin.deleteGroups([group])).catch(() => {});
      },
    });
    if ('from' in options) assertInRange(options, extent);
    this.readers.add(reader);
    await unavailable(() => reader.start());
    return reader;
  }

  async close(): Promise<void> {
    await Promise.all([...this.readers].map((reader) => reader.stop()));
    await this.sending;
    const parts = [this.admin, this.producer];
    this.admin = this.producer = null;
    for (const part of parts) await part?.then((one) => one.disconnect()).catch(() => {});
  }

  private async sendAll(): Promise<void> {
    this.busy = true;
    // What else is appended in this turn of the event loop goes along.
    await Promise.resolve();
    while (this.waiting.length > 0) await this.send(this.takeRequest());
    this.busy = false;
  }

  private takeRequest(): Waiting[] {
    let bytes = 0;
    const beyond = this.waiting.findIndex((one, i) => {
      bytes += one.bytes;
      return i > 0 && bytes > REQUEST_BYTES_MAX;
    });
    return this.waiting.splice(0, beyond === -1 ? this.waiting.length : beyond);
  }

  private async send(request: readonly Waiting[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const { topic, records } of request) {
      const messages = byTopic.get(topic) ?? [];
      byTopic.set(topic, messages);
      for (const record of records) messages.push(asMessage(record));
    }
    try {
      const producer = await this.connected();
      const sent = await producer.sendBatch({
        acks: -1,
        compression: this.options.compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
        topicMessages: [...byTopic].map(([topic, messages]) => ({ topic, messages })),
      });
      answer(request, sent);
    } catch (error) {
      // Whether it arrived is not known. A new producer has numbers of its own: with the old one's, the broker could take
      // the next request for a copy of this one and drop it.
      const failed = this.producer;
      this.producer = null;
      void failed?.then((producer) => producer.disconnect()).catch(() => {});
      const wrapped = asLogError(error);
      for (const { reject } of request) reject(wrapped);
    }
  }

  private connected(): Promise<Producer> {
    this.producer ??= (async () => {
      const producer = this.kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        retry: RETRY,

        createPartitioner:
          () =>
          ({ message }) =>
            message.partition!,
      });
      await producer.connect();
      return producer;
    })();
    return this.producer;
  }

  private async asked<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    return unavailable(async () => {
      this.admin ??= (async () => {
        const admin = this.kafka.admin({ retry: RETRY });
        await admin.connect();
        return admin;
      })();
      try {
        return await ask(await this.admin);
      } catch (error) {
        const failed = this.admin;
        this.admin = null;
        void failed?.then((admin) => admin.disconnect()).catch(() => {});
        throw error;
      }
    });
  }

  private async check(admin: Admin, { name, partitions, settings }: TopicSpec): Promise<void> {
    const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
    const is = topics[0]?.partitions.length ?? 0;
    if (is < partitions)
      throw new LogError('log_refused', `topic ${name} has ${is} partitions, ${partitions} are wanted`);
    const configNames = Object.keys(settings);
    const resource = { type: ConfigResourceTypes.TOPIC, name, configNames };
    const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
    for (const { configName, configValue } of resources[0]?.configEntries ?? []) {
      if (settings[configName] === configValue || settings[configName] === undefined) continue;
      const wanted = settings[configName];
      this.options.log.warn(
        { topic: name, setting: configName, is: configValue, wanted },
        'the topic is set otherwise',
      );
    }
  }
}

function asTopicConfig({ name, partitions, replicas, settings }: TopicSpec) {
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  return { topic: name, numPartitions: partitions, replicationFactor: replicas, configEntries };
}

function asMessage({ partition, key, value, headers }: LogRecord): Message {
  return { partition, key, value: Buffer.from(value.buffer, value.byteOffset, value.length), headers };
}

/** kafkajs tells the first offset of each partition in the request; the records of earlier callers lie in front. */
function answer(request: readonly Waiting[], sent: readonly RecordMetadata[]): void {
  const next = new Map(sent.map((one) => [`${one.topicName}/${one.partition}`, Number(one.baseOffset ?? one.offset)]));
  for (const { topic, records, resolve } of request) {
    const first = new Map<number, number>();
    for (const { partition } of records) {
      const place = `${topic}/${partition}`;
      const offset = next.get(place)!;
      if (!first.has(partition)) first.set(partition, offset);
      next.set(place, offset + 1);
    }
    resolve(first);
  }
}

/** Also in front of what the log holds any more, or behind what it holds at all: another log of the same name. */
function assertInRange({ topic, from }: ReadOptions, extent: Awaited<ReturnType<KafkaLog['extent']>>): void {
  for (const { partition, offset } of from) {
    const { first, next } = extent[partition] ?? { first: 0, next: 0 };
    if (offset < first || offset > next)
      throw new LogError('offset_out_of_range', `${topic}/${partition} holds ${first} … ${next}, asked for ${offset}`);
  }
}

async function unavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asLogError(error);
  }
}

/** A broker that will not do it whatever is tried, or one that cannot at the moment. */
const REFUSALS = new Set([
  'MESSAGE_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
]);

function asLogError(error: unknown): LogError {
  if (error instanceof LogError) return error;
  const { message, type, errors, cause } = error as Error & { type?: string; errors?: { type?: string }[] };
  const types = [type, (cause as { type?: string } | undefined)?.type, ...(errors ?? []).map((one) => one.type)];
  const refused = types.some((one) => one !== undefined && REFUSALS.has(one));
  return new LogError(refused ? 'log_refused' : 'log_unavailable', message, { cause: error });
}
