// Runs beside a real Redis (redis-server on the PATH) that comes to hang under them, or dies and starts anew.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { testEmulator } from './emulator/test-emulator.ts';
import { dataLayout } from './engine.ts';
import { replay } from './replay.ts';
import { startRun } from './run.ts';
import { type LatestValue, readLatest } from './state/redis-layout.ts';
import { findRedis, type RedisServer } from './state/redis-server.ts';

const { own, start } = findRedis();
const where = own ? '' : ' (skipped: no redis-server on the PATH)';
const lines: string[] = [];
const log = pino({}, { write: (line: string) => lines.push(line) });
let folder: string;
let server: RedisServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-redis-'));
  lines.length = 0;
});
afterEach(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A run of one symbol on a Redis of its own. */
async function runBesideRedis() {
  server = await start();
  const { restUrl, webSocketUrl } = await testEmulator({ speed: 5 });
  const config = configSchema.parse({
    source: { kis: { restUrl, webSocketUrl } },
    universe: { symbols: ['005930'] },
    journal: { dataDir: folder },
    state: { redisUrl: server.url },
  });
  const run = await startRun({ config, kisKeys: [] }, log, 'unused');
  run.begin();
  return { run, server };
}

const WAIT = { timeout: 20_000, interval: 20 };

it.skipIf(!own)(`ends in order while Redis hangs, with all that the next start needs${where}`, async () => {
  const { run, server } = await runBesideRedis();
  const { client } = server;
  const layout = dataLayout(join(folder, 'emulator'));
  const key = `kisignal:{emulator:${readFileSync(layout.journalId, 'utf8').trim()}}:latest:ticks/005930.KRX`;
  await vi.waitUntil(() => client.exists(key), WAIT);
  await server.hang();
  const { digest } = await run.stop('test');
  const unsaved = lines.filter((line) => line.includes('snapshot not saved')).map((line) => JSON.parse(line));
  // Cut by the one deadline of the end, not each given up by a timeout of its own.
  expect(unsaved.map(({ err }) => err.message)).toEqual(['Connection is closed.']);
  expect(existsSync(join(folder, 'emulator', 'engine.lock'))).toBe(false);
  expect((await replay({ dataFolder: join(folder, 'emulator'), log })).digest).toBe(digest);
});

it.skipIf(!own)(`goes on while Redis is dead, and Redis has every value of it once it is back${where}`, async () => {
  const { run, server } = await runBesideRedis();
  const { client } = server;
  const published = new Map<string, number>();
  run.bus.subscribe(({ updates }) => {
    for (const { stream, messages } of updates) published.set(stream.key, messages.at(-1)!.seq);
  });
  const ticks = () => published.get('ticks/005930.KRX') ?? 0;
  const state = () => (run.status() as { state: string }).state;
  let values = new Map<string, LatestValue>();
  const read = async () => {
    values = await readLatest(client, '005930.KRX');
    return values;
  };
  const kept = () => [...published.keys()].filter((key) => key.includes('/005930.KRX'));
  await vi.waitUntil(async () => (await read()).has('ticks/005930.KRX'), WAIT);
  await server.kill();
  await vi.waitUntil(() => state() === 'redis_unavailable', WAIT);
  const before = ticks();
  // Nothing waits for it: trades go on, and a bar of a second is closed.
  await vi.waitUntil(() => ticks() > before + 5 && published.has('bars/005930.KRX/1s'), WAIT);
  const meanwhile = new Map(published);
  await server.restart();
  await vi.waitUntil(() => state() === 'redis', WAIT);
  await vi.waitFor(async () => {
    await read();
    for (const key of kept().filter((key) => meanwhile.has(key))) {
      expect(values.get(key)?.message.seq ?? 0, key).toBeGreaterThanOrEqual(meanwhile.get(key)!);
    }
  }, WAIT);
  const { epoch, source } = run.origin();
  for (const value of values.values()) expect(value).toMatchObject({ epoch, source });
  expect(lines.filter((line) => line.includes('redis_unavailable'))).toHaveLength(1);
  const { digest } = await run.stop('test');
  expect((await replay({ dataFolder: join(folder, 'emulator'), log })).digest).toBe(digest);
});
