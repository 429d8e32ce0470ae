// Leases against a real Redis (redis-server on the PATH), in real time: lives are short.
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisConnection } from './redis-connection.ts';
import { leaseKey, RedisLease } from './redis-lease.ts';
import { findRedis, type RedisServer } from './redis-server.ts';

const { own, start } = findRedis();
const where = own ? '' : ' (skipped: no redis-server on the PATH)';
const LIFE_MS = 1_000;
/** A Redis that has just started gives nothing away for a life, and a second for the grain of its clock. */
const WAIT = { timeout: 20_000, interval: 10 };
const APP_KEY = 'PSAPPKEY-that-nobody-may-see-0001';
const log = pino({ level: 'silent' });

describe.skipIf(!own)(`lease${where}`, () => {
  let server: RedisServer;
  const ends: (() => unknown)[] = [];
  beforeEach(async () => {
    server = await start();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
    await server.stop();
  });

  async function asker(lifeMs = LIFE_MS) {
    const connection = new RedisConnection({ url: server.url, log });
    const onLost = vi.fn();
    const lease = new RedisLease({ connection, name: APP_KEY, label: '…0001', lifeMs, onLost, log });
    await connection.open();
    ends.push(() => connection.close());
    ends.push(() => lease.release());
    return { connection, lease, onLost, figures: () => lease.figures() };
  }

  /** Asks until it is had, as a session does. */
  async function taken(lease: RedisLease): Promise<void> {
    await vi.waitFor(async () => expect(await lease.take()).toBeNull(), WAIT);
  }

  const valueInRedis = () => server.client.get(leaseKey(APP_KEY));

  it('is had by one, renewed past its life, and had by the other once it is given back, with a higher term', async () => {
    const [one, other] = [await asker(), await asker()];
    await taken(one.lease);
    const token = await valueInRedis();
    for (let i = 0; i < 5; i++) {
      const answer = await other.lease.take();
      expect(answer!.retryMs).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, LIFE_MS / 3));
    }
    expect(one.figures()).toMatchObject({ state: 'held', lost: 0 });
    expect(other.figures()).toMatchObject({ state: 'elsewhere', taken: 0, term: 0 });
    expect(await valueInRedis()).toBe(token);
    await one.lease.release();
    expect(await valueInRedis()).toBeNull();
    expect(await other.lease.take()).toBeNull();
    expect(other.figures().term).toBeGreaterThan(one.figures().term);
    expect(one.onLost).not.toHaveBeenCalled();
  });

  it('is kept in Redis under a name that does not say the key', async () => {
    const { lease } = await asker();
    await taken(lease);
    const keys = await server.client.keys('*');
    expect(keys.sort()).toEqual([leaseKey(APP_KEY), `${leaseKey(APP_KEY)}:term`]);
    expect(keys.join()).toMatch(/^kisignal:\{lease:[0-9a-f]{16}\}/);
    expect(`${keys} ${await valueInRedis()}`).not.toContain('PSAPPKEY');
    expect(await server.client.pttl(leaseKey(APP_KEY))).toBeLessThanOrEqual(LIFE_MS);
  });

  it('is lost at once, and told, where another has it; what is late of the loser changes nothing', async () => {
    const { lease, onLost, figures } = await asker();
    await taken(lease);
    await server.client.set(leaseKey(APP_KEY), 'another', 'PX', 60_000);
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledTimes(1), WAIT);
    expect(figures()).toMatchObject({ state: 'elsewhere', lost: 1 });
    await lease.release();
    expect(await valueInRedis()).toBe('another');
    expect(onLost).toHaveBeenCalledTimes(1);
  });

  it('goes on unconfirmed without Redis, says so, and is taken back with a higher term from a Redis that forgot', async () => {
    const { lease, onLost, figures } = await asker();
    await taken(lease);
    const { term } = figures();
    await server.kill();
    await vi.waitFor(() => expect(figures().state).toBe('unconfirmed'), WAIT);
    expect(await lease.take()).toBeNull();
    await server.restart();
    const stranger = await asker();
    // It has started anew, and a stranger waits; whoever had the lease does not.
    expect(await stranger.lease.take()).not.toBeNull();
    await vi.waitFor(() => expect(figures()).toMatchObject({ state: 'held', taken: 2, lost: 0 }), WAIT);
    expect(figures().term).toBeGreaterThan(term);
    expect(await stranger.lease.take()).not.toBeNull();
    expect(onLost).not.toHaveBeenCalled();
  });

  it('is had without Redis where nobody can be asked, and given up once another turns out to have it', async () => {
    const holder = await asker();
    await taken(holder.lease);
    await server.kill();
    const late = await asker();
    expect(await late.lease.take()).toBeNull();
    expect(late.figures()).toMatchObject({ state: 'unconfirmed', term: 0, unanswered: 1 });
    await server.restart();
    await vi.waitFor(() => expect(late.onLost).toHaveBeenCalledTimes(1), WAIT);
    await vi.waitFor(() => expect(holder.figures()).toMatchObject({ state: 'held', lost: 0 }), WAIT);
    expect(late.figures()).toMatchObject({ state: 'elsewhere', term: 0 });
  });

  it('is taken from a Redis that comes late, by whoever went on without it', async () => {
    await server.kill();
    const { lease, figures, onLost } = await asker();
    expect(await lease.take()).toBeNull();
    await server.restart();
    await vi.waitFor(() => expect(figures()).toMatchObject({ state: 'held', taken: 1 }), WAIT);
    expect(onLost).not.toHaveBeenCalled();
  });

  it('goes back to who had it after Redis hung for longer than its life', async () => {
    const [one, other] = [await asker(), await asker()];
    await taken(one.lease);
    await server.hang();
    await vi.waitFor(() => expect(one.figures().state).toBe('unconfirmed'), WAIT);
    await other.lease.take();
    expect(other.figures().state).toBe('unconfirmed');
    await server.resume();
    await vi.waitFor(() => expect(one.figures().state).toBe('held'), WAIT);
    await vi.waitFor(() => expect(other.figures().state).toBe('elsewhere'), WAIT);
    expect(one.figures().lost).toBe(0);
  });

  it('is given back within a bound where Redis hangs', async () => {
    const { lease, figures } = await asker();
    await taken(lease);
    await server.hang();
    await lease.release();
    expect(figures().state).toBe('released');
  });

  it('is renewed in a full Redis, and not handed out by it', async () => {
    const [one, other] = [await asker(), await asker()];
    await taken(one.lease);
    await server.limitMemory(1);
    const { term } = one.figures();
    await new Promise((resolve) => setTimeout(resolve, 2 * LIFE_MS));
    expect(one.figures()).toMatchObject({ state: 'held', term, unanswered: 0 });
    await one.lease.release();
    expect(await other.lease.take()).toBeNull();
    expect([other.figures().state, other.connection.state]).toEqual(['unconfirmed', 'redis_full']);
    await server.limitMemory(0);
    await vi.waitFor(() => expect(other.figures().state).toBe('held'), WAIT);
    expect(other.figures().term).toBeGreaterThan(term);
  });
});
