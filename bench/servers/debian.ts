// Packages of Debian and its relatives, where this process may install them.
import { mustRun, run } from './program.ts';

const QUIET = { DEBIAN_FRONTEND: 'noninteractive' };
let listsAreFresh = false;

/** Why nothing can be installed by apt here, or null. */
export function aptObstacle(): string | null {
  if (!run('apt-get', ['--version']).ok) return 'no apt-get here';
  return process.getuid?.() === 0 ? null : 'apt-get needs root';
}

/** @throws Error where apt does */
export function installPackage(name: string): void {
  if (!listsAreFresh) mustRun('apt-get', ['update', '-qq'], QUIET);
  listsAreFresh = true;
  mustRun('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], QUIET);
}
