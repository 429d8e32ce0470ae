// Latest values against a real Redis: REDIS_URL, or redis-server on the PATH.
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisConnection } from './redis-connection.ts';
import { LatestValues } from './redis-latest-values.ts';
import { ENGINES_KEY, latestKey, readLatest, streamsKey } from './redis-layout.ts';
import { findRedis, type RedisServer } from './redis-server.ts';
import { batchOf, TIMES_TO_LIVE } from './redis-test-batch.ts';

const { available, own, start } = findRedis();
const where = available ? '' : ' (skipped: no redis-server on the PATH and no REDIS_URL)';
const whereOwn = own ? '' : ' (skipped: no redis-server on the PATH)';
const WAIT = { timeout: 20_000, interval: 10 };
const log = pino({ level: 'silent' });
const OF_INSTRUMENT = {
  'bars/A.KRX/1m': 3600,
  'bars/A.KRX/1s': 3600,
  'books/A.KRX': 60,
  'indicators/A.KRX/tick': 1800,
  'market/A.KRX': 60,
  'predictions/A.KRX/plain': 60,
  'quality/A.KRX': 300,
  'quality/A.KRX/trades': 300,
  'scores/A.KRX': 300,
  'signals/A.KRX': 60,
  'ticks/A.KRX': 60,
};

