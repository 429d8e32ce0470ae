import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { configSchema } from '../config/schema.ts';
import { testEmulator } from './emulator/test-emulator.ts';
import { replay } from './replay.ts';
import { startRun } from './run.ts';

const log = pino({ level: 'silent' });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-run-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function configOn(journal: object = {}) {
  const { restUrl, webSocketUrl } = await testEmulator();
  return configSchema.parse({
    source: { kis: { restUrl, webSocketUrl } },
    universe: { symbols: ['005930', '000660'] },
    journal: { dataDir: folder, ...journal },
  });
}

async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 20_000, interval: 10 });
}

it('tells those around it how it is, from before it begins to its digest', async () => {
  const run = await startRun({ config: await configOn(), kisKeys: [] }, log, 'unused');
  expect(run.ready()).toBe(false);
  expect(run.figures()).toMatchObject({ source: 'simulated', feed: 'connecting', ticksPerSecond: 0 });
  const attached = { connections: 2, messages: {}, closed: new Map(), errors: new Map(), refused: new Map() };
  run.attach(attached);
  run.begin();
  await until(run.ready);
  await until(() => run.figures().feed === 'connected' && run.bus.retained('ticks/005930.KRX').length > 0);
  await until(() => run.bus.retained('status/engine').length > 0);
  expect(run.status()).toMatchObject({
    epoch: run.origin().epoch,
    source: 'simulated',
    simulated: true,
    market: { phase: 'continuous' },
    instruments: [{ instrument: '005930.KRX', nameKo: '삼성전자' }, { instrument: '000660.KRX' }],
    vitals: { feed: 'connected', connections: 2, signals: 'active' },
    feed: { registered: 4, notices: { received: 0, stored: 0, foreign: 0, failed: 0 } },
    journal: { available: true, unjournaledInputs: 0 },
    recovered: { snapshotOffset: null, replayedEntries: 0 },
    state: 'memory',
  });
  expect(JSON.parse(JSON.stringify(run.status()))).toBeTypeOf('object');
  expect(await run.metrics()).toMatch(/kisignal_ticks_total\{.*\} [1-9]/);
  const { digest } = await run.stop('test');
  expect((await replay({ dataFolder: join(folder, 'emulator'), log })).digest).toBe(digest);
});

it('stores the feed’s numbers under its identity: the next run on it goes on in the same epoch', async () => {
  const config = await configOn();
  const epochs: string[] = [];
  for (let i = 0; i < 2; i++) {
    const run = await startRun({ config, kisKeys: [] }, log, 'unused');
    run.begin();
    await until(() => (run.bus.retained('ticks/005930.KRX').at(-1)?.seq ?? 0) > 10 * i);
    await until(run.ready);
    epochs.push(run.origin().epoch);
    await run.stop('test');
  }
  expect(epochs[1]).toBe(epochs[0]);
});

it('does not start, and leaves the folder free, where the key file or the emulator is not there', async () => {
  const config = await configOn({ encryptionKeyFile: join(folder, 'nowhere') });
  await expect(startRun({ config, kisKeys: [] }, log, 'unused')).rejects.toThrow(/^journal\.encryptionKeyFile: ENOENT/);
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, 'too short');
  const short = await configOn({ encryptionKeyFile: keyFile });
  await expect(startRun({ config: short, kisKeys: [] }, log, 'unused')).rejects.toThrow(
    /^journal\.encryptionKeyFile: .*expected 32 bytes .* found \d+/,
  );
  const kis = { restUrl: 'http://127.0.0.1:1', webSocketUrl: 'ws://127.0.0.1:1' };
  const unreachable = configSchema.parse({ source: { kis }, journal: { dataDir: folder } });
  await expect(startRun({ config: unreachable, kisKeys: [] }, log, 'unused')).rejects.toThrow(
    'no emulator answers at http://127.0.0.1:1',
  );
  const framesFile = join(folder, 'frames.jsonl');
  const frames = configSchema.parse({ emulator: { framesFile }, journal: { dataDir: folder } });
  await expect(startRun({ config: frames, kisKeys: [] }, log, 'unused')).rejects.toThrow(
    /^emulator\.framesFile: ENOENT/,
  );
  const file = configSchema.parse({ journal: { dataDir: keyFile } });
  await expect(startRun({ config: file, kisKeys: [] }, log, 'unused')).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/^journal\.dataDir: ENOTDIR/),
  });
  const run = await startRun({ config: await configOn(), kisKeys: [] }, log, 'unused');
  await run.stop('test');
});
