// One session an app key. On this machine, whoever connects with a key holds a lock file that names it by a digest;
// where there is a store that machines share, a lease of it besides. KIS refuses the second session itself (OPSP8996),
// but only after it was asked, and asking again and again gets a key blocked. Without the shared store, sessions on
// other machines are left to that answer.
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

/** A lease that other machines know as well. Neither method rejects. */
export interface SharedLease {
  /** Null where it is ours, or where nobody can be asked; else when to ask again. */
  take(): Promise<{ readonly retryMs: number } | null>;
  release(): Promise<void>;
}

/** @param onLost the lease was ours, and another has it now */
export type SharedLeases = (appKey: string, onLost: () => void) => SharedLease;

/** Who has the key: a process on this machine, or (without a number) one on another. */
export interface KeyHolder {
  readonly pid: number | undefined;
  /** When to ask again; where it is not known, at one's own pace. */
  readonly retryMs: number | undefined;
}

export interface KeyLeaseOptions {
  /** Null: the key is not guarded on this machine. */
  readonly folder: string | null;
  readonly shared: SharedLeases | undefined;
  readonly appKey: string;
  /** The folder cannot be used: the key is then guarded by the shared lease and KIS alone. Told once. */
  readonly onUnguarded: (code: string) => void;
  /** It was ours, and another machine has it now: the session ends at once. */
  readonly onLost: () => void;
}

export class KeyLease {
  private readonly lock: MachineLock;
  private readonly shared: SharedLease | undefined;
  /** Until it is given back or lost. */
  private ours = false;

  constructor(options: KeyLeaseOptions) {
    this.lock = new MachineLock(options);
    this.shared = options.shared?.(options.appKey, () => {
      this.ours = false;
      options.onLost();
    });
  }

  get held(): boolean {
    return this.ours;
  }

  /** Null where the key is ours; else who has it. The lock first: a lease that this machine waits for, one waits for. */
  async take(): Promise<KeyHolder | null> {
    const pid = this.lock.take();
    if (pid !== null) return { pid, retryMs: undefined };
    const answer = (await this.shared?.take()) ?? null;
    this.ours = answer === null;
    return answer === null ? null : { pid: undefined, retryMs: answer.retryMs };
  }

  /** A process that ends without it leaves a file behind that the next one takes over, and a lease that runs out. */
  async release(): Promise<void> {
    this.ours = false;
    // The lease first: whoever waits on this machine is to have both.
    await this.shared?.release();
    this.lock.release();
  }
}

/** The lock file of an app key. */
class MachineLock {
  private readonly options: KeyLeaseOptions;
  private readonly file: string;
  private lock: FolderLock | undefined;
  private unguarded = false;

  constructor(options: KeyLeaseOptions) {
    this.options = options;
    this.file = `${createHash('sha256').update(options.appKey).digest('hex').slice(0, DIGEST_LENGTH)}.lock`;
  }

  /** Null where it is ours; else the process that has it. Asking again costs the look at one file. */
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

  release(): void {
    this.lock?.release();
    this.lock = undefined;
  }
}
