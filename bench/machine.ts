// On what and of what a result was made: without it a number says nothing.
import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { packageRoot } from '../config/paths.ts';

export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly commit: string;
  readonly command: string;
  /** Of the last minute before the bench began: what others did on the machine. */
  readonly loadBefore: number;
}

export function describeMachine(args: readonly string[]): Machine {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${arch()} ${release()}`,
    node: process.version,
    commit: commitName(),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
    loadBefore: loadavg()[0],
  };
}

function commitName(): string {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: packageRoot, stdio: 'pipe' }).toString().trim();
    return git('describe', '--always', '--dirty');
  } catch {
    return 'no repository';
  }
}
