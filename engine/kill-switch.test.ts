import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FolderLock } from './journal/folder-lock.ts';
import { halt, haltFile, haltReason, type KillSwitchCommand, killSwitch, resume } from './kill-switch.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-halt-'));
  file = haltFile(join(folder, 'emulator'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('commands once at each change, and never what is in force already', () => {
  const reasons = fc.array(fc.option(fc.string(), { nil: null }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(fc.boolean(), reasons, (on, seen) => {
      const checks = new Subject<void>();
      const commands: KillSwitchCommand[] = [];
      let next = 0;
      killSwitch({ file: '', on, checks, read: () => seen[next] }).subscribe((command) => commands.push(command));
      let inForce = on;
      const expected: boolean[] = [];
      for (next = 0; next < seen.length; next++) {
        // The first look was taken on subscribing.
        if (next > 0) checks.next();
        if ((seen[next] !== null) === inForce) continue;
        inForce = !inForce;
        expected.push(inForce);
      }
      expect(commands.map(({ on }) => on)).toEqual(expected);
    }),
  );
});

it('takes the reason from the file, which can be made and removed by hand', () => {
  const checks = new Subject<void>();
  const commands: KillSwitchCommand[] = [];
  const subscription = killSwitch({ file, on: false, checks }).subscribe((command) => commands.push(command));
  mkdirSync(join(folder, 'emulator'));
  checks.next();
  writeFileSync(file, '  strange\n  prices \n');
  checks.next();
  writeFileSync(file, 'another reason');
  checks.next();
  rmSync(file);
  checks.next();
  expect(commands).toEqual([
    { type: 'kill_switch', on: true, reason: 'strange prices' },
    { type: 'kill_switch', on: false, reason: 'the halt file is gone' },
  ]);
  subscription.unsubscribe();
  writeFileSync(file, '');
  checks.next();
  expect(commands).toHaveLength(2);
});

it('halts where the file is empty, long, or no file at all', () => {
  expect(haltReason(file)).toBeNull();
  mkdirSync(file, { recursive: true });
  expect(haltReason(file)).toBe('no reason given');
  rmSync(file, { recursive: true });
  writeFileSync(file, '');
  expect(haltReason(file)).toBe('no reason given');
  writeFileSync(file, 'x'.repeat(100_000));
  expect(haltReason(file)).toHaveLength(200);
  rmSync(join(folder, 'emulator'), { recursive: true });
  writeFileSync(join(folder, 'emulator'), 'a file where a folder should be');
  expect(haltReason(file)).toBe('the halt file cannot be read: ENOTDIR');
});

it('is thrown and taken back by commands, whether or not the folder is there', () => {
  const dataFolder = join(folder, 'emulator');
  const nobody = (state: string) => `No engine runs there; the next one starts with signals ${state}.\n`;
  expect(halt(dataFolder, 'first')).toBe(`Signals of ${dataFolder} are halted: first\n${nobody('halted')}`);
  expect(halt(dataFolder, 'second')).toBe(`Signals of ${dataFolder} were halted already: first\n${nobody('halted')}`);
  const lock = new FolderLock(dataFolder);
  expect(resume(dataFolder)).toBe(
    `Signals of ${dataFolder} go on; they were halted: first\nThe engine there (process ${process.pid}) follows within a second.\n`,
  );
  lock.release();
  expect(existsSync(file)).toBe(false);
  expect(resume(dataFolder)).toBe(`Signals of ${dataFolder} were not halted.\n`);
  expect(halt(dataFolder, '')).toContain('are halted: no reason given');
});
