// The data folder of a journal: where what lies in it, the name of its journal, and the epoch that a new run on it
// belongs to. What stands in the files is the business of those who write them.
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FolderLock } from './journal/folder-lock.ts';
import { UNJOURNALED } from './journal/recorder.ts';

/** Folders and files of a data folder. */
export function dataLayout(dataFolder: string) {
  return {
    journal: join(dataFolder, 'journal'),
    journalId: join(dataFolder, 'journal-id'),
    contents: join(dataFolder, 'contents'),
    snapshots: join(dataFolder, 'snapshots'),
    /** Which reference data the folder holds. */
    references: join(dataFolder, 'references.json'),
    /** Snapshots at the first entry of each kept day: where a replay begins once older days are pruned. */
    days: join(dataFolder, 'days'),
    /** Where the process that writes the journal serves those who follow it. */
    ingest: join(dataFolder, 'ingest.json'),
  };
}

/** A tail that was published may be lost once the machine went down: its numbers must not be used again. */
export function nextEpoch(previous: string, previousEnd: FolderLock['previousEnd']): string {
  const known = previous !== '' && !previous.startsWith(UNJOURNALED) && previousEnd !== 'machine_restarted';
  return known ? previous : randomUUID();
}

/** Name of a journal, made where it has none. */
export function readOrMakeId(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const id = randomUUID();
    writeFileSync(path, `${id}\n`, { flush: true });
    return id;
  }
}

/** What a killed run was about to put in place: nobody will finish it. */
export function removeParts(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) if (name.endsWith('.part')) rmSync(join(folder, name));
}
