// A real Redis for tests: one started on a free loopback port and ended again, with the program on the PATH or the fetched
// one; or the one at REDIS_URL (a database that may be written, and is not ours to kill). Not part of the product.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { findProgram } from '../fetched-programs.ts';

const START_ATTEMPTS_MAX = 5;
const ON_LOOPBACK = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--repl-diskless-sync-delay', '0'];

export interface RedisServer {
  readonly url: string;
  readonly client: Redis;
  /** Prefix that this test alone uses. */
  readonly namespace: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** It answers nothing more, and its connections stay: what a machine without memory or a cut cable looks like. */
  hang(): Promise<void>;
  /** It goes on where it hung, with all that it was asked meanwhile. */
  resume(): Promise<void>;
  /** Refuses what is written beyond so many bytes; 0: no limit. */
  limitMemory(bytes: number): Promise<void>;
  /** Takes what the other has, reads only, and follows it; null: it is a master again. */
  follow(master: Pick<RedisServer, 'url'> | null): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisFinding {
  readonly available: boolean;
  /** Whether the server is ours to kill and restart. */
  readonly own: boolean;
  readonly start: () => Promise<RedisServer>;
}

export function findRedis(): RedisFinding {
  const program = findProgram('redis-server', 'redis', '--version');
  if (program !== null) return { available: true, own: true, start: () => startOwn(program) };
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
    resume: notOurs,
    limitMemory: notOurs,
    follow: notOurs,
    stop: async () => client.disconnect(),
  };
}

async function startOwn(program: string): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startAt(program, await freePort());
    } catch (error) {
      if (attempt === START_ATTEMPTS_MAX) throw error;
    }
  }
}

async function startAt(program: string, port: number): Promise<RedisServer> {
  const url = `redis://127.0.0.1:${port}`;
  // A replica keeps there what it was given.
  const folder = mkdtempSync(join(tmpdir(), 'kisignal-redis-server-'));
  let child: ChildProcess;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => {});
  const restart = async (): Promise<void> => {
    child = spawn(program, [...ON_LOOPBACK, '--port', String(port), '--dir', folder], { stdio: 'ignore' });
    const exited = once(child, 'exit').then(() => {
      throw new Error(`redis-server ended at once: is port ${port} taken?`);
    });
    const answer = await Promise.race([exited, client.info('server')]);
    // Of a stranger that has the port, nothing would ever be ours.
    if (!answer.includes(`process_id:${child.pid}\r`)) throw new Error(`port ${port} is another server's`);
    exited.catch(() => {});
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const hang = async (): Promise<void> => {
    child.kill('SIGSTOP');
  };
  const resume = async (): Promise<void> => {
    child.kill('SIGCONT');
  };
  const limitMemory = async (bytes: number): Promise<void> => {
    await client.config('SET', 'maxmemory', String(bytes));
  };
  const follow = async (master: Pick<RedisServer, 'url'> | null): Promise<void> => {
    if (master === null) {
      await client.replicaof('NO', 'ONE');
      return;
    }
    const { hostname, port: masterPort } = new URL(master.url);
    await client.replicaof(hostname, masterPort);
    while (!(await client.info('replication')).includes('master_link_status:up')) await delay(20);
  };
  try {
    await restart();
  } catch (error) {
    client.disconnect();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const stop = async (): Promise<void> => {
    client.disconnect();
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, client, namespace: randomUUID(), kill, restart, hang, resume, limitMemory, follow, stop };
}

/**
 * Below those that systems hand out by themselves: nobody takes it while the server is dead, to be started again on it.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(10_000, 30_000), '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    return port;
  }
}
