// One engine a data folder: a file made exclusively, naming the process that holds it. The lock of a process that is no
// more (kill -9, power loss) is taken over. The file also tells the next start how the last run ended.
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { wallTimeMs } from '../clock.ts';

/** Another engine works on the folder. */
export class FolderLocked extends Error {
  constructor(folder: string, pid: number) {
    super(`data folder ${folder} is in use by process ${pid}; stop it, or choose another with KISIGNAL_DATA_DIR`);
    this.name = 'FolderLocked';
  }
}

interface Holder {
  readonly pid: number;
  /** When the process started, in the system's own terms; tells a reused process number from the holder. */
  readonly started: string;
  /** Names the running of the machine: after another boot, what was not flushed is lost. */
  readonly boot: string;
}

const FILE = 'engine.lock';
/** A rival that takes the stale lock away first costs one more round; more than a few are no accident. */
const ATTEMPTS_MAX = 5;

export class FolderLock {
  /** How the run before this one ended: it gave the lock back, its process died, or the machine went down under it. */
  readonly previousEnd: 'released' | 'process_died' | 'machine_restarted';
  private readonly path: string;

  /** @throws FolderLocked where a living process holds it */
  constructor(folder: string) {
    this.path = join(folder, FILE);
    let previousEnd: FolderLock['previousEnd'] = 'released';
    const own: Holder = { pid: process.pid, started: processStart(process.pid) ?? '', boot: bootName() };
    for (let attempt = 1; ; attempt++) {
      try {
        const fd = openSync(this.path, 'wx', 0o600);
        writeSync(fd, JSON.stringify(own));
        closeSync(fd);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt === ATTEMPTS_MAX) throw error;
      }
      const holder = this.readHolder();
      if (holder !== null && isAlive(holder, own)) throw new FolderLocked(folder, holder.pid);
      previousEnd = holder !== null && holder.boot === own.boot ? 'process_died' : 'machine_restarted';
      this.takeAway();
    }
    this.previousEnd = previousEnd;
  }

  release(): void {
    rmSync(this.path, { force: true });
  }

  private readHolder(): Holder | null {
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as Holder;
    } catch {
      return null; // Gone meanwhile, or torn by a power loss while it was written.
    }
  }

  /** By a rename, so that of two starts only one takes it. */
  private takeAway(): void {
    const stale = `${this.path}.stale.${process.pid}`;
    try {
      renameSync(this.path, stale);
      rmSync(stale, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function isAlive(holder: Holder, own: Holder): boolean {
  if (holder.boot !== own.boot) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const started = processStart(holder.pid);
  return started === null || holder.started === '' || started === holder.started;
}

/** Field 22 of /proc/PID/stat (clock ticks since boot); null where the system has no such file. */
function processStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
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
