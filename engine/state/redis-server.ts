// A real Redis for tests: one started from the PATH on a free loopback port and ended again, or the one at REDIS_URL
// (a database that may be written, and is not ours to kill). Not part of the product.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Redis } from 'ioredis';

export interface RedisServer {
  readonly url: string;
  readonly client: Redis;
  /** Prefix that this test alone uses. */
  readonly namespace: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** It answers nothing more, and its connections stay: what a machine without memory or a cut cable looks like. */
  hang(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisFinding {
  readonly available: boolean;
  /** Whether the server is ours to kill and restart. */
  readonly own: boolean;
  readonly start: () => Promise<RedisServer>;
}

export function findRedis(): RedisFinding {
  if (spawnSync('redis-server', ['--version']).status === 0) return { available: true, own: true, start: startOwn };
  const url = process.env.REDIS_URL;
  return { available: url !== undefined, own: false, start: () => connectTo(url!) };
}

async function connectTo(url: string): Promise<RedisServer> {
  const client = new Redis(url);
  const notOurs = async (): Promise<void> => {
    throw new Error('the Redis at REDIS_URL is not ours to kill');
  };
  return {
    url,
    client,
    namespace: randomUUID(),
    kill: notOurs,
    restart: notOurs,
    hang: notOurs,
    stop: async () => client.disconnect(),
  };
}

async function startOwn(): Promise<RedisServer> {
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 20 });
  client.on('error', () => {});
  const restart = async (): Promise<void> => {
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
      stdio: 'ignore',
    });
    await client.ping();
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const hang = async (): Promise<void> => {
    child.kill('SIGSTOP');
  };
  await restart();
  const stop = async (): Promise<void> => {
    client.disconnect();
    await kill();
  };
  return { url, client, namespace: randomUUID(), kill, restart, hang, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
