// The PATH on which programs find what this project has fetched of servers for tests.
import { delimiter } from 'node:path';
import { programFolder } from '../../engine/fetched-programs.ts';

/** Folders of fetched programs. */
function programFolders(): string[] {
  return ['redis', 'jdk'].map(programFolder);
}

/** Lets this process and its children find what was fetched, behind what the machine has. */
export function extendPath(): void {
  const present = (process.env.PATH ?? '').split(delimiter);
  const missing = programFolders().filter((folder) => !present.includes(folder));
  process.env.PATH = [...present, ...missing].join(delimiter);
}
