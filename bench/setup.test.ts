// setup.mjs on a clone of two files: what it compiles, when, and what it takes away.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../config/paths.ts';

let clone: string;
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'kisignal-setup-'));
  mkdirSync(join(clone, 'node_modules', '.bin'), { recursive: true });
  mkdirSync(join(clone, 'engine'));
  copyFileSync(join(packageRoot, 'setup.mjs'), join(clone, 'setup.mjs'));
  symlinkSync(join(packageRoot, 'node_modules', 'typescript'), join(clone, 'node_modules', 'typescript'), 'junction');
  const lock = JSON.stringify({ packages: { '': {} } });
  write('package-lock.json', lock);
  write('node_modules/.package-lock.json', lock);
  write('package.json', '{"type": "module"}');
  const compilerOptions = { module: 'nodenext', outDir: 'dist', rootDir: '.', declaration: true, sourceMap: true };
  write(
    'tsconfig.build.json',
    JSON.stringify({ compilerOptions: { ...compilerOptions, types: [] }, include: ['**/*.ts'] }),
  );
  write('main.ts', "export const answer = 'first';");
  write('engine/old.ts', 'export const old = true;');
});
afterEach(() => rmSync(clone, { recursive: true, force: true }));

function write(path: string, text: string): void {
  writeFileSync(join(clone, path), text);
}

function compiled(): string[] {
  return ['main.js', 'engine/old.js', 'engine/old.js.map', 'engine/old.d.ts'].filter((path) =>
    existsSync(join(clone, 'dist', path)),
  );
}

function setup(): void {
  execFileSync(process.execPath, [join(clone, 'setup.mjs')], { cwd: clone, stdio: 'pipe' });
}

it('takes away what was compiled from sources that are gone, and only where the rest compiles', () => {
  setup();
  expect(compiled()).toEqual(['main.js', 'engine/old.js', 'engine/old.js.map', 'engine/old.d.ts']);
  rmSync(join(clone, 'engine', 'old.ts'));
  write('main.ts', 'export const answer: number = "second";');
  expect(setup).toThrow();
  expect(compiled()).toContain('engine/old.js');
  write('main.ts', 'export const answer = 2;');
  setup();
  expect(compiled()).toEqual(['main.js']);
});
