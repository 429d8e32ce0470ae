// What becomes of the state in Redis while a real one is full, hangs, or is replaced by another (redis-server on the PATH).
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readLatest } from './redis-layout.ts';
import { findRedis, type RedisServer } from './redis-server.ts';
import { RedisState } from './redis-state.ts';
import { openRedisSwitch } from './redis-switch.ts';
import { batchOf, TIMES_TO_LIVE } from './redis-test-batch.ts';

const { own, start } = findRedis();
const where = own ? '' : ' (skipped: no redis-server on the PATH)';
const WAIT = { timeout: 30_000, interval: 10 };

describe.skipIf(!own)(`redis that fails${where}`, () => {
  let server: RedisServer;
  const lines: { readonly level: number; readonly msg: string }[] = [];
  const ends: (() => unknown)[] = [];
  beforeEach(async () => {
    lines.length = 0;
    server = await start();
    ends.push(() => server.stop());
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function open(url = server.url): Promise<RedisState> {
    const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
    const state = new RedisState({ url, namespace: 'test', timesToLive: TIMES_TO_LIVE, flushMs: 20, log });
    await state.open('journal');
    ends.push(() => state.close());
    return state;
  }

  let seq = 0;
  const speak = (state: RedisState, epoch = 'e1') => {
    seq += 1;
    state.take(batchOf({ 'ticks/A.KRX': [{ seq }], 'bars/A.KRX/1m': [{ seq, text: 'x'.repeat(1000) }] }, epoch));
  };
  const seqIn = async ({ client }: RedisServer) => (await readLatest(client, 'A.KRX')).get('ticks/A.KRX')?.message.seq;
  const written = (to: RedisServer) => vi.waitUntil(async () => (await seqIn(to)) === seq, WAIT);
  const inState = (state: RedisState, name: string) => vi.waitUntil(() => state.state === name, WAIT);
  const warnings = () => lines.filter(({ level }) => level >= 40).map(({ msg }) => msg.split(':')[0]);

  it('that is full: says so once, asks less and less often, and writes the latest once there is room', async () => {
    const state = await open();
    speak(state);
    await written(server);
    await server.limitMemory(1);
    speak(state);
    await inState(state, 'redis_full');
    await vi.waitUntil(() => state.failedFlushes >= 4, WAIT);
    for (let i = 0; i < 100; i++) speak(state);
    expect(state.figures()).toMatchObject({ state: 'redis_full', valuesWaiting: 2 });
    expect(warnings()).toEqual(['redis_full']);
    await server.limitMemory(0);
    await written(server);
    await inState(state, 'redis');
    expect(state.figures().valuesWaiting).toBe(0);
    expect(lines.at(-1)!.msg).toBe('redis is back');
  });

  it('that hangs: nobody waits for it, one flush is under way, and the latest is written once it goes on', async () => {
    const state = await open();
    speak(state);
    await written(server);
    await server.hang();
    speak(state);
    const flush = state.flush();
    for (let i = 0; i < 100; i++) {
      speak(state);
      expect(state.flush()).toBe(flush);
    }
    await flush;
    expect(state.failedFlushes).toBe(1);
    await inState(state, 'redis_unavailable');
    expect(state.figures().valuesWaiting).toBe(2);
    await server.resume();
    await written(server);
    expect(state.state).toBe('redis');
    expect(warnings()).toEqual(['redis_unavailable']);
  });

  it('that is replaced: a server that reads only is left for the one that took its place', async () => {
    const next = await start();
    ends.push(() => next.stop());
    const address = await openRedisSwitch(server);
    ends.push(() => address.close());
    const state = await open(address.url);
    speak(state);
    await written(server);
    await next.follow(server);
    await next.follow(null);
    await server.follow(next);
    const { connections } = address;
    speak(state);
    await inState(state, 'redis_read_only');
    // Nobody has told the address yet: the old one is found again, and left again.
    await vi.waitUntil(() => address.connections > connections, WAIT);
    address.turnTo(next);
    await written(next);
    await inState(state, 'redis');
    speak(state, 'e2');
    await written(next);
    expect(new Set(warnings())).toEqual(new Set(['redis_read_only']));
  });

  it('that is killed again and again while values come: has the latest of all of them in the end', async () => {
    const state = await open();
    for (let round = 0; round < 5; round++) {
      speak(state);
      const flush = state.flush();
      await server.kill();
      speak(state);
      await flush;
      await server.restart();
    }
    await written(server);
    await inState(state, 'redis');
    expect(state.figures()).toMatchObject({ valuesWaiting: 0, valuesExpired: 0 });
  });
});
