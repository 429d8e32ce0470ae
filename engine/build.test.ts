import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../config/paths.ts';
import { buildName, packageVersion } from './build.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kisignal-build-'));
  cpSync(join(packageRoot, 'package.json'), join(root, 'package.json'));
  for (const room of ['config', 'engine', 'models']) {
    cpSync(join(packageRoot, room), join(root, room), { recursive: true });
  }
});
afterEach(() => rmSync(root, { recursive: true }));

let copies = 0;
/** Of the copy as it is now. */
async function nameOfCopy(): Promise<string> {
  const url = `${pathToFileURL(join(root, 'engine', 'build.ts')).href}?${++copies}`;
  const copy = (await import(/* @vite-ignore */ url)) as typeof import('./build.ts');
  return copy.buildName();
}

it('names version and code: the same wherever the code lies', async () => {
  expect(buildName()).toMatch(new RegExp(`^${packageVersion().replaceAll('.', '\\.')}\\+[0-9a-f]{16}$`));
  expect(await nameOfCopy()).toBe(buildName());
});

it('is another for code that decides otherwise, and the same for other tests', async () => {
  const test = join(root, 'engine', 'clock.test.ts');
  writeFileSync(test, `${readFileSync(test, 'utf8')}\n`);
  writeFileSync(join(root, 'engine', 'README.md'), 'other');
  expect(await nameOfCopy()).toBe(buildName());
  const code = join(root, 'config', 'tick-table.ts');
  writeFileSync(code, `${readFileSync(code, 'utf8')}\nexport const other = 1;\n`);
  expect(await nameOfCopy()).not.toBe(buildName());
});
