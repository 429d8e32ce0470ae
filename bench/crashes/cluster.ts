// One ingest, workers and gateways as processes of their own over a real Kafka and Redis, each of which can be killed,
// stopped and started while clients listen; one client a gateway.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findKafka, type KafkaServer } from '../../engine/log/kafka-server.ts';
import { findRedis, type RedisServer } from '../../engine/state/redis-server.ts';
import { Member } from './member.ts';
import { type Mark, Witness } from './witness.ts';

export interface ClusterOptions {
  /** Empty; each process has a data folder below it. */
  readonly folder: string;
  readonly workers: number;
  readonly gateways: number;
  readonly partitions: number;
  /** Of the feed, as flags of the ingest. */
  readonly load: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
}

/** Take-over within seconds: a worker that is silent for so long has lost its partitions. */
const SESSION_MS = '1500';
const QUIET_MS = 3000;
const POLL_MS = 50;
const START_MS_MAX = 60_000;

export class Cluster {
  readonly witnesses: Witness[] = [];
  readonly workers: Member[] = [];
  readonly gateways: Member[] = [];
  /** Processes that were ended in order. */
  readonly ended: Member[] = [];
  readonly kafka: KafkaServer;
  readonly redis: RedisServer;
  ingest!: Member;
  private readonly options: ClusterOptions;
  private readonly topics: string;
  private workersMade = 0;

  private constructor(options: ClusterOptions, kafka: KafkaServer, redis: RedisServer) {
    this.options = options;
    this.kafka = kafka;
    this.redis = redis;
    this.topics = kafka.prefix();
  }

  /** @throws Error where Kafka or Redis is not there; see `missingServers` */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const [kafka, redis] = await Promise.all([findKafka().start(), findRedis().start()]);
    const cluster = new Cluster(options, kafka, redis);
    try {
      await cluster.startMembers();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get members(): Member[] {
    return [this.ingest, ...this.workers, ...this.gateways];
  }

  /** What everyone who runs said last. */
  get lastWords(): string {
    return [...this.members.map(({ lastWords }) => lastWords), ...this.witnesses.map(({ standing }) => standing)].join(
      '\n',
    );
  }

  /** Folder of the journal that is the authority. */
  get journalFolder(): string {
    return join(this.options.folder, 'ingest', 'emulator');
  }

  async addWorker(): Promise<Member> {
    const worker = await this.member(`engine-${++this.workersMade}`, 'engine');
    worker.start();
    this.workers.push(worker);
    return worker;
  }

  /** Ctrl-C: it hands its partitions over. */
  async endWorker(): Promise<void> {
    const worker = this.workers.pop()!;
    this.ended.push(worker);
    await worker.end();
  }

  /** Whether the workers that run share all partitions of the newest term, each with some of them. */
  get isShared(): boolean {
    const { partitions } = this.options;
    const newest = this.workers.map(({ process }) => process.log.findLast(({ msg }) => msg === 'partitions assigned'));
    const [first] = newest;
    if (newest.some((line) => line === undefined || line.term !== first?.term)) return false;
    return newest.reduce((total, line) => total + (line!.partitions as unknown[]).length, 0) === partitions;
  }

  marks(): Mark[] {
    return this.witnesses.map((witness) => witness.mark());
  }

  /** Every instrument ticks again at every client. */
  ticksAgain(marks: readonly Mark[]): boolean {
    return this.witnesses.every((witness, i) => witness.ticksAgain(marks[i]));
  }

  /** Ends the feed, and lets what is under way arrive: no client receives anything any more. */
  async drain(): Promise<void> {
    await this.ingest.end();
    const received = (): number => this.witnesses.reduce((sum, { messages }) => sum + messages, 0);
    for (let before = -1; before !== received(); ) {
      before = received();
      await delay(QUIET_MS);
    }
  }

  async stop(): Promise<void> {
    for (const witness of this.witnesses) witness.close();
    const members = [...this.members, ...this.ended].filter((member) => member !== undefined);
    await Promise.all(members.map((member) => member.kill()));
    await Promise.all([this.kafka.stop(), this.redis.stop()]);
  }

  private async startMembers(): Promise<void> {
    const { workers, gateways, load } = this.options;
    this.ingest = await this.member('ingest', 'ingest', load);
    for (let i = 1; i <= gateways; i++) this.gateways.push(await this.member(`gateway-${i}`, 'gateway'));
    this.ingest.start();
    for (const gateway of this.gateways) gateway.start();
    for (let i = 0; i < workers; i++) await this.addWorker();
    await Promise.all(this.gateways.map((gateway) => gateway.process.url()));
    for (const { streamUrl } of this.gateways) this.witnesses.push(new Witness(streamUrl));
    const nothing = this.witnesses.map(() => ({ connections: 0, lengths: new Map() }));
    const deadlineMs = performance.now() + START_MS_MAX;
    while (!this.ticksAgain(nothing)) {
      const failures = this.members.flatMap((member) => member.failures);
      if (failures.length > 0 || performance.now() > deadlineMs)
        throw new Error(`no ticks within ${START_MS_MAX} ms of the start: ${failures.join('; ')}\n${this.lastWords}`);
      await delay(POLL_MS);
    }
  }

  private member(name: string, role: string, flags: readonly string[] = []): Promise<Member> {
    return Member.of({
      name,
      dataFolder: join(this.options.folder, name),
      flags: ['--role', role, ...flags],
      environment: {
        ...this.options.settings,
        KAFKA_BROKERS: this.kafka.brokers.join(','),
        REDIS_URL: this.redis.url,
        KISIGNAL_KAFKA_TOPIC_PREFIX: this.topics,
        KISIGNAL_KAFKA_PARTITIONS: String(this.options.partitions),
        KISIGNAL_KAFKA_SESSION_MS: SESSION_MS,
      },
    });
  }
}

/** Why no cluster can run here, or null. */
export function missingServers(): string | null {
  const missing = [
    ...(findKafka().own ? [] : ['no Kafka of our own']),
    ...(findRedis().own ? [] : ['no redis-server']),
  ];
  return missing.length === 0 ? null : `${missing.join(', ')}: npm run servers`;
}
