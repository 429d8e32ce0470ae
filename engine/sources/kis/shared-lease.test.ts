// Clients on several machines with one app key, as one Redis (redis-server on the PATH) tells them apart: each has its
// own connection, and no lock file stands between them.
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { testEmulator } from '../../emulator/test-emulator.ts';
import { leaseKey } from '../../state/redis-lease.ts';
import { findRedis, type RedisServer } from '../../state/redis-server.ts';
import { RedisState } from '../../state/redis-state.ts';
import { TIMES_TO_LIVE } from '../../state/redis-test-batch.ts';
import { appKey, startSource, WAIT } from './test-source.ts';

const { own, start } = findRedis();
const where = own ? '' : ' (skipped: no redis-server on the PATH)';
const LIFE_MS = 1_000;

async function redisServer(): Promise<RedisServer> {
  const server = await start();
  onTestFinished(() => server.stop());
  return server;
}

async function machine(server: RedisServer, emulator: Awaited<ReturnType<typeof testEmulator>>) {
  const log = pino({ level: 'silent' });
  const redis = new RedisState({ url: server.url, namespace: 'x', timesToLive: TIMES_TO_LIVE, flushMs: 20, log });
  await redis.open('journal');
  onTestFinished(() => redis.close());
  const run = startSource(emulator, { sharedLeases: redis.leases(LIFE_MS) });
  const session = () => run.source.status().sessions[0]!;
  return {
    ...run,
    redis,
    session,
    lease: () => redis.figures().leases[0]!,
    inState: (state: string) => vi.waitUntil(() => session().state === state, WAIT),
  };
}

it.skipIf(!own)(`one streams and the other waits without asking KIS, until the first ends${where}`, async () => {
  const [server, emulator] = [await redisServer(), await testEmulator({ speed: 5 })];
  const first = await machine(server, emulator);
  await first.streaming();
  const second = await machine(server, emulator);
  await second.inState('held_elsewhere');
  expect(second.session()).toMatchObject({ holderPid: undefined, counts: { connects: 0 } });
  expect(second.lease()).toMatchObject({ label: '…0001', state: 'elsewhere' });
  await first.source.stop();
  expect(await server.client.exists(leaseKey(appKey(1)))).toBe(0);
  await second.streaming();
  expect(second.lease()).toMatchObject({ state: 'held', taken: 1, lost: 0 });
  expect(second.lease().term).toBeGreaterThan(first.lease().term);
  expect(`${first.logLines}${second.logLines}`).not.toContain(appKey(1));
});

it.skipIf(!own)(`a session whose key another machine has taken ends at once, and waits for it${where}`, async () => {
  const [server, emulator] = [await redisServer(), await testEmulator({ speed: 5 })];
  const one = await machine(server, emulator);
  await one.streaming();
  await server.client.set(leaseKey(appKey(1)), 'another machine', 'PX', 60_000);
  await one.inState('held_elsewhere');
  expect(one.events()).toContain('lost key_lost');
  expect(one.source.status()).toMatchObject({ lastLoss: 'key_lost', registered: 0 });
  expect(one.lease()).toMatchObject({ state: 'elsewhere', lost: 1 });
  await server.client.pexpire(leaseKey(appKey(1)), 1);
});

it.skipIf(!own)(`Redis killed and started anew under a session takes nothing from it${where}`, async () => {
  const [server, emulator] = [await redisServer(), await testEmulator({ speed: 5 })];
  const one = await machine(server, emulator);
  await one.streaming();
  await server.kill();
  await vi.waitUntil(() => one.lease().state === 'unconfirmed', WAIT);
  const frames = one.frames().length;
  await vi.waitUntil(() => one.frames().length > frames, WAIT);
  await server.restart();
  await vi.waitUntil(() => one.lease().state === 'held', WAIT);
  expect(one.lease()).toMatchObject({ taken: 2, lost: 0 });
  expect(one.source.status()).toMatchObject({ state: 'streaming', counts: { connects: 1, losses: 0 } });
});

it.skipIf(!own)(
  `a client that starts without Redis streams, its own lock and KIS being all there is${where}`,
  async () => {
    const [server, emulator] = [await redisServer(), await testEmulator({ speed: 5 })];
    await server.kill();
    const one = await machine(server, emulator);
    await one.streaming();
    expect(one.lease()).toMatchObject({ state: 'unconfirmed', term: 0 });
    await server.restart();
    await vi.waitUntil(() => one.lease().state === 'held', WAIT);
    expect(one.source.status().counts.losses).toBe(0);
  },
);
