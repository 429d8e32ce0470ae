import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { packageRoot } from '../../config/paths.ts';
import { attachEmulator, type EmulatorProcess, findEmulator, startEmulatorProcess } from './emulator-process.ts';

const main = join(packageRoot, 'dist', 'main.js');
type Started = EmulatorProcess & { readonly pid: number };
let folder: string;
const started: Started[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-emulator-'));
});
afterEach(async () => {
  for (const emulator of started.splice(0)) {
    emulator.stop();
    await ended(emulator.pid);
  }
  rmSync(folder, { recursive: true, force: true });
});

async function ensure(...args: string[]): Promise<Started> {
  const running =
    (await findEmulator(folder)) ??
    (await startEmulatorProcess({ dataFolder: folder, main, args: ['--emulator-symbols', '2', ...args] }));
  running.remember();
  const { pid } = JSON.parse(readFileSync(join(folder, 'emulator.json'), 'utf8')) as { pid: number };
  const emulator = { ...running, pid };
  started.push(emulator);
  return emulator;
}

async function ended(pid: number): Promise<void> {
  const isGone = (): boolean => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };
  await vi.waitUntil(isGone, { timeout: 20_000, interval: 20 });
}

async function identityOf({ restUrl }: EmulatorProcess): Promise<string> {
  const answer = await fetch(`${restUrl}/emulator/status`);
  return ((await answer.json()) as { identity: string }).identity;
}

it('starts an emulator, finds it again while it lives, and starts another once it is dead', async () => {
  const first = await ensure('--start-time', '2026-11-23T01:00:00Z');
  expect(first.found).toBe(false);
  // At the first event of the market from then on.
  expect(first.startTimeUs).toBeGreaterThanOrEqual(Date.UTC(2026, 10, 23, 1) * 1000);
  expect(first.startTimeUs).toBeLessThan(Date.UTC(2026, 10, 23, 1, 1) * 1000);
  expect(await identityOf(first)).toBe(first.identity);
  const again = await ensure();
  expect(again).toMatchObject({ found: true, pid: first.pid, identity: first.identity, restUrl: first.restUrl });
  process.kill(first.pid, 'SIGKILL');
  await ended(first.pid);
  const next = await ensure();
  expect(next.found).toBe(false);
  expect(next.identity).not.toBe(first.identity);
});

it('does not take another one on the same address for its own, nor a file that is none', async () => {
  const first = await ensure();
  const path = join(folder, 'emulator.json');
  for (const text of [readFileSync(path, 'utf8').replace(first.identity, 'somebody else'), '{"pid": 1', '']) {
    writeFileSync(path, text);
    const other = await ensure();
    expect(other.found).toBe(false);
    expect(other.pid).not.toBe(first.pid);
  }
});

it('is ended by whoever stops it, and ends by itself where no client comes', async () => {
  const stopped = await ensure();
  stopped.stop();
  await ended(stopped.pid);
  stopped.stop();
  const idle = await ensure('--idle-exit-ms', '200');
  expect(idle.found).toBe(false);
  await ended(idle.pid);
});

it('is attached to by whoever knows its address, and told what is personal aside from its arguments', async () => {
  const first = await ensure();
  const attached = await attachEmulator(first.restUrl, first.webSocketUrl);
  expect(attached).toMatchObject({ found: true, identity: first.identity });
  attached.stop();
  expect(await identityOf(first)).toBe(first.identity);
  await expect(attachEmulator('http://127.0.0.1:1', '')).rejects.toThrow('no emulator answers at http://127.0.0.1:1');
  const told = join(folder, 'told.mjs');
  writeFileSync(
    told,
    'process.stderr.write([...process.argv.slice(2), process.env.KIS_HTS_ID].join(), () => process.exit(4));',
  );
  const other = join(folder, 'other');
  const environment = { KIS_HTS_ID: 'someone' };
  await expect(startEmulatorProcess({ dataFolder: other, main: told, args: ['x'], environment })).rejects.toThrow(
    /emulate,x,someone$/,
  );
});

it('is not taken for one that answers something else', async () => {
  const emulator = { identity: 'x', source: 'simulated', timeUs: 1 };
  let answer: [status: number, body: unknown] = [200, emulator];
  const server = createServer((_, response) => response.writeHead(answer[0]).end(JSON.stringify(answer[1])));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await attachEmulator(url, '')).toMatchObject({ identity: 'x', startTimeUs: 1 });
    const wrong = [null, [], 'x', { ...emulator, identity: 1 }, { ...emulator, source: 'live' }, { identity: 'x' }];
    for (const next of [[500, emulator], ...wrong.map((body) => [200, body])] as (typeof answer)[]) {
      answer = next;
      await expect(attachEmulator(url, ''), JSON.stringify(next)).rejects.toThrow(`no emulator answers at ${url}`);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

it('that does not start says why', async () => {
  const broken = join(folder, 'broken.mjs');
  writeFileSync(broken, "process.stderr.write('no luck today', () => process.exit(3));");
  await expect(startEmulatorProcess({ dataFolder: folder, main: broken, args: [] })).rejects.toThrow(
    /code 3.*no luck today/,
  );
  await expect(ensure('--speed', 'fast')).rejects.toThrow(/code 2/);
});
