// Sessions that two gateways share in a real Redis (REDIS_URL, or redis-server on the PATH), also while it is away.
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRedis, type RedisServer } from '../engine/state/redis-server.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { Feed, startGateway, streamOf, TestClient, until } from '../gateway/gateway-fixture.ts';
import { RedisSessionStore } from '../gateway/redis-session-store.ts';

const SAMSUNG = streamOf('ticks', '005930.KRX');
const { available, own, start: startRedis } = findRedis();
const where = available ? '' : ' (skipped: no redis-server on the PATH and no REDIS_URL)';
const whereOwn = own ? '' : ' (skipped: no redis-server on the PATH)';

describe.skipIf(!available)(`sessions in redis${where}`, () => {
  let server: RedisServer;
  const stores: RedisSessionStore[] = [];
  const gateways: Gateway[] = [];
  const clients: TestClient[] = [];
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
    for (const store of stores.splice(0)) store.close();
    await server.stop();
  });

  async function openStore(ttlMs?: number): Promise<RedisSessionStore> {
    const log = pino({ level: 'silent' });
    const options = { url: server.url, namespace: server.namespace, log };
    const store = new RedisSessionStore(ttlMs === undefined ? options : { ...options, ttlMs });
    stores.push(store);
    await store.open();
    return store;
  }

  /** A gateway with a connection to Redis of its own. */
  async function start(feed: Feed): Promise<Gateway> {
    const gateway = await startGateway(feed, { sessionStore: await openStore(), limits: { heartbeatMs: 50 } });
    gateways.push(gateway);
    return gateway;
  }

  async function open(gateway: Gateway): Promise<TestClient> {
    const client = await TestClient.open(gateway);
    clients.push(client);
    return client;
  }

  const resume = (client: TestClient, session: string) =>
    client.ask({ type: 'resume', epoch: 'e1', streams: { [SAMSUNG.key]: 3 }, session });

  it('go on at another gateway, behind the last message that the client had', async () => {
    const feed = new Feed();
    const [one, other] = [await start(feed), await start(feed)];
    feed.publish([SAMSUNG], 3);
    const before = await open(one);
    const { session } = await before.first('welcome');
    await before.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'all' });
    await until(() => before.of('snapshot').length === 1);
    const reader = await openStore();
    await expect.poll(() => reader.load(session)).not.toBeNull();
    before.socket.terminate();
    feed.publish([SAMSUNG], 4);
    const after = await open(other);
    expect(await resume(after, session)).toMatchObject({ type: 'subscribed', recovered: true, notRecovered: [] });
    await until(() => after.of('update').length === 1);
    expect(after.of('update')[0]).toMatchObject({ prevSeq: 3, seq: 7 });
    await expect.poll(() => reader.load(session)).toBeNull();
    // Nobody who reads Redis learns a token.
    const { session: next } = await after.first('welcome');
    const keys = await server.client.keys(`kisignal:{${server.namespace}}:session:*`);
    expect(keys).toHaveLength(1);
    expect(keys[0]).not.toContain(next);
    expect(await server.client.pttl(keys[0]!)).toBeGreaterThan(60_000);
  });

  it('end by themselves, live on when touched, and are none where what stands there is not theirs', async () => {
    const store = await openStore(300);
    const kept = { all: ['ticks\n*\n*'], latest: [] };
    await store.save('short', kept);
    await store.save('foreign', kept);
    const keys = await server.client.keys(`kisignal:{${server.namespace}}:session:*`);
    await (await openStore(60_000)).touch('short');
    const expiring: string[] = [];
    for (const key of keys) if ((await server.client.pttl(key)) <= 300) expiring.push(key);
    expect(expiring).toHaveLength(1);
    for (const text of ['{"all":[1],"latest":[]}', 'no JSON', '{"all":[]}']) {
      await server.client.set(expiring[0]!, text);
      expect(await store.load('foreign')).toBeNull();
    }
    await server.client.set(expiring[0]!, JSON.stringify(kept), 'PX', 1);
    await expect.poll(() => store.load('foreign')).toBeNull();
    expect(await store.load('short')).toEqual(kept);
  });

  it.skipIf(!own)(
    `are not kept while redis is away, which nobody feels, and are again once it is back${whereOwn}`,
    async () => {
      const feed = new Feed();
      const gateway = await start(feed);
      await server.kill();
      const client = await open(gateway);
      await until(() => stores[0]!.state === 'redis_unavailable');
      expect(await client.ask({ type: 'subscribe', channels: ['ticks'] })).toMatchObject({ type: 'subscribed' });
      expect(await resume(client, 'any')).toMatchObject({ slug: 'sessions_unavailable', temporary: true });
      feed.publish([SAMSUNG]);
      await client.first('update');
      await until(() => gateway.stats.sessions.storeFailures > 0);
      await server.restart();
      const { session } = await client.first('welcome');
      await expect.poll(() => stores[0]!.load(session).catch(() => null), { timeout: 20_000 }).not.toBeNull();
    },
  );

  it.skipIf(!own)(
    `of a redis that hangs are answered within its deadline, and updates wait for nothing${whereOwn}`,
    async () => {
      const feed = new Feed();
      const gateway = await start(feed);
      const client = await open(gateway);
      await server.hang();
      client.send({ type: 'resume', id: 'r', epoch: 'e1', streams: {}, session: 'any' });
      await client.ask({ type: 'subscribe', channels: ['ticks'] });
      feed.publish([SAMSUNG]);
      await client.first('update');
      expect(client.of('error')).toEqual([]);
      expect(await client.first('error')).toMatchObject({ id: 'r', slug: 'sessions_unavailable' });
    },
  );
});
