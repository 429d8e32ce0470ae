// Names the code that runs: what it derived, only it can prove, and its snapshots are read by no other build.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../config/paths.ts';

/** Rooms whose code decides. */
const DECIDING = ['config', 'engine', 'models'];

/** Version of the package. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string }).version;
}

let named: string | null = null;

/**
 * Version and a digest of the deciding code, as it lies beside this file (sources or compiled); of what this process
 * has loaded, so it is looked at once.
 */
export function buildName(): string {
  named ??= digestOfBuild();
  return named;
}

function digestOfBuild(): string {
  const here = fileURLToPath(import.meta.url);
  const extension = here.slice(here.lastIndexOf('.'));
  const root = join(here, '..', '..');
  const digest = createHash('sha256');
  for (const room of DECIDING) {
    const names = readdirSync(join(root, room), { recursive: true, encoding: 'utf8' });
    for (const name of names.sort()) {
      if (!name.endsWith(extension) || name.includes('.test.') || name.endsWith('.d.ts')) continue;
      digest.update(`${room}/${name.split(sep).join('/')}\n`).update(readFileSync(join(root, room, name)));
    }
  }
  return `${packageVersion()}+${digest.digest('hex').slice(0, 16)}`;
}
