// One reader of a Kafka topic: of partitions of its own choice, or of those that a group shares out. kafkajs reads in groups
// only; who chooses his own partitions is therefore alone in a group made for him.
import { randomUUID } from 'node:crypto';
import kafkajs, {
  type Consumer,
  type EachBatchPayload,
  type Kafka,
  type PartitionAssigner,
  type RetryOptions,
} from 'kafkajs';
import type { Logger } from 'pino';
import {
  LogError,
  type LogPosition,
  type LogReader,
  type ReadOptions,
  type ReadRecord,
  type ShareOptions,
} from './partitioned-log.ts';

const { AssignerProtocol, PartitionAssigners } = kafkajs;

export interface KafkaReaderOptions {
  readonly kafka: Kafka;
  readonly options: ReadOptions | ShareOptions;
  /** Of the topic: so many are handled at a time. */
  readonly partitions: number;
  readonly sessionMs: number;
  readonly retry: RetryOptions;
  readonly log: Logger;
  readonly extent: () => Promise<readonly { readonly partition: number; readonly first: number }[]>;
  readonly onStopped: (group: string) => Promise<void>;
}

/** The longest that a broker holds back an answer without records. */
const WAIT_MS = 100;
const BYTES_MAX = 16 * 1024 * 1024;
const COMMIT_MS = 5000;

export class KafkaReader implements LogReader {
  private readonly options: ReadOptions | ShareOptions;
  private readonly parts: KafkaReaderOptions;
  private readonly group: string;
  private readonly consumer: Consumer;
  private readonly heartbeatMs: number;
  /** Next record of each partition that is read. */
  private readonly positions = new Map<number, number>();
  private readonly behind = new Map<number, number>();
  private readonly underWay = new Set<Promise<void>>();
  /** Of a group: partitions that were given, and what was last done about them. */
  private given: readonly number[] = [];
  private turn: Promise<void> = Promise.resolve();
  private term = 0;
  /** Called by the next heartbeat, which tells the group's generation; kafkajs tells it nowhere else. */
  private onGeneration: ((generation: number) => void) | null = null;
  private joined = 0;
  private stopping: Promise<void> | null = null;
  private failed = false;
  private readonly commitTimer: NodeJS.Timeout | undefined;

  constructor(parts: KafkaReaderOptions) {
    const { kafka, options, retry, sessionMs } = parts;
    this.parts = parts;
    this.options = options;
    this.group = 'group' in options ? options.group : `${options.topic}-${randomUUID()}`;
    this.heartbeatMs = Math.max(100, Math.floor(sessionMs / 20));
    this.consumer = kafka.consumer({
      groupId: this.group,
      partitionAssigners: [this.assigner()],
      sessionTimeout: sessionMs,
      heartbeatInterval: this.heartbeatMs,
      rebalanceTimeout: Math.max(60_000, sessionMs),
      maxWaitTimeInMs: WAIT_MS,
      maxBytes: BYTES_MAX,
      allowAutoTopicCreation: false,
      retry: { ...retry, restartOnFailure: async () => !this.failed && this.stopping === null },
    });
    if ('group' in options) this.commitTimer = setInterval(() => void this.commit(), COMMIT_MS);
  }

  async start(): Promise<void> {
    const { consumer, options } = this;
    const { GROUP_JOIN, HEARTBEAT, CRASH } = consumer.events;
    if ('from' in options) for (const { partition, offset } of options.from) this.positions.set(partition, offset);
    consumer.on(GROUP_JOIN, ({ payload }) => this.onJoined(payload.memberAssignment[options.topic] ?? []));
    consumer.on(HEARTBEAT, ({ payload }) => this.onGeneration?.(payload.groupGenerationId));
    consumer.on(CRASH, ({ payload }) => {
      if (!payload.restart) this.fail(new LogError('log_unavailable', payload.error.message, { cause: payload.error }));
    });
    await consumer.connect();
    await consumer.subscribe({ topic: options.topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.parts.partitions,
      eachBatch: (payload) => this.take(payload),
    });
  }

  stop(): Promise<void> {
    this.stopping ??= (async () => {
      clearInterval(this.commitTimer);
      await Promise.allSettled(this.underWay);
      await this.commit();
      await this.revoke();
      await this.consumer.disconnect().catch((error) => this.parts.log.debug({ err: error }, 'reader ended by itself'));
      await this.parts.onStopped(this.group);
    })();
    return this.stopping;
  }

  lag(): ReadonlyMap<number, number> {
    return this.behind;
  }

  private fail(error: Error): void {
    if (this.failed || this.stopping !== null) return;
    this.failed = true;
    this.options.onFailed(error);
  }

  /** A member joins again without asking anybody; but it asks who coordinates the group first, and waits for the answer. */
  private assigner(): PartitionAssigner {
    const { options } = this;
    return (config) => {
      const { cluster } = config;
      if ('from' in options) return alone(options);
      const find = cluster.findGroupCoordinator.bind(cluster);
      cluster.findGroupCoordinator = async (group) => {
        await this.revoke();
        return find(group);
      };
      return PartitionAssigners.roundRobin(config);
    };
  }

