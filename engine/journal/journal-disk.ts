// What the journal's writer asks of the disk, and the one way in which a segment comes to be.
import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { partPath } from './segment-names.ts';

/** Tests put a failing one in its place. */
export interface JournalDisk {
  write(fd: number, bytes: Uint8Array): number;
  truncate(fd: number, bytes: number): void;
  /** Returns once what was written is durable. */
  sync(fd: number): void;
  /** The same, while everything else goes on. */
  syncLater(fd: number): Promise<void>;
}

export const systemDisk: JournalDisk = {
  write: (fd, bytes) => writeSync(fd, bytes),
  truncate: ftruncateSync,
  sync: fdatasyncSync,
  syncLater: promisify(fdatasync),
};

/** A disk may take a part only. */
export function writeAll(disk: JournalDisk, fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += disk.write(fd, bytes.subarray(written));
}

/** Renamed into place whole; replaces a segment in which no entry came to stand. Open for appending once it returns. */
export function createSegment(disk: JournalDisk, path: string, header: Buffer): number {
  const part = partPath(path);
  rmSync(part, { force: true });
  // Appending, so that a cut after a failed write leaves no hole.
  const fd = openSync(part, 'ax');
  try {
    writeAll(disk, fd, header);
    renameSync(part, path);
    return fd;
  } catch (error) {
    closeSync(fd);
    rmSync(part, { force: true });
    throw error;
  }
}
