// An ingest and the engines that follow it, each as a process has it: what is published is what the journal gives, whoever
// of them dies and comes back.
import { statSync } from 'node:fs';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { dataFolder } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { dataLayout } from '../data-folder.ts';
import { testEmulator } from '../emulator/test-emulator.ts';
import { startIngest } from '../ingest.ts';
import { JournalUnavailable } from '../journal/journal.ts';
import { replay } from '../replay.ts';
import { configOn, temporaryFolder, until } from '../test-run.ts';
import { numbersOf, testEngine, testIngest } from './test-roles.ts';

const TICKS = 'ticks/005930.KRX';
const log = pino({ level: 'silent' });

async function newConfig(): Promise<Config> {
  const sections = { universe: { symbols: ['005930', '000660'] }, journal: { compression: 'none' } };
  return configOn(await testEmulator(), temporaryFolder(), sections);
}

function counted(to: number): number[] {
  return Array.from({ length: to }, (_, i) => i + 1);
}

it('publishes what role all would have published from the same journal', async () => {
  const config = await newConfig();
  const { ingest } = await testIngest(config);
  const { engine, outputs } = await testEngine(config);
  await until(() => numbersOf(outputs, TICKS).length > 10);
  expect(engine.machine.feedConnected).toBe(true);
  await until(() => engine.ingest !== null);
  expect(engine.ingest).toMatchObject({ source: 'simulated', recorder: { available: true }, hub: { live: 1 } });
  await ingest.stop('test');
  await until(() => !engine.connected);
  const { digest, messages } = await engine.stop();
  expect(messages).toBeGreaterThan(0);
  expect((await replay({ dataFolder: dataFolder(config), log })).digest).toBe(digest);
  const numbers = numbersOf(outputs, TICKS);
  expect(numbers).toEqual(counted(numbers.length));
});

it('goes on without a hole through a new ingest, and catches up after its own end', async () => {
  const config = await newConfig();
  const first = await testIngest(config);
  const one = await testEngine(config);
  await until(() => numbersOf(one.outputs, TICKS).length > 3);
  await first.ingest.stop('test');
  await until(() => !one.engine.connected);
  const before = numbersOf(one.outputs, TICKS).length;
  const second = await testIngest(config);
  await until(() => one.engine.connected && numbersOf(one.outputs, TICKS).length > before + 3);
  await one.engine.stop();
  const seen = numbersOf(one.outputs, TICKS);
  expect(seen).toEqual(counted(seen.length));
  const { nextOffset } = one.engine;
  await until(() => second.ingest.status().journal.nextOffset > nextOffset + 20);
  const other = await testEngine(config);
  expect(other.engine.recovered!.replayedEntries).toBeGreaterThan(nextOffset);
  expect(other.engine.bus.since(TICKS, other.engine.machine.epoch, seen.length)).not.toBeNull();
  await until(() => numbersOf(other.outputs, TICKS).length > 0);
  expect(other.engine.bus.since(TICKS, other.engine.machine.epoch, seen.length)![0].seq).toBe(seen.length + 1);
  await second.ingest.stop('test');
  await until(() => !other.engine.connected);
  const { digest } = await other.engine.stop();
  expect((await replay({ dataFolder: dataFolder(config), log })).digest).toBe(digest);
});

it('ends where what it has stands in no journal and another ingest goes on, which may give its numbers again', async () => {
  const config = await newConfig();
  let fill = (): void => {};
  const first = await startIngest({
    loaded: { config, kisKeys: [] },
    log,
    main: 'unused',
    onOpened: ({ journal }) => {
      fill = () => {
        journal.append = () => {
          throw new JournalUnavailable(new Error('ENOSPC'));
        };
      };
    },
  });
  onTestFinished(() => first.stop('test'));
  const { engine, outputs } = await testEngine(config);
  await until(() => numbersOf(outputs, TICKS).length > 3);
  const { epoch } = engine.machine;
  fill();
  await until(() => outputs.some((one) => one.epoch.startsWith('unjournaled-')));
  await first.stop('test');
  await testIngest(config);
  expect(await engine.failed).toBe('journal_unavailable');
  expect(outputs.at(-1)!.epoch).toMatch(/^unjournaled-/);
  await engine.stop();
  const next = await testEngine(config);
  await until(() => numbersOf(next.outputs, TICKS).length > 3);
  expect(next.engine.machine.epoch).toBe(epoch);
  const before = numbersOf(
    outputs.filter((one) => one.epoch === epoch),
    TICKS,
  );
  expect(numbersOf(next.outputs, TICKS)[0]).toBe(before.length + 1);
});

it('lets one engine serve a data folder, and one ingest write it; the file that names it is for the owner alone', async () => {
  const config = await newConfig();
  await testIngest(config);
  await testEngine(config);
  await expect(testEngine(config)).rejects.toMatchObject({ name: 'FolderLocked', pid: process.pid });
  await expect(testIngest(config)).rejects.toMatchObject({ name: 'FolderLocked', pid: process.pid });
  expect(statSync(dataLayout(dataFolder(config)).ingest).mode & 0o777).toBe(
    process.platform === 'win32' ? 0o666 : 0o600,
  );
});