  private onJoined(partitions: readonly number[]): void {
    const { consumer, options } = this;
    const { topic } = options;
    this.joined += 1;
    if ('from' in options) {
      for (const [partition, offset] of this.positions) consumer.seek({ topic, partition, offset: String(offset) });
      return;
    }
    this.given = [...partitions];
    if (partitions.length === 0) return;
    consumer.pause([{ topic, partitions: [...partitions] }]);
    const generation = new Promise<number>((resolve) => {
      this.onGeneration = resolve;
    });
    const { joined } = this;
    this.turn = this.turn
      .then(() => this.begin(options, partitions, generation, () => joined === this.joined))
      .catch((error) => this.fail(error));
  }

  private async begin(
    options: ShareOptions,
    partitions: readonly number[],
    generation: Promise<number>,
    current: () => boolean,
  ): Promise<void> {
    this.term = await generation;
    this.onGeneration = null;
    if (!current() || this.term === LEFT) return;
    const { consumer } = this;
    const { topic } = options;
    const from = await options.onAssigned(partitions, this.term);
    if (this.stopping !== null) return;
    for (const { partition, offset } of from) {
      this.positions.set(partition, offset);
      consumer.seek({ topic, partition, offset: String(offset) });
    }
    consumer.resume([{ topic, partitions: from.map(({ partition }) => partition) }]);
  }

  /** Resolves once nothing of what was given is under way. */
  private async revoke(): Promise<void> {
    // Whoever still waits for a heartbeat of the generation that is over waits in vain.
    this.onGeneration?.(LEFT);
    this.onGeneration = null;
    const { given, options } = this;
    await this.turn;
    this.given = [];
    this.positions.clear();
    await Promise.allSettled(this.underWay);
    this.behind.clear();
    if ('group' in options && given.length > 0) await options.onRevoked(given);
  }

  private take(payload: EachBatchPayload): Promise<void> {
    const work = this.handle(payload).catch((error) => {
      this.fail(error as Error);
      throw error;
    });
    const settled = work.then(
      () => {},
      () => {},
    );
    this.underWay.add(settled);
    void settled.then(() => this.underWay.delete(settled));
    return work;
  }

  private async handle({ batch, heartbeat, resolveOffset }: EachBatchPayload): Promise<void> {
    const { partition } = batch;
    const position = this.positions.get(partition);
    if (position === undefined || this.failed || batch.messages.length === 0) return;
    const first = Number(batch.messages[0].offset);
    if (first !== position) await this.assertNothingLost({ partition, offset: position }, first);
    const records = batch.messages.map(
      (message): ReadRecord => ({
        partition,
        offset: Number(message.offset),
        key: message.key?.toString() ?? null,
        value: message.value ?? NOTHING,
        headers: Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
        ),
      }),
    );
    // Whoever takes long is alive none the less. That the group changes is told again once he is done.
    const timer = setInterval(() => void heartbeat().catch(() => {}), this.heartbeatMs);
    try {
      await this.options.onRecords(partition, records);
    } finally {
      clearInterval(timer);
    }
    const last = records[records.length - 1].offset;
    resolveOffset(String(last));
    if (this.positions.has(partition)) this.positions.set(partition, last + 1);
    this.behind.set(partition, Number(batch.highWatermark) - last - 1);
  }

  /** Compaction leaves holes; retention takes the beginning, and kafkajs then goes on with what is left as if it were nothing. */
  private async assertNothingLost({ partition, offset }: LogPosition, found: number): Promise<void> {
    const { first = 0 } = (await this.parts.extent()).find((one) => one.partition === partition) ?? {};
    if (found > offset && first <= offset) return;
    const { topic } = this.options;
    throw new LogError('offset_out_of_range', `${topic}/${partition} begins at ${first}, asked for ${offset}`);
  }

  /** Nothing is read from there: it keeps the group known to the broker, and its lag visible to the tools of Kafka. */
  private async commit(): Promise<void> {
    if (!('group' in this.options)) return;
    const { topic } = this.options;
    const offsets = [...this.positions].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }));
    await this.consumer.commitOffsets(offsets).catch((error) => this.parts.log.debug({ err: error }, 'not committed'));
  }
}

const NOTHING = new Uint8Array(0);
/** In place of a generation: the group was left before one was told. */
const LEFT = -1;

function alone({ topic, from }: ReadOptions): ReturnType<PartitionAssigner> {
  const partitions = from.map(({ partition }) => partition);
  return {
    name: 'alone',
    version: 0,
    assign: async ({ members }) =>
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 0,
          assignment: { [topic]: partitions },
          userData: Buffer.alloc(0),
        }),
      })),
    protocol: ({ topics }) => ({
      name: 'alone',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
    }),
  };
}
