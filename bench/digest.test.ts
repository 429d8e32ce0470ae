// The promise that all else stands on: what a live run published, a replay of its journal gives again, byte for byte.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replay } from '../engine/replay.ts';
import { KisignalProcess, ticksOf } from './kisignal-process.ts';

const TICKS = 300_000;
let folder: string;
const processes: KisignalProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-digest-'));
});
afterEach(async () => {
  for (const one of processes.splice(0)) await one.kill();
  rmSync(folder, { recursive: true, force: true });
});

function start(): KisignalProcess {
  // As fast as it can, with a market so lively that frames carry many records each.
  const one = new KisignalProcess({ dataFolder: folder, flags: ['--speed', '0', '--activity', '8'] });
  processes.push(one);
  return one;
}

it(`a run of more than ${TICKS.toLocaleString('en')} ticks, killed once and stopped twice, has the digest of its replay`, {
  timeout: 600_000,
}, async () => {
  const first = start();
  await first.untilStatus((status) => ticksOf(status) > TICKS / 4, 'a quarter of the ticks', 300_000);
  await first.kill();
  const second = start();
  await second.untilStatus((status) => ticksOf(status) > TICKS / 2, 'half of the ticks', 300_000);
  await second.end();
  const third = start();
  await third.untilStatus((status) => ticksOf(status) > TICKS, 'all of the ticks', 300_000);
  const { messages, streams, digest } = await third.end();
  const replayed = await replay({ dataFolder: join(folder, 'emulator'), log: pino({ level: 'silent' }) });
  expect({ messages: replayed.messages, streams: replayed.streams, digest: replayed.digest }).toEqual({
    messages,
    streams,
    digest,
  });
  expect(replayed.ticks).toBeGreaterThan(TICKS);
});
