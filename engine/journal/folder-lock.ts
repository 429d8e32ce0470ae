// One engine a data folder: a file made exclusively, naming the process that holds it. The lock of a process that is no
// more (kill -9, power loss) is taken over. The file also tells the next start how the last run ended. Whatever else one
// process at a time may use is locked the same way, under a name of its own.
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { wallTimeMs } from '../clock.ts';

/** Another engine works on the folder. */
export class FolderLocked extends Error {
  /** Of the holder. */
  readonly pid: number;

  constructor(folder: string, pid: number) {
    super(`data folder ${folder} is in use by process ${pid}; stop it, or choose another with KISIGNAL_DATA_DIR`);
    this.name = 'FolderLocked';
    this.pid = pid;
  }
}

interface Holder {
  readonly pid: number;
  /** When the process started, in the system's own terms; tells a reused process number from the holder. */
  readonly started: string;
  /** Names the running of the machine: after another boot, what was not flushed is lost. */
  readonly boot: string;
  /** The machine went down under an earlier run, and no run since has answered that: see `settle`. */
  readonly unsettled: boolean;
}

const FILE = 'engine.lock';
/** A rival that takes the stale lock away first costs one more round; more than a few are no accident. */
const ATTEMPTS_MAX = 5;
/** What file systems without hard links answer. */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EACCES']);

export class FolderLock {
  /** How the run before this one ended: it gave the lock back, its process died, or the machine went down under it. */
  readonly previousEnd: 'released' | 'process_died' | 'machine_restarted';
  private readonly path: string;
  private own: Holder;

  /**
   * @param link makes the file under its name at once with its content, and fails where there is one
   * @param file name of the lock in the folder
   * @throws FolderLocked where a living process holds it
   */
  constructor(folder: string, link: (from: string, to: string) => void = linkSync, file = FILE) {
    this.path = join(folder, file);
    let previousEnd: FolderLock['previousEnd'] = 'released';
    const self = { pid: process.pid, started: processStat(process.pid)?.started ?? '', boot: bootName() };
    for (let attempt = 1; ; attempt++) {
      this.own = { ...self, unsettled: previousEnd === 'machine_restarted' };
      try {
        this.take(link);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === ATTEMPTS_MAX) throw error;
      }
      const text = this.read();
      const holder = holderOf(text);
      if (holder !== null && isAlive(holder, self.boot)) throw new FolderLocked(folder, holder.pid);
      const lostNothing = holder !== null && holder.boot === self.boot && !holder.unsettled;
      previousEnd = lostNothing ? 'process_died' : 'machine_restarted';
      this.takeAway(text);
    }
    this.previousEnd = previousEnd;
  }

  /** What `previousEnd` asks for has been done and journaled; until then the next start is told the same again. */
  settle(): void {
    if (this.own.unsettled) this.rewrite({ ...this.own, unsettled: false });
  }

  release(): void {
    if (this.own.unsettled) this.rewrite({ ...this.own, boot: '' });
    else rmSync(this.path, { force: true });
  }

  private rewrite(own: Holder): void {
    this.own = own;
    writeFileSync(this.part, JSON.stringify(own), { mode: 0o600 });
    renameSync(this.part, this.path);
  }

  private get part(): string {
    return `${this.path}.${process.pid}.part`;
  }

  /** Never seen half written: a rival would take an empty file for a stale one. Throws EEXIST where there is a file. */
  private take(link: (from: string, to: string) => void): void {
    const text = JSON.stringify(this.own);
    writeFileSync(this.part, text, { mode: 0o600 });
    try {
      link(this.part, this.path);
    } catch (error) {
      if (!NO_HARD_LINKS.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      writeFileSync(this.path, text, { flag: 'wx', mode: 0o600 });
    } finally {
      rmSync(this.part, { force: true });
    }
  }

  /** Empty where it is gone meanwhile. */
  private read(): string {
    try {
      return readFileSync(this.path, 'utf8');
    } catch {
      return '';
    }
  }

  /** By a rename, so that of two starts only one takes it; what a rival has put there meanwhile is put back. */
  private takeAway(text: string): void {
    const stale = `${this.path}.stale.${process.pid}`;
    try {
      renameSync(this.path, stale);
      if (readFileSync(stale, 'utf8') === text) rmSync(stale, { force: true });
      else renameSync(stale, this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

/** Number of the living process that holds a folder, or null. */
export function holderPid(folder: string): number | null {
  const path = join(folder, FILE);
  const holder = existsSync(path) ? holderOf(readFileSync(path, 'utf8')) : null;
  return holder !== null && isAlive(holder, bootName()) ? holder.pid : null;
}

/** Null where a power loss tore it while it was written. */
function holderOf(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder, boot: string): boolean {
  if (holder.boot !== boot) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const stat = processStat(holder.pid);
  if (stat === null) return true;
  // A zombie has ended; only its parent has not asked how.
  if (stat.state === 'Z' || stat.state === 'X') return false;
  return holder.started === '' || stat.started === holder.started;
}

/** Fields 3 and 22 (clock ticks since boot) of /proc/PID/stat; null where the system has no such file. */
function processStat(pid: number): { state: string; started: string } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], started: fields[19] };
  } catch {
    return null;
  }
}

function bootName(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    // Elsewhere: the minute of the boot, which two boots never share and rounding rarely splits.
    return String(Math.round((wallTimeMs() / 1000 - uptime()) / 60));
  }
}
