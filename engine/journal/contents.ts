// Contents named by their SHA-256 beside the journal: configuration, model artifacts, calendar. What an entry names by
// hash can be had again, whatever has become of the file it came from.
import { hash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Contents that are missing or are not what their name says. */
export class ContentError extends Error {
  constructor(sha256: string, what: string) {
    super(`content ${sha256}: ${what}`);
    this.name = 'ContentError';
  }
}

export class Contents {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Stores once; the SHA-256 (hexadecimal) that names it. */
  put(bytes: Uint8Array): string {
    const sha256 = hash('sha256', bytes, 'hex');
    const path = join(this.folder, sha256);
    if (existsSync(path)) return sha256;
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(`${path}.part`, bytes, { flush: true });
    renameSync(`${path}.part`, path);
    return sha256;
  }

  putJson(value: unknown): string {
    return this.put(Buffer.from(JSON.stringify(value)));
  }

  /** @throws ContentError where it is missing or damaged */
  get(sha256: string): Buffer {
    let bytes: Buffer;
    try {
      bytes = readFileSync(join(this.folder, sha256));
    } catch (error) {
      throw new ContentError(sha256, (error as Error).message);
    }
    if (hash('sha256', bytes, 'hex') !== sha256) throw new ContentError(sha256, 'the file does not match its name');
    return bytes;
  }

  getJson<T>(sha256: string): T {
    return JSON.parse(this.get(sha256).toString('utf8')) as T;
  }
}
