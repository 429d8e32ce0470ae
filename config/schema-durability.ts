// Settings of what keeps and moves the state: snapshots, proof, Redis, Kafka, hand-over.
import { z } from 'zod';
import { setting } from './setting.ts';
import { count, milliseconds, text, url } from './setting-types.ts';

export const proof = z.strictObject({
  sealBytes: setting(z.int().min(4096), 65_536, 'Journal bytes after which a link of the hash chain is written.'),
  sealMs: setting(milliseconds, 1000, 'Engine time after which one is written.'),
  anchorMs: setting(milliseconds, 60_000, 'Interval at which the chain’s head is told to the log, a file and Kafka.'),
  anchorFile: setting(text, null, 'File that heads of the chain are added to, best on another machine.'),
});

export const kafka = z.strictObject({
  brokers: setting(
    z.array(z.string().regex(/^[^\s,:]+:\d+$/)),
    [],
    'Brokers, host:port; with them, roles share Kafka.',
    {
      environment: 'KAFKA_BROKERS',
    },
  ),
  topicPrefix: setting(z.string().regex(/^[a-zA-Z0-9._-]{1,100}$/), 'kisignal', 'Begins the name of every topic.'),
  partitions: setting(z.int().min(1).max(1024), 8, 'Partitions of a journal topic that is not there yet.'),
  replicas: setting(count, 1, 'Copies of each partition that the brokers keep.'),
  journalRetentionMs: setting(milliseconds, 7 * 86_400_000, 'How long the journal topic keeps its records.'),
  signalRetentionMs: setting(milliseconds, 86_400_000, 'How long the signal topic keeps its records.'),
  compression: setting(z.enum(['none', 'gzip']), 'none', 'Of what is sent to Kafka.'),
  sessionMs: setting(milliseconds, 6000, 'A worker that is silent for longer loses its partitions.'),
  lagEntriesMax: setting(count, 100_000, 'Entries behind the newest at which a worker is no longer ready.'),
});

export const handOver = z.strictObject({
  compareMs: setting(z.int().min(0), 10_000, 'How long a new process compares itself with the serving one.'),
  timeoutMs: setting(milliseconds, 60_000, 'How long catching up may take before the new process gives up.'),
});

const ttlSeconds = z.strictObject({
  ohlcv: setting(count, 3600, 'Life of bars in Redis.'),
  indicators: setting(count, 1800, 'Life of indicators in Redis.'),
  realtime: setting(count, 60, 'Life of the latest values in Redis.'),
  quality: setting(count, 300, 'Life of quality scores in Redis.'),
});

export const state = z.strictObject({
  redisUrl: setting(url('rediss?'), null, 'Redis for snapshots and latest values; by default memory.', {
    environment: 'REDIS_URL',
    secret: true,
  }),
  ttlSeconds: ttlSeconds.prefault({}),
  leaseMs: setting(z.int().min(500), 5000, 'Life of a lease in Redis for the KIS session of an app key.'),
});

export const snapshot = z.strictObject({
  everyEntries: setting(count, 200_000, 'Journal entries after which a snapshot is taken.'),
  everyMs: setting(milliseconds, 60_000, 'Time after which a snapshot is taken.'),
  msMax: setting(milliseconds, 300_000, 'How long the process that makes one may take.'),
  heapMbMax: setting(count, 2048, 'Heap of that process.'),
});
