// Redis and Kafka on free loopback ports and in folders of their own, until Ctrl-C: for tests and runs that are to share
// them. What they hold is gone with them.
import { once } from 'node:events';
import { findKafka } from '../../engine/log/kafka-server.ts';
import { findRedis } from '../../engine/state/redis-server.ts';

/** @throws Error where one of them is not installed */
export async function runServers(): Promise<void> {
  // Those of the machine's configuration are not ours to start.
  delete process.env.KAFKA_BROKERS;
  delete process.env.REDIS_URL;
  const [redis, kafka] = [findRedis(), findKafka()];
  if (!redis.available || !kafka.available) throw new Error('Redis or Kafka is missing: npm run servers');
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  const started = await Promise.all([redis.start(), kafka.start()]);
  const [{ url }, { brokers }] = started;
  process.stdout.write(`REDIS_URL=${url}\nKAFKA_BROKERS=${brokers.join(',')}\n`);
  await ended;
  await Promise.all(started.map((server) => server.stop()));
}
