// The kill switch as an operator uses it: commands and a file, beside a kisignal that runs.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../config/paths.ts';
import { replay } from '../engine/replay.ts';
import { KisignalProcess, type Status, ticksOf } from './kisignal-process.ts';

type WithVitals = Status & {
  readonly vitals: { readonly signals: string; readonly haltReason: string | null } | null;
  readonly killSwitch: string | null;
};

let folder: string;
const processes: KisignalProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-halt-'));
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

function start(): KisignalProcess {
  const one = new KisignalProcess({ dataFolder: folder, flags: ['--speed', '20', '--activity', '4'] });
  processes.push(one);
  return one;
}

async function command(...words: string[]): Promise<string> {
  const main = join(packageRoot, 'dist', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...words, '--data-dir', folder], {
    cwd: folder,
    // Whoever halts the live engine needs no keys for it.
    env: { ...process.env, KIS_APP_KEY: '', KIS_APP_SECRET: '' },
  });
  return stdout;
}

function halted(reason: string | null) {
  return (status: Status): boolean => (status as WithVitals).vitals?.haltReason === reason;
}

function signalsOf({ counters }: Status): number {
  return counters.signals.buy + counters.signals.sell;
}

it('halts signals while data go on, through a restart, until it is taken back; a replay gives the same', {
  timeout: 300_000,
}, async () => {
  expect(await command('halt', 'strange', 'prices', '--env', 'emulator')).toMatch(
    /are halted: strange prices\n.*No engine|No engine/s,
  );
  const first = start();
  const status = await first.untilStatus(
    (status) => halted('kill_switch')(status) && ticksOf(status) > 0,
    'ticks and a halt',
  );
  expect(status).toMatchObject({ vitals: { signals: 'halted' }, killSwitch: 'strange prices' });
  const denials = ({ counters }: Status) =>
    (counters as unknown as { denied: Record<string, number> }).denied.kill_switch ?? 0;
  expect(signalsOf(await first.untilStatus((status) => denials(status) > 0, 'a candidate that is denied'))).toBe(0);

  expect(await command('resume')).toContain(`The engine there (process ${first.pid}) follows`);
  await first.untilStatus(halted(null), 'the halt is over');
  await first.untilStatus((status) => signalsOf(status) > 0, 'a signal');

  writeFileSync(join(folder, 'emulator', 'halt'), 'by hand\n');
  await first.untilStatus(halted('kill_switch'), 'a halt by hand');
  const { digest } = await first.end();
  expect((await replay({ dataFolder: join(folder, 'emulator'), log: pino({ level: 'silent' }) })).digest).toBe(digest);

  const second = start();
  const before = signalsOf(await second.untilStatus(halted('kill_switch'), 'the halt, after a restart'));
  const ticks = ticksOf(await second.status());
  expect(signalsOf(await second.untilStatus((status) => ticksOf(status) > ticks + 1000, 'more ticks'))).toBe(before);
  expect(await command('resume')).toContain('they were halted: by hand');
  expect(existsSync(join(folder, 'emulator', 'halt'))).toBe(false);
  await second.untilStatus((status) => signalsOf(status) > before, 'a signal again');
  const report = await second.end();
  expect((await replay({ dataFolder: join(folder, 'emulator'), log: pino({ level: 'silent' }) })).digest).toBe(
    report.digest,
  );
});

it('is thrown for the live engine by whoever has no keys', async () => {
  expect(await command('halt', '--env', 'live')).toContain(`Signals of ${join(folder, 'live')} are halted`);
  expect(existsSync(join(folder, 'live', 'halt'))).toBe(true);
});
