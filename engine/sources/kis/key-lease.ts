// One session an app key on this machine: whoever connects with a key holds a lock file that names it by a digest. KIS
// refuses the second session itself (OPSP8996), but only after it was asked, and asking again and again gets a key
// blocked. Sessions on other machines are left to that answer.
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderLock, FolderLocked } from '../../journal/folder-lock.ts';

const DIGEST_LENGTH = 16;

/** Shared by all processes of one user. */
export function defaultLeaseFolder(): string {
  return join(tmpdir(), `kisignal-${process.getuid?.() ?? 'user'}`, 'keys');
}

export interface KeyLeaseOptions {
  /** Null: the key is not guarded. */
  readonly folder: string | null;
  readonly appKey: string;
  /** The folder cannot be used: the key is then guarded by KIS alone. Told once. */
  readonly onUnguarded: (code: string) => void;
}

export class KeyLease {
  private readonly options: KeyLeaseOptions;
  private readonly file: string;
  private lock: FolderLock | undefined;
  private unguarded = false;

  constructor(options: KeyLeaseOptions) {
    this.options = options;
    this.file = `${createHash('sha256').update(options.appKey).digest('hex').slice(0, DIGEST_LENGTH)}.lock`;
  }

  /** Null where the key is ours; else the process that holds it. Asking again costs the look at one file. */
  take(): number | null {
    const { folder, onUnguarded } = this.options;
    if (folder === null || this.lock !== undefined || this.unguarded) return null;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      this.lock = new FolderLock(folder, undefined, this.file);
      // Nothing of a key's last session is to be recovered.
      this.lock.settle();
    } catch (error) {
      if (error instanceof FolderLocked) return error.pid;
      this.unguarded = true;
      onUnguarded((error as NodeJS.ErrnoException).code ?? 'unknown');
    }
    return null;
  }

  /** A process that ends without it leaves a file behind that the next one takes over. */
  release(): void {
    this.lock?.release();
    this.lock = undefined;
  }
}