describe.skipIf(!available)(`latest values${where}`, () => {
  let server: RedisServer;
  let connection: RedisConnection;
  let namespace: string;
  const opened: LatestValues[] = [];
  beforeEach(async () => {
    server = await start();
    namespace = `${server.namespace}:journal`;
    connection = new RedisConnection({ url: server.url, log });
    await connection.open();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((values) => values.close()));
    connection.close();
    await server.client.zrem(ENGINES_KEY, namespace);
    await server.stop();
  });

  /** Flushed by hand, unless a test says otherwise. */
  function open({ flushMs = 3_600_000, streamsMax = 1_000, realtimeSeconds = 60 } = {}): LatestValues {
    const timesToLive = { ...TIMES_TO_LIVE, realtimeSeconds };
    const values = new LatestValues({ connection, timesToLive, flushMs, streamsMax, log });
    values.open(namespace);
    opened.push(values);
    return values;
  }

  const read = (instrument = 'A.KRX') => readLatest(server.client, instrument, { namespace });
  const seqs = async () => Object.fromEntries([...(await read())].map(([key, { message }]) => [key, message.seq]));

  it('hands another program all streams of an instrument, each with its epoch, for as long as it says', async () => {
    const values = open();
    const streams = Object.keys(OF_INSTRUMENT);
    values.take(batchOf(Object.fromEntries(streams.map((key, at) => [key, [{ seq: at + 1 }]]))));
    values.take(batchOf({ 'ticks/B.KRX': [{ seq: 1 }], 'status/engine': [{ seq: 1 }], 'alerts/engine': [{ seq: 1 }] }));
    await values.flush();
    const found = await readLatest(server.client, 'A.KRX', own ? {} : { namespace });
    expect([...found.keys()]).toEqual(streams);
    for (const [at, value] of [...found.values()].entries()) {
      expect(value).toEqual({ epoch: 'e1', source: 'simulated', message: { seq: at + 1 } });
    }
    for (const [key, seconds] of Object.entries(OF_INSTRUMENT)) {
      const leftMs = await server.client.pttl(latestKey(namespace, key));
      expect(leftMs, key).toBeLessThanOrEqual(seconds * 1000);
      expect(leftMs, key).toBeGreaterThan((seconds - 30) * 1000);
    }
    expect([...(await read('B.KRX')).keys()]).toEqual(['ticks/B.KRX']);
    expect((await read('engine')).size).toBe(0);
    expect((await readLatest(server.client, 'A.KRX', { namespace: 'nobody' })).size).toBe(0);
  });

  it('overwrites what another epoch numbered', async () => {
    const values = open();
    values.take(batchOf({ 'ticks/A.KRX': [{ seq: 900 }] }));
    await values.flush();
    values.take(batchOf({ 'ticks/A.KRX': [{ seq: 1 }] }, 'e2'));
    await values.flush();
    expect((await read()).get('ticks/A.KRX')).toMatchObject({ epoch: 'e2', message: { seq: 1 } });
  });

  it('writes one value of a stream that spoke often, and follows no more streams than its bound', async () => {
    const values = open({ streamsMax: 2 });
    for (let seq = 1; seq <= 100; seq++) {
      values.take(batchOf({ 'ticks/A.KRX': [{ seq }], 'books/A.KRX': [{ seq }], 'ticks/B.KRX': [{ seq }] }));
    }
    expect(values.valuesWaiting).toBe(2);
    await values.flush();
    expect(await seqs()).toEqual({ 'books/A.KRX': 100, 'ticks/A.KRX': 100 });
    expect(values.counts).toMatchObject({ written: 2, leftOut: 100 });
    expect(values.valuesWaiting).toBe(0);
  });

  it('writes thousands of streams, and what changes during a flush with the next one', async () => {
    const values = open({ streamsMax: 10_000 });
    const all = (seq: number) =>
      batchOf(Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`ticks/S${at}.KRX`, [{ seq }]])));
    values.take(all(1));
    const flushes = [values.flush(), values.flush()];
    values.take(all(2));
    expect(flushes[0]).toBe(flushes[1]);
    await Promise.all(flushes);
    await values.flush();
    expect(values.valuesWaiting).toBe(0);
    for (const at of [0, 63, 64, 2_999]) {
      expect((await read(`S${at}.KRX`)).get(`ticks/S${at}.KRX`)!.message.seq).toBe(2);
    }
  });

  it('writes at its end what came during a flush, and counts nothing that had expired', async () => {
    const values = open({ realtimeSeconds: 0.001 });
    values.take(batchOf({ 'ticks/A.KRX': [{ seq: 1 }], 'bars/A.KRX/1m': [{ seq: 1 }] }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const flush = values.flush();
    await vi.waitUntil(() => values.valuesWaiting === 0, WAIT);
    values.take(batchOf({ 'bars/A.KRX/1m': [{ seq: 2 }] }));
    await values.close();
    await flush;
    expect(await seqs()).toEqual({ 'bars/A.KRX/1m': 2 });
    expect(values.counts).toMatchObject({ written: 2, expired: 1 });
  });

  it('says again what is said on change alone, for as long as it lives', async () => {
    const values = open({ flushMs: 20, realtimeSeconds: 1 });
    values.take(batchOf({ 'market/A.KRX': [{ seq: 1 }], 'ticks/A.KRX': [{ seq: 1 }] }));
    await vi.waitUntil(async () => (await seqs())['ticks/A.KRX'] === 1, WAIT);
    await vi.waitUntil(async () => (await seqs())['ticks/A.KRX'] === undefined, WAIT);
    await vi.waitUntil(async () => (await seqs())['market/A.KRX'] === 1, WAIT);
    await values.close();
    await vi.waitUntil(async () => (await seqs())['market/A.KRX'] === undefined, WAIT);
  });

  it.skipIf(!own)(`gives a Redis that has forgotten everything all that is still true${whereOwn}`, async () => {
    const values = open({ flushMs: 20, realtimeSeconds: 2 });
    const { 'ticks/A.KRX': _, ...longer } = OF_INSTRUMENT;
    values.take(batchOf(Object.fromEntries(Object.keys(OF_INSTRUMENT).map((key) => [key, [{ seq: 7 }]]))));
    await vi.waitUntil(async () => (await seqs())['bars/A.KRX/1m'] === 7, WAIT);
    await server.kill();
    // What is noted while Redis is away, and outlives its worth there, is never written.
    values.take(batchOf({ 'quality/A.KRX': [{ seq: 8 }], 'ticks/B.KRX': [{ seq: 1 }] }));
    await vi.waitUntil(() => connection.state === 'redis_unavailable', WAIT);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(values.valuesWaiting).toBeGreaterThan(0);
    await server.restart();
    const standing = Object.entries(longer).filter(([key, life]) => life > 60 || key.startsWith('market'));
    const expected = Object.fromEntries(standing.map(([key]) => [key, key === 'quality/A.KRX' ? 8 : 7]));
    await vi.waitFor(async () => expect(await seqs()).toEqual(expected), WAIT);
    expect((await read('B.KRX')).size).toBe(0);
    expect(values.counts.expired).toBeGreaterThan(0);
    expect(await server.client.zscore(ENGINES_KEY, namespace)).not.toBeNull();
    const barLifeMs = await server.client.pttl(latestKey(namespace, 'bars/A.KRX/1m'));
    expect(barLifeMs).toBeLessThanOrEqual(3_598_000);
    expect(await server.client.pttl(streamsKey(namespace, 'A.KRX'))).toBeGreaterThan(3_000_000);
  });
});
