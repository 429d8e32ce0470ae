// Against a real Redis: REDIS_URL, or redis-server on the PATH.
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { OutputBatch } from '../messages.ts';
import { findRedis, type RedisServer } from './redis-server.ts';
import { RedisState } from './redis-state.ts';
import { batchOf, TIMES_TO_LIVE } from './redis-test-batch.ts';

const { available, own, start } = findRedis();
const where = available ? '' : ' (skipped: no redis-server on the PATH and no REDIS_URL)';
const whereOwn = own ? '' : ' (skipped: no redis-server on the PATH)';

function ticks(price: number): OutputBatch {
  return batchOf({
    'ticks/005930.KRX': [
      { seq: 1, price: 1 },
      { seq: 2, price },
    ],
    'bars/005930.KRX/1m': [{ seq: 1, close: price }],
    'indicators/005930.KRX/tick': [{ seq: 1 }],
    'latency/engine': [{ seq: 1 }],
  });
}

describe.skipIf(!available)(`redis state${where}`, () => {
  let server: RedisServer;
  let state: RedisState;
  const open = (namespace = 'test'): RedisState =>
    new RedisState({
      url: server.url,
      namespace,
      timesToLive: TIMES_TO_LIVE,
      flushMs: 20,
      log: pino({ level: 'silent' }),
    });
  beforeEach(async () => {
    server = await start();
    state = open(server.namespace);
    await state.open('journal-1');
    expect(state.state).toBe('redis');
  });
  afterEach(async () => {
    await state.close();
    await server.stop();
  });

  it('keeps the latest value of each stream, each with its time to live', async () => {
    state.take(ticks(70_100));
    state.take(ticks(70_200));
    await state.flush();
    const key = (name: string) => `kisignal:{${server.namespace}:journal-1}:latest:${name}`;
    expect(JSON.parse((await server.client.get(key('ticks/005930.KRX')))!)).toEqual({
      epoch: 'e1',
      source: 'simulated',
      message: { seq: 2, price: 70_200 },
    });
    for (const [name, seconds] of [
      ['ticks/005930.KRX', 60],
      ['bars/005930.KRX/1m', 3600],
      ['indicators/005930.KRX/tick', 1800],
    ] as const) {
      const left = await server.client.ttl(key(name));
      expect(left, name).toBeLessThanOrEqual(seconds);
      expect(left, name).toBeGreaterThan(seconds - 30);
    }
    expect(await server.client.exists(key('latency/engine'))).toBe(0);
  });

  it('keeps the newest snapshots for ever, byte for byte, apart for each namespace and journal', async () => {
    for (let offset = 1; offset <= 5; offset++) await state.save(offset, Buffer.from([offset, 0, 255, 13, 10]));
    expect(await state.list()).toEqual([5, 4, 3]);
    expect(await state.load(5)).toEqual(Buffer.from([5, 0, 255, 13, 10]));
    await expect(state.load(1)).rejects.toThrow(/no snapshot 1/);
    expect(await server.client.ttl(`kisignal:{${server.namespace}:journal-1}:snapshot:5`)).toBe(-1);
    for (const [namespace, journalId] of [
      [`${server.namespace}-other`, 'journal-1'],
      [server.namespace, 'journal-2'],
    ]) {
      const other = open(namespace);
      await other.open(journalId);
      await other.save(9, Buffer.from('of the other'));
      expect(await other.list()).toEqual([9]);
      await other.close();
    }
    expect(await state.list()).toEqual([5, 4, 3]);
  });

  it.skipIf(!own)(
    `shows that Redis went away, harms nothing, and writes the latest once it is back${whereOwn}`,
    async () => {
      expect(state.state).toBe('redis');
      await server.kill();
      await until(() => state.state === 'redis_unavailable');
      state.take(ticks(1));
      state.take(ticks(2));
      await state.flush();
      await expect(state.save(9, Buffer.from('x'))).rejects.toThrow();
      await server.restart();
      await until(() => state.state === 'redis');
      await state.flush();
      const value = await server.client.get(`kisignal:{${server.namespace}:journal-1}:latest:ticks/005930.KRX`);
      expect(JSON.parse(value!)).toMatchObject({ message: { seq: 2, price: 2 } });
    },
  );

  it.skipIf(!own)(
    `ends under one deadline where Redis hangs: what it was asked fails, and nobody waits${whereOwn}`,
    async () => {
      await server.hang();
      const failed = vi.fn();
      const asked = [1, 2].map((offset) => state.save(offset, Buffer.from('snapshot')).catch(failed));
      state.take(ticks(1));
      state.beginEnd();
      await state.close();
      await Promise.all(asked);
      // Cut by the end, long before each command would have given up by itself.
      expect(failed.mock.calls.map(([error]) => error.message)).toEqual(Array(2).fill('Connection is closed.'));
      expect(state.state).toBe('redis_unavailable');
    },
  );

  it.skipIf(!own)(`starts without a Redis that hangs${whereOwn}`, async () => {
    await server.hang();
    const late = open(server.namespace);
    await late.open('journal-1');
    expect(late.state).toBe('redis_unavailable');
    await late.close();
  });

  it.skipIf(!own)(`says at once that Redis is not there, and goes on trying${whereOwn}`, async () => {
    await server.kill();
    const late = open(server.namespace);
    await late.open('journal-1');
    expect(late.state).toBe('redis_unavailable');
    await server.restart();
    await until(() => late.state === 'redis');
    await late.close();
  });
});

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('condition was not met within 10 s');
}
