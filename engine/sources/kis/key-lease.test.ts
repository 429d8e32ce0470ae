import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { testEmulator } from '../../emulator/test-emulator.ts';
import { KeyLease, type SharedLeases } from './key-lease.ts';
import { appKey, keys, startSource, WAIT } from './test-source.ts';

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'kisignal-lease-')), 'keys');
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  child = undefined;
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

function lease(key = appKey(1), into: string | null = folder, shared?: SharedLeases) {
  const codes: string[] = [];
  const onLost = vi.fn();
  const made = new KeyLease({ folder: into, appKey: key, shared, onUnguarded: (code) => codes.push(code), onLost });
  return {
    codes,
    onLost,
    made,
    take: async () => (await made.take())?.pid ?? null,
    release: () => made.release(),
  };
}

/** Puts another living process in the place of the holder. */
async function heldByAnother(): Promise<number> {
  const taken = lease();
  expect(await taken.take()).toBeNull();
  child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout!, 'data');
  const file = join(folder, readdirSync(folder)[0]!);
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), pid: child.pid, started: '' }));
  return child.pid!;
}

it('is had by one at a time, for each key, under a name that does not say the key', async () => {
  const [first, second, other] = [lease(), lease(), lease(appKey(2))];
  expect([await first.take(), await first.take(), await second.take(), await other.take()]).toEqual([
    null,
    null,
    process.pid,
    null,
  ]);
  const names = readdirSync(folder);
  expect(names).toHaveLength(2);
  for (const name of names) expect(name).toMatch(/^[0-9a-f]{16}\.lock$/);
  expect(statSync(folder).mode & 0o077).toBe(0);
  await first.release();
  expect(await second.take()).toBeNull();
  for (const held of [second, other]) await held.release();
  expect(readdirSync(folder)).toEqual([]);
});

it('is taken over from a process that was killed', async () => {
  const pid = await heldByAnother();
  const next = lease();
  expect(await next.take()).toBe(pid);
  child!.kill('SIGKILL');
  await once(child!, 'exit');
  expect(await next.take()).toBeNull();
  await next.release();
});

it('does without, and says so once, where the folder cannot be made', async () => {
  writeFileSync(join(folder, '..', 'file'), '');
  const unguarded = lease(appKey(1), join(folder, '..', 'file', 'keys'));
  expect([await unguarded.take(), await unguarded.take(), unguarded.codes]).toEqual([null, null, ['ENOTDIR']]);
  expect(await lease(appKey(1), null).take()).toBeNull();
});

it('is had with the shared lease alone, and given back lease first', async () => {
  const answers: ({ retryMs: number } | null)[] = [{ retryMs: 7 }, null];
  const order: string[] = [];
  let lose = () => {};
  const shared: SharedLeases = (key, onLost) => {
    expect(key).toBe(appKey(1));
    lose = onLost;
    const release = async () => void order.push(`lease while ${readdirSync(folder).length} lock`);
    return { take: async () => answers.shift() ?? null, release };
  };
  const both = lease(appKey(1), folder, shared);
  expect(await both.made.take()).toEqual({ pid: undefined, retryMs: 7 });
  expect(both.made.held).toBe(false);
  expect(await both.made.take()).toBeNull();
  expect(both.made.held).toBe(true);
  lose();
  expect([both.made.held, both.onLost.mock.calls.length]).toEqual([false, 1]);
  await both.release();
  expect([order, readdirSync(folder)]).toEqual([['lease while 1 lock'], []]);
});

it('keeps a session from connecting while another process has the key; its registrations go to another key', async () => {
  const pid = await heldByAnother();
  const emulator = await testEmulator({ speed: 5 });
  const { source } = startSource(emulator, {
    keys: keys(2),
    leaseFolder: folder,
    leaseCheckMs: 20,
    registrationsMax: 2,
  });
  const registered = () => source.status().sessions.map((session) => session.registered);
  await vi.waitFor(() => expect(registered()).toEqual([0, 2]), WAIT);
  expect(source.status().sessions[0]).toMatchObject({
    state: 'held_elsewhere',
    holderPid: pid,
    counts: { connects: 0 },
  });
  expect(source.status().leftOut).toMatchObject([{ reason: 'session_down' }]);
  child!.kill('SIGKILL');
  await vi.waitFor(() => expect(registered()).toEqual([1, 2]), WAIT);
  expect(source.status().sessions[0]).toMatchObject({ state: 'streaming', holderPid: undefined });
  await source.stop();
  expect(readdirSync(folder)).toEqual([]);
});
