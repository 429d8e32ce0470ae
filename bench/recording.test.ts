// `kisignal record` and what is done with a recording, each as a process: recorded, interrupted, replayed, looked into,
// exported, reported on, and gone on with by `kisignal run`.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { KisignalCommand, kisignal } from './kisignal-command.ts';
import { KisignalProcess, ticksOf } from './kisignal-process.ts';

interface Figures {
  readonly entries: number;
  readonly bytesWritten: number;
  readonly unjournaled: number;
  readonly available: boolean;
}

let folder: string;
let data: string;
const started: { kill(): Promise<unknown> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-recording-'));
  data = join(folder, 'emulator');
});
afterEach(async () => {
  for (const one of started.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

function record(): KisignalCommand {
  const flags = ['--data-dir', folder, '--symbols', '005930,000660', '--speed', '10'];
  const one = new KisignalCommand(folder, ['record', ...flags]);
  started.push(one);
  return one;
}

function figuresOf({ lines }: KisignalCommand): Figures[] {
  return lines.map((line) => JSON.parse(line) as Figures);
}

async function recorded(one: KisignalCommand, entries: number): Promise<void> {
  await vi.waitUntil(() => (figuresOf(one).at(-1)?.entries ?? 0) > entries, { timeout: 60_000, interval: 20 });
}

async function replayed(): Promise<{ digest: string; ticks: number; entries: number; epoch: string }> {
  const { code, out } = await kisignal(folder, 'replay', data);
  expect(code).toBe(0);
  return JSON.parse(out) as Awaited<ReturnType<typeof replayed>>;
}

it('is a journal that everything reads, and that a run goes on with', { timeout: 180_000 }, async () => {
  const recording = record();
  await recorded(recording, 200);
  for (const command of ['record', 'run']) {
    const { code, errors } = await kisignal(folder, command, '--data-dir', folder, '--port', '0');
    expect(code).toBe(1);
    expect(errors.trim().split('\n')).toEqual([expect.stringMatching(/^\S.* (process|by) .*\d+/)]);
  }
  const { code, errors } = await recording.interrupt();
  expect(code).toBe(0);
  expect(errors).not.toMatch(/"level":"(warn|error)"/);
  const last = figuresOf(recording).at(-1)!;
  expect(last).toMatchObject({ unjournaled: 0, available: true });
  expect(readdirSync(data).filter((name) => /^(engine\.lock|emulator\.json)/.test(name))).toEqual([]);

  const alone = await replayed();
  expect(alone.entries).toBe(last.entries);
  expect(alone.ticks).toBeGreaterThan(0);
  expect((await replayed()).digest).toBe(alone.digest);

  const listing = JSON.parse((await kisignal(folder, 'journal', 'ls', data, '--format', 'json')).out);
  expect(JSON.stringify(listing)).toContain('.kisj');
  const stats = await kisignal(folder, 'journal', 'stats', data);
  expect([stats.code, stats.out]).toEqual([0, expect.stringContaining('H0STCNT0')]);
  const controls = await kisignal(
    folder,
    'journal',
    'cat',
    '--data-dir',
    folder,
    '--kinds',
    'control',
    '--format',
    'json',
  );
  const commands = controls.out.split('\n').map((line) => JSON.parse(line));
  expect(JSON.stringify(commands)).toMatch(/"type":"start".*"type":"stop"/);
  const jsonl = await kisignal(folder, 'journal', 'export', data, '--what', 'trades');
  const trades = jsonl.out.split('\n').map((line) => JSON.parse(line) as { code: string });
  expect(trades).toHaveLength(alone.ticks);
  const file = join(folder, 'trades.parquet');
  expect((await kisignal(folder, 'journal', 'export', data, '--format', 'parquet', '--out', file)).code).toBe(0);
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(file) });
  expect(rows.map(({ code: one }) => one)).toEqual(trades.map(({ code: one }) => one));
  const report = JSON.parse((await kisignal(folder, 'quality', 'report', data, '--format', 'json')).out);
  expect(report).toMatchObject({ findingsTotal: 0, instruments: 2 });

  const run = new KisignalProcess({ dataFolder: folder, flags: ['--symbols', '005930,000660', '--speed', '10'] });
  started.push(run);
  const status = await run.untilStatus((one) => ticksOf(one) > alone.ticks, 'ticks behind those of the recording');
  expect(status.recovered.replayedEntries).toBe(alone.entries);
  expect(status.epoch).toBe(alone.epoch);
  const { digest } = await run.end();
  expect((await replayed()).digest).toBe(digest);
});

it('goes on behind a recording that was killed', { timeout: 120_000 }, async () => {
  const killed = record();
  await recorded(killed, 100);
  await killed.kill();
  const before = await replayed();
  const second = record();
  await recorded(second, 100);
  expect((await second.interrupt()).code).toBe(0);
  const after = await replayed();
  expect(after.entries).toBe(before.entries + figuresOf(second).at(-1)!.entries);
  expect(after.ticks).toBeGreaterThan(before.ticks);
});
