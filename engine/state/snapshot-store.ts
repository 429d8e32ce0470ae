// Where snapshots are kept: a folder by default, Redis beside it where there is one. A store that fails costs speed of
// recovery, never data, since the journal holds all; so nothing here throws into the pipeline.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface SnapshotStore {
  /** Keeps the bytes under the offset and forgets all but the newest few. */
  save(offset: number, bytes: Buffer): Promise<void>;
  /** Offsets that are there, newest first. */
  list(): Promise<number[]>;
  load(offset: number): Promise<Buffer>;
  remove(offset: number): Promise<void>;
}

/** One that other engines use as well. */
export interface RemoteSnapshotStore extends SnapshotStore {
  /** Comes first, and says whose snapshots these are. Returns also where the store is not there. */
  open(journalId: string): Promise<void>;
}

/** The newest is the one that is used; the ones before it are there in case it is damaged. */
export const SNAPSHOTS_KEPT = 3;
const EXTENSION = '.snapshot';

export class FolderSnapshotStore implements SnapshotStore {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  async save(offset: number, bytes: Buffer): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const path = this.path(offset);
    await writeFile(`${path}.part`, bytes, { flush: true });
    renameSync(`${path}.part`, path);
    for (const old of (await this.list()).slice(SNAPSHOTS_KEPT)) await this.remove(old);
  }

  async list(): Promise<number[]> {
    let names: string[];
    try {
      names = readdirSync(this.folder);
    } catch {
      return [];
    }
    return names
      .filter((name) => name.endsWith(EXTENSION))
      .map((name) => Number(name.slice(0, -EXTENSION.length)))
      .sort((a, b) => b - a);
  }

  async load(offset: number): Promise<Buffer> {
    return readFileSync(this.path(offset));
  }

  async remove(offset: number): Promise<void> {
    rmSync(this.path(offset), { force: true });
  }

  private path(offset: number): string {
    return join(this.folder, `${String(offset).padStart(16, '0')}${EXTENSION}`);
  }
}
