// Where `npm run servers` puts the servers that tests run against, and how a program of theirs is found. Not part of the
// product.
import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/** `KISIGNAL_SERVERS_HOME`, or a folder in the user's cache. */
export function serversHome(): string {
  return process.env.KISIGNAL_SERVERS_HOME || join(homedir(), '.cache', 'kisignal', 'servers');
}

/** The folder of programs of something that was fetched: `redis`, `jdk`. */
export function programFolder(fetched: string): string {
  return join(serversHome(), fetched, 'bin');
}

/**
 * The one on the PATH or at the path that is given, else the fetched one: the first that answers a question about its
 * version; null where none does.
 */
export function findProgram(program: string, fetched: string, question: string): string | null {
  const paths = [program, join(programFolder(fetched), basename(program))];
  return paths.find((path) => spawnSync(path, [question]).status === 0) ?? null;
}
