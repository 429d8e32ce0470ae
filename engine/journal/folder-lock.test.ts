import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
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
