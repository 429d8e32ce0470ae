// Makes a journal durable that another process writes: its last segment, for those before it were synced as they ended.
import { closeSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import { listSegments } from './segments.ts';

/** @throws Error where the disk refuses */
export async function syncTail(folder: string): Promise<void> {
  const last = listSegments(folder).at(-1);
  if (last === undefined) return;
  // Some systems sync only what is open for writing.
  const fd = openSync(last.path, 'r+');
  try {
    await promisify(fdatasync)(fd);
  } finally {
    closeSync(fd);
  }
}
