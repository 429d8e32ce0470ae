// From the configuration to the log and its stores: what every role on Kafka needs.
import { join } from 'node:path';
import type { Logger } from 'pino';
import { dataFolder } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { RedisConnection } from '../state/redis-connection.ts';
import { RedisSnapshots } from '../state/redis-snapshots.ts';
import { FolderSnapshotStore, type SnapshotStore } from '../state/snapshot-store.ts';
import { KafkaLog } from './kafka-log.ts';
import type { TopicOptions } from './topics.ts';

export function kafkaLog({ kafka, role }: Config, log: Logger): KafkaLog {
  const { brokers, topicPrefix, compression, sessionMs } = kafka;
  return new KafkaLog({ brokers, clientId: `${topicPrefix}-${role}-${process.pid}`, compression, sessionMs, log });
}

export function topicOptions({ kafka }: Config): TopicOptions {
  const { topicPrefix, partitions, replicas, journalRetentionMs, signalRetentionMs } = kafka;
  return { prefix: topicPrefix, partitions, replicas, journalRetentionMs, signalRetentionMs };
}

export interface PartitionStores {
  readonly storeOf: (partition: number) => SnapshotStore;
  /** `redis`, what is the matter with it, or `folder`. */
  state(): string;
  close(): void;
}

/**
 * Snapshots of partitions: in Redis, where every worker finds them; without one in the data folder of this machine.
 * Resolves once Redis answers or is known to be away: whoever asked it sooner would recover without its snapshots.
 */
export async function openPartitionStores(config: Config, log: Logger): Promise<PartitionStores> {
  const { redisUrl } = config.state;
  const windowUs = config.gateway.resume.windowMs * 1000;
  const name = (partition: number): string => `${config.source.env}:${config.kafka.topicPrefix}:${partition}`;
  if (redisUrl === null) {
    log.warn('snapshots of partitions stay in this machine’s data folder: with REDIS_URL every worker finds them');
    const folder = join(dataFolder(config), 'partitions');
    return {
      storeOf: (partition) => new FolderSnapshotStore(join(folder, String(partition)), windowUs),
      state: () => 'folder',
      close() {},
    };
  }
  const connection = new RedisConnection({ url: redisUrl, log });
  await connection.open();
  return {
    storeOf: (partition) =>
      new RedisSnapshots({ redis: connection.redis, key: (key) => `kisignal:{${name(partition)}}:${key}`, windowUs }),
    state: () => connection.state,
    close: () => connection.close(),
  };
}
