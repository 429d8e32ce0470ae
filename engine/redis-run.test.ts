// A run beside a real Redis (redis-server on the PATH) that comes to hang under it.
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

it.skipIf(!own)(`ends in order while Redis hangs, with all that the next start needs${where}`, async () => {
  server = await start();
  const { restUrl, webSocketUrl } = await testEmulator();
  const config = configSchema.parse({
    source: { kis: { restUrl, webSocketUrl } },
    universe: { symbols: ['005930'] },
    journal: { dataDir: folder },
    state: { redisUrl: server.url },
  });
  const run = await startRun({ config, kisKeys: [] }, log, 'unused');
  run.begin();
  const { client } = server;
  const layout = dataLayout(join(folder, 'emulator'));
  const key = `kisignal:{emulator:${readFileSync(layout.journalId, 'utf8').trim()}}:latest:ticks/005930.KRX`;
  await vi.waitUntil(() => client.exists(key), { timeout: 20_000, interval: 20 });
  await server.hang();
  const { digest } = await run.stop('test');
  const unsaved = lines.filter((line) => line.includes('snapshot not saved')).map((line) => JSON.parse(line));
  // Cut by the one deadline of the end, not each given up by a timeout of its own.
  expect(unsaved.map(({ err }) => err.message)).toEqual(['Connection is closed.']);
  expect(existsSync(join(folder, 'emulator', 'engine.lock'))).toBe(false);
  expect((await replay({ dataFolder: join(folder, 'emulator'), log })).digest).toBe(digest);
});
