// Kept sessions: in memory, and by gateways that share them. With Redis: bench/shared-sessions.test.ts.
import { afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from './gateway.ts';
import { Feed, startGateway, streamOf, TestClient, until } from './gateway-fixture.ts';
import { MemorySessionStore, type SessionStore } from './session-store.ts';

const SAMSUNG = streamOf('ticks', '005930.KRX');
const HYNIX = streamOf('ticks', '000660.KRX');
const SIGNALS = streamOf('signals', '000660.KRX');
const kept = (n: number) => ({ all: [`p${n}`], latest: [] });

describe('MemorySessionStore', () => {
  it('keeps what is touched, until its time is over, and so many at most', async () => {
    let nowUs = 0;
    const store = new MemorySessionStore({ sessionsMax: 3, ttlMs: 10, nowUs: () => nowUs });
    for (let n = 0; n < 4; n++) await store.save(`t${n}`, kept(n));
    expect(await Promise.all(['t0', 't1', 't2', 't3'].map((token) => store.load(token)))).toEqual([
      null,
      kept(1),
      kept(2),
      kept(3),
    ]);
    nowUs = 6000;
    await store.touch('t1');
    await store.touch('t0');
    nowUs = 12_000;
    expect([await store.load('t1'), await store.load('t2')]).toEqual([kept(1), null]);
    await store.save('t4', kept(4));
    expect(store.size).toBe(2);
    await store.forget('t4');
    expect([await store.load('t4'), await store.load('t1')]).toEqual([null, kept(1)]);
  });
});

describe('a session', () => {
  const gateways: Gateway[] = [];
  const clients: TestClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) client.socket.terminate();
    for (const gateway of gateways.splice(0)) await gateway.close('test over');
  });

  async function start(feed: Feed, sessionStore: SessionStore): Promise<Gateway> {
    const gateway = await startGateway(feed, { sessionStore, limits: { heartbeatMs: 50 } });
    gateways.push(gateway);
    return gateway;
  }

  async function open(gateway: Gateway): Promise<TestClient> {
    const client = await TestClient.open(gateway);
    clients.push(client);
    return client;
  }

  it('goes on at another gateway, with its subscriptions, its deliveries and what it missed', async () => {
    const feed = new Feed();
    const store = new MemorySessionStore();
    const [one, other] = [await start(feed, store), await start(feed, store)];
    feed.publish([SAMSUNG, HYNIX, SIGNALS], 3);
    const before = await open(one);
    const { session } = await before.first('welcome');
    await before.ask({ type: 'subscribe', channels: ['ticks'], delivery: 'all' });
    await before.ask({ type: 'subscribe', channels: ['signals', 'scores'] });
    await before.ask({ type: 'unsubscribe', channels: ['scores'] });
    await until(() => before.of('snapshot').length === 3);
    before.socket.terminate();
    feed.publish([SAMSUNG, SIGNALS], 2);

    const after = await open(other);
    const streams = { [SAMSUNG.key]: 3, [HYNIX.key]: 3, [SIGNALS.key]: 3 };
    expect(await after.ask({ type: 'resume', epoch: 'e1', streams, session })).toMatchObject({
      type: 'subscribed',
      streams: expect.arrayContaining(Object.keys(streams)),
      recovered: true,
      notRecovered: [],
    });
    feed.publish([SAMSUNG]);
    await until(() => after.of('update').length === 3);
    expect(after.of('snapshot')).toEqual([]);
    expect(other.stats.sessions).toEqual({ restored: 1, storeFailures: 0 });
    // It is the new connection's session now.
    const next = (await after.first('welcome')).session;
    expect(await store.load(next)).toEqual({ all: ['ticks\n*\n*'], latest: ['signals\n*\n*'] });
    expect(await store.load(session)).toBeNull();
    const late = await open(one);
    expect(await late.ask({ type: 'resume', epoch: 'e1', streams: {}, session })).toMatchObject({
      slug: 'unknown_session',
      temporary: false,
    });
    await after.ask({ type: 'unsubscribe', channels: ['ticks', 'signals'] });
    await until(() => store.size === 0);
  });

  it('is not kept where the store is away: that is counted and felt by nobody, and tried again', async () => {
    const store = new MemorySessionStore();
    let isAway = true;
    const calls = (method: 'save' | 'touch' | 'forget') => async (token: string) => {
      if (isAway) throw new Error('away');
      await store[method](token, kept(0));
    };
    const load = async (token: string) => (isAway ? Promise.reject(new Error('away')) : store.load(token));
    const gateway = await start(new Feed(), {
      save: calls('save'),
      touch: calls('touch'),
      forget: calls('forget'),
      load,
    });
    const client = await open(gateway);
    expect(await client.ask({ type: 'subscribe', channels: ['ticks'] })).toMatchObject({ type: 'subscribed' });
    expect(await client.ask({ type: 'resume', epoch: 'e1', streams: {}, session: 'x' })).toMatchObject({
      slug: 'sessions_unavailable',
      temporary: true,
    });
    await until(() => gateway.stats.sessions.storeFailures > 2);
    isAway = false;
    await until(() => store.size === 1);
    expect(await client.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
  });
});
