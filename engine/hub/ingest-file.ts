// The file by which followers find the process that writes the journal: its port on this machine, and a token that only
// who may read the data folder can know.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

export interface IngestAddress {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

export function writeIngestFile(path: string, address: IngestAddress): void {
  const part = `${path}.${process.pid}.part`;
  rmSync(part, { force: true });
  writeFileSync(part, JSON.stringify(address), { mode: 0o600 });
  renameSync(part, path);
}

/** Null where nobody serves, or the file is not one of ours. */
export function readIngestFile(path: string): IngestAddress | null {
  try {
    const { pid, port, token } = JSON.parse(readFileSync(path, 'utf8')) as Partial<IngestAddress>;
    const valid = typeof pid === 'number' && typeof port === 'number' && typeof token === 'string';
    return valid ? { pid, port, token } : null;
  } catch {
    return null;
  }
}

/** Unless another process has put its own there. */
export function removeIngestFile(path: string, token: string): void {
  if (readIngestFile(path)?.token === token) rmSync(path, { force: true });
}
