// Which reference data this data folder holds already, by the task that brought them: a start within the same day asks
// for none of it again (KIS wants its calendar asked for once a day), and compares masters with those of the day before.
// A small file with hashes; what they name lies with the contents.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Contents } from '../journal/contents.ts';
import type { Reference, ReferenceKind } from './reference.ts';

export interface ShelvedReference {
  readonly hash: string;
  readonly reference: Reference;
}

/** Port of the loader: where references are kept. */
export interface ReferenceStore {
  /** Stores, and remembers under the task where one is given; the SHA-256. @throws Error where it cannot be written */
  put(reference: Reference, task?: string): string;
  has(task: string): boolean;
  /** Of the newest task that brought this kind; null where there is none, or it was pruned. */
  newest(kind: ReferenceKind): ShelvedReference | null;
}

interface Entry {
  readonly task: string;
  readonly kind: ReferenceKind;
  readonly hash: string;
}

/** Some days of tasks; the oldest is forgotten beyond it. */
const ENTRIES_MAX = 64;

export class ReferenceShelf implements ReferenceStore {
  private readonly path: string;
  private readonly contents: Contents;
  private entries: readonly Entry[];

  /** @param path of the small file, in the data folder */
  constructor(path: string, contents: Contents) {
    this.path = path;
    this.contents = contents;
    this.entries = readEntries(path);
  }

  put(reference: Reference, task?: string): string {
    const hash = this.contents.putJson(reference);
    if (task === undefined) return hash;
    const others = this.entries.filter((entry) => entry.task !== task);
    this.entries = [...others, { task, kind: reference.kind, hash }].slice(-ENTRIES_MAX);
    writeFileSync(`${this.path}.part`, JSON.stringify(this.entries), { flush: true });
    renameSync(`${this.path}.part`, this.path);
    return hash;
  }

  has(task: string): boolean {
    return this.entries.some((entry) => entry.task === task);
  }

  newest(kind: ReferenceKind): ShelvedReference | null {
    const entry = this.entries.findLast((one) => one.kind === kind);
    if (entry === undefined) return null;
    try {
      return { hash: entry.hash, reference: this.contents.getJson<Reference>(entry.hash) };
    } catch {
      return null;
    }
  }
}

/** None where the file is missing or damaged: everything is then asked for again. */
function readEntries(path: string): Entry[] {
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(parsed) ? parsed.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  const { task, kind, hash } = (value ?? {}) as Record<string, unknown>;
  return [task, kind, hash].every((field) => typeof field === 'string');
}
