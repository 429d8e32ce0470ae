// Where snapshots are kept: a folder by default, Redis beside it where there is one. A store that fails costs speed of
// recovery, never data, since the journal holds all; so nothing here throws into the pipeline.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSnapshotHeader, SNAPSHOT_HEAD_BYTES } from './snapshot.ts';

export interface SnapshotStore {
  /** Keeps the bytes under the offset and forgets those that no recovery will want any more. */
  save(offset: number, bytes: Buffer): Promise<void>;
  /** Offsets that are there, newest first. */
  list(): Promise<number[]>;
  /** The first SNAPSHOT_HEAD_BYTES, in which the header stands. */
  head(offset: number): Promise<Buffer>;
  load(offset: number): Promise<Buffer>;
  remove(offset: number): Promise<void>;
}

/** One that other engines use as well. */
export interface RemoteSnapshotStore extends SnapshotStore {
  /** Comes first, and says whose snapshots these are. Returns also where the store is not there. */
  open(journalId: string): Promise<void>;
}

/** The newest are there whatever their age: the one that is used, and those before it in case it is damaged. */
export const SNAPSHOTS_KEPT = 3;
/** Of those older than the window: one that is used, one in case it is damaged. */
const OLD_KEPT = 2;
const EXTENSION = '.snapshot';

export interface SnapshotAge {
  readonly offset: number;
  /** Engine time; null where the header cannot be read. */
  readonly timeUs: number | null;
}

/**
 * Which of the snapshots found (newest first) are kept: the newest, two that are older than the window, so that a recovery
 * from them derives all of it again, and between them one for each half of the window, which will be old enough in time.
 */
export function keptSnapshots(found: readonly SnapshotAge[], windowUs: number): Set<number> {
  const kept = new Set(found.slice(0, SNAPSHOTS_KEPT).map(({ offset }) => offset));
  const timed = found.filter((one): one is { offset: number; timeUs: number } => one.timeUs !== null);
  if (timed.length === 0) return kept;
  const oldUs = timed[0].timeUs - windowUs;
  const young = timed.filter(({ timeUs }) => timeUs > oldUs);
  const old = timed.slice(young.length, young.length + OLD_KEPT);
  for (const { offset } of old) kept.add(offset);
  let lastUs = old[0]?.timeUs ?? -Infinity;
  for (const { offset, timeUs } of young.reverse()) {
    if (timeUs - lastUs < windowUs / 2) continue;
    kept.add(offset);
    lastUs = timeUs;
  }
  return kept;
}

/** Removes from a store what is kept no longer. */
export async function forgetOld(store: Pick<SnapshotStore, 'list' | 'head' | 'remove'>, windowUs: number) {
  const found: SnapshotAge[] = [];
  for (const offset of await store.list()) {
    const header = readSnapshotHeader(await store.head(offset));
    found.push({ offset, timeUs: typeof header === 'string' ? null : header.timeUs });
  }
  const kept = keptSnapshots(found, windowUs);
  for (const { offset } of found) if (!kept.has(offset)) await store.remove(offset);
}

export class FolderSnapshotStore implements SnapshotStore {
  private readonly folder: string;
  private readonly windowUs: number;

  /** @param windowUs how much of the past, in engine time, a recovery derives again; infinite: nothing is forgotten */
  constructor(folder: string, windowUs = 0) {
    this.folder = folder;
    this.windowUs = windowUs;
  }

  async save(offset: number, bytes: Buffer): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const path = this.path(offset);
    try {
      await writeFile(`${path}.part`, bytes, { flush: true });
      renameSync(`${path}.part`, path);
    } catch (error) {
      rmSync(`${path}.part`, { force: true });
      throw error;
    }
    if (this.windowUs < Infinity) await forgetOld(this, this.windowUs);
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

  has(offset: number): boolean {
    return existsSync(this.path(offset));
  }

  async head(offset: number): Promise<Buffer> {
    const bytes = Buffer.alloc(SNAPSHOT_HEAD_BYTES);
    const fd = openSync(this.path(offset), 'r');
    try {
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(fd);
    }
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
