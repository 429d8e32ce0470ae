import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FolderLock, FolderLocked } from './folder-lock.ts';

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-lock-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A process that does nothing but live. */
async function livingProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['-e', 'process.stdout.write("up"); setInterval(() => {}, 1000)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  children.push(child);
  await once(child.stdout!, 'data');
  return child;
}

function holderFile(pid: number): string {
  const own = JSON.parse(readFileSync(join(folder, 'engine.lock'), 'utf8'));
  return JSON.stringify({ ...own, pid, started: '' });
}

it('refuses a second engine while the first lives, and names it', () => {
  const lock = new FolderLock(folder);
  expect(lock.previousEnd).toBe('released');
  expect(() => new FolderLock(folder)).toThrow(FolderLocked);
  expect(() => new FolderLock(folder)).toThrow(String(process.pid));
  lock.release();
  expect(existsSync(join(folder, 'engine.lock'))).toBe(false);
  const next = new FolderLock(folder);
  expect(next.previousEnd).toBe('released');
  next.release();
});

it('is refused by another living process, and taken over once that was killed', async () => {
  const child = await livingProcess();
  new FolderLock(folder);
  const path = join(folder, 'engine.lock');
  writeFileSync(path, holderFile(child.pid!));
  expect(() => new FolderLock(folder)).toThrow(FolderLocked);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const taken = new FolderLock(folder);
  expect(taken.previousEnd).toBe('process_died');
  taken.release();
});

it('tells a restart of the machine, and a lock file torn by one, from a process that died', () => {
  new FolderLock(folder);
  const path = join(folder, 'engine.lock');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), boot: 'another boot' }));
  const afterBoot = new FolderLock(folder);
  expect(afterBoot.previousEnd).toBe('machine_restarted');
  writeFileSync(path, '{"pid": 1');
  const afterTear = new FolderLock(folder);
  expect(afterTear.previousEnd).toBe('machine_restarted');
  afterTear.release();
});

it('tells a restart of the machine to every start until one has settled it, whether these end in order or not', () => {
  new FolderLock(folder);
  const path = join(folder, 'engine.lock');
  const change = (change: object): void =>
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
  change({ boot: 'another boot' });
  expect(new FolderLock(folder).previousEnd).toBe('machine_restarted');
  change({ started: 'killed before it had settled anything' });
  const gaveUp = new FolderLock(folder);
  expect(gaveUp.previousEnd).toBe('machine_restarted');
  gaveUp.release();
  const settled = new FolderLock(folder);
  expect(settled.previousEnd).toBe('machine_restarted');
  settled.settle();
  change({ started: 'killed later' });
  const last = new FolderLock(folder);
  expect(last.previousEnd).toBe('process_died');
  last.release();
  expect(existsSync(path)).toBe(false);
});

it.skipIf(!existsSync('/proc/self/stat'))(
  'takes a zombie, which its parent has not asked for, for the dead that it is (skipped without /proc)',
  async () => {
    // The shell leaves its child and becomes a program that never waits for one.
    const child = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
    children.push(child);
    const [text] = await once(child.stdout!, 'data');
    const pid = Number(String(text));
    await vi.waitUntil(() => readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '), { timeout: 20_000 });
    new FolderLock(folder);
    writeFileSync(join(folder, 'engine.lock'), holderFile(pid));
    const taken = new FolderLock(folder);
    expect(taken.previousEnd).toBe('process_died');
    taken.release();
  },
);

it('is there at once with its content, which a rival may read, or not at all', () => {
  let linked = 0;
  const lock = new FolderLock(folder, (from, to) => {
    linked += 1;
    expect(existsSync(to)).toBe(false);
    expect(JSON.parse(readFileSync(from, 'utf8'))).toMatchObject({ pid: process.pid });
    linkSync(from, to);
  });
  expect(linked).toBe(1);
  expect(readdirSync(folder)).toEqual(['engine.lock']);
  lock.release();
});

it('does without hard links where the file system has none', () => {
  const refuse = (): never => {
    throw Object.assign(new Error('operation not permitted'), { code: 'EPERM' });
  };
  const lock = new FolderLock(folder, refuse);
  expect(() => new FolderLock(folder, refuse)).toThrow(FolderLocked);
  expect(() => new FolderLock(folder)).toThrow(FolderLocked);
  expect(readdirSync(folder)).toEqual(['engine.lock']);
  lock.release();
  expect(readdirSync(folder)).toEqual([]);
});
