// Starts that are refused: on a folder that another process has, and on a port in use. Kills: crashes/crashes.test.ts.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { KisignalProcess, ticksOf } from './kisignal-process.ts';

let folder: string;
const processes: KisignalProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-recovery-'));
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

function start(flags: string[] = ['--speed', '20', '--activity', '4']): KisignalProcess {
  const one = new KisignalProcess({ dataFolder: folder, flags });
  processes.push(one);
  return one;
}

it('a second engine on the same folder is refused, and harms neither the first nor its emulator', {
  timeout: 120_000,
}, async () => {
  const first = start();
  await first.untilStatus((status) => ticksOf(status) > 100, 'ticks');
  const second = start();
  expect(await second.exited).toBe(1);
  expect(second.errors).toContain(`in use by process ${first.pid}`);
  expect(second.errors).not.toContain('    at ');
  const { counters } = await first.status();
  await first.untilStatus((status) => ticksOf(status) > Object.values(counters.ticks)[0], 'more ticks');
  await first.end();
});

it('a port in use ends the start with its number, and leaves the folder free', { timeout: 120_000 }, async () => {
  const first = start();
  const { port } = new URL(await first.url());
  const other = mkdtempSync(join(tmpdir(), 'kisignal-recovery-other-'));
  const blocked = new KisignalProcess({ dataFolder: other, flags: ['--port', port] });
  processes.push(blocked);
  expect(await blocked.exited).toBe(1);
  expect(blocked.errors).toContain(port);
  await first.end();
  const again = new KisignalProcess({ dataFolder: other });
  processes.push(again);
  await again.untilStatus((status) => ticksOf(status) > 0, 'ticks');
  await again.end();
  rmSync(other, { recursive: true, force: true });
});
