// What stands beside the journal against the names and checksums that it has: contents by their SHA-256, snapshots by
// their own. Of a file that was changed, no byte can be told: its name or its header says what all of it was.
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSnapshotHeader } from '../state/snapshot.ts';
import type { NamedContent } from './checked-journal.ts';
import type { Finding } from './findings.ts';

export interface CheckedFiles {
  readonly findings: readonly Finding[];
  readonly files: number;
}

const CONTENT = /^[0-9a-f]{64}$/;
/** Of a format that is no longer read: it is passed over by every start, and has nothing to prove. */
const OLD_SNAPSHOT = Buffer.from('KISSNAP\n', 'latin1');

/** @param named what entries of the journal name */
export function checkContents(folder: string, named: ReadonlyMap<string, NamedContent>): CheckedFiles {
  const names = namesIn(folder).filter((name) => CONTENT.test(name));
  const findings: Finding[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    if (hash('sha256', bytes, 'hex') === name) continue;
    const message = `${named.get(name)?.what ?? 'a content that no entry names'}: the file does not match its name`;
    findings.push({ code: 'content_changed', message, file, bytes: [0, bytes.length], ...entriesOf(named.get(name)) });
  }
  const there = new Set(names);
  for (const content of named.values()) {
    if (there.has(content.hash)) continue;
    const message = `${content.what} ${content.hash}, named by entry ${content.offset}, is not there`;
    findings.push({ code: 'content_missing', message, file: join(folder, content.hash), ...entriesOf(content) });
  }
  return { findings, files: names.length };
}

export function checkSnapshots(folders: readonly string[]): CheckedFiles {
  const files = folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => name.endsWith('.snapshot'))
      .map((name) => join(folder, name)),
  );
  const findings = files.flatMap((file): Finding[] => {
    const bytes = readFileSync(file);
    if (isWhole(bytes)) return [];
    const message = 'a snapshot does not match its checksum; a start passes it over';
    return [{ code: 'snapshot_damaged', message, file, bytes: [0, bytes.length] }];
  });
  return { findings, files: files.length };
}

function isWhole(bytes: Buffer): boolean {
  if (bytes.subarray(0, OLD_SNAPSHOT.length).equals(OLD_SNAPSHOT)) return true;
  const header = readSnapshotHeader(bytes);
  if (typeof header === 'string' || header.payloadBytes > bytes.length) return false;
  return hash('sha256', bytes.subarray(bytes.length - header.payloadBytes), 'hex') === header.sha256;
}

function entriesOf(content: NamedContent | undefined): Pick<Finding, 'entries'> {
  return content === undefined ? {} : { entries: [content.offset, content.offset + 1] };
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
