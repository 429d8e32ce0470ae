// Runs a program of this machine and hands back what it said.
import { spawnSync } from 'node:child_process';

export interface Said {
  readonly ok: boolean;
  /** Standard output, then standard error. */
  readonly text: string;
}

const MS_MAX = 300_000;

export function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Said {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
    timeout: MS_MAX,
  });
  return { ok: status === 0, text: error === undefined ? `${stdout}${stderr}` : error.message };
}

/** @throws Error with the end of what it said, where it fails */
export function mustRun(command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const { ok, text } = run(command, args, environment);
  if (!ok) throw new Error(`${command} ${args[0]}: ${text.trim().split('\n').slice(-4).join(' / ')}`);
  return text;
}
