// One engine serves a data folder: beside the lock of whoever writes its journal stands one of whoever publishes from it.
import { mkdirSync } from 'node:fs';
import { FolderLock, FolderLocked } from '../journal/folder-lock.ts';
import { eventually } from './within.ts';

const SERVING_LOCK = 'serving.lock';

/** @throws FolderLocked where another engine serves the data folder */
export function takeServingLock(dataFolder: string): FolderLock {
  mkdirSync(dataFolder, { recursive: true });
  const lock = new FolderLock(dataFolder, undefined, SERVING_LOCK);
  // Whose numbers are lost the journal's own lock tells.
  lock.settle();
  return lock;
}

/** Of an engine that is about to end; null where it holds the lock still once the time is over. */
export function servingLockWithin(dataFolder: string, ms: number): Promise<FolderLock | null> {
  return eventually(() => {
    try {
      return takeServingLock(dataFolder);
    } catch (error) {
      if (error instanceof FolderLocked) return null;
      throw error;
    }
  }, ms);
}
