// Where servers for tests lie that this project has fetched itself, and the PATH on which programs find them.
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** `KISIGNAL_SERVERS_HOME`, or a folder in the user's cache. */
export function serversHome(): string {
  return process.env.KISIGNAL_SERVERS_HOME || join(homedir(), '.cache', 'kisignal', 'servers');
}

/** Folders of programs below it. */
export function programFolders(home: string): string[] {
  return [join(home, 'redis', 'bin'), join(home, 'jdk', 'bin')];
}

/** Lets this process and its children find what was fetched, behind what the machine has. */
export function extendPath(home: string): void {
  const present = (process.env.PATH ?? '').split(delimiter);
  const missing = programFolders(home).filter((folder) => !present.includes(folder));
  process.env.PATH = [...present, ...missing].join(delimiter);
}
