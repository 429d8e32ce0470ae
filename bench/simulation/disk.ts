// The disk under the journal: real files, whose writes may be torn, refused or lost. It knows what of the journal is
// durable; when the machine goes down, all that was not may be gone from any byte on.
import {
  existsSync,
  fstatSync,
  ftruncateSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../engine/emulator/market/random.ts';
import type { JournalDisk } from '../../engine/journal/journal.ts';
import { listSegments } from '../../engine/journal/segments.ts';
import type { Fuse } from './fuse.ts';
import type { Trace } from './trace.ts';

export interface DiskOptions {
  readonly random: Random;
  readonly trace: Trace;
  readonly nowMs: () => number;
  /** Called once everything that was written is durable. */
  readonly onDurable: () => void;
}

/** Parts of a file that a power loss leaves: all of what was synced, and any share of the rest. */
export class Disk {
  /** Until then writes fail, as on a full disk. */
  fullUntilMs = 0;
  private readonly options: DiskOptions;
  private durable = { inode: -1, bytes: 0 };

  constructor(options: DiskOptions) {
    this.options = options;
  }

  get isFull(): boolean {
    return this.options.nowMs() < this.fullUntilMs;
  }

  /** The disk as one process sees it, until that dies. */
  of(fuse: Fuse): JournalDisk {
    const { random, trace } = this.options;
    const write = (fd: number, bytes: Uint8Array): number => {
      if (fuse.isDead) throw new Error('the process is dead');
      if (fuse.burns('write')) {
        const written = random.below(bytes.length + 1);
        trace.note(`torn write: ${written} of ${bytes.length} bytes`);
        if (written > 0) writeSync(fd, bytes, 0, written);
        throw new Error('the process is dead');
      }
      if (!this.isFull) return writeSync(fd, bytes);
      if (random.below(3) === 0) writeSync(fd, bytes, 0, random.below(bytes.length));
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    };
    const truncate = (fd: number, bytes: number): void => {
      if (fuse.isDead) throw new Error('the process is dead');
      if (this.isFull && random.below(4) === 0) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
      ftruncateSync(fd, bytes);
    };
    const sync = (fd: number): void => {
      if (fuse.isDead || fuse.burns('sync')) throw new Error('the process is dead');
      if (this.isFull && random.below(2) === 0) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
      const { ino, size } = fstatSync(fd);
      this.durable = { inode: ino, bytes: size };
      this.options.onDurable();
    };
    const syncLater = async (fd: number): Promise<void> => sync(fd);
    return { write, truncate, sync, syncLater };
  }

  /** The machine goes down: of the last segment, what was not synced is cut at a random byte, or all of it is gone. */
  losePower(journalFolder: string): void {
    const { random, trace } = this.options;
    const last = listSegments(journalFolder).at(-1);
    if (last === undefined) return;
    const { ino, size } = statSync(last.path);
    const kept = this.durable.inode === ino ? Math.min(this.durable.bytes, size) : 0;
    if (kept === 0 && random.below(3) === 0) {
      trace.note(`power loss: a segment of ${size} bytes is gone`);
      rmSync(last.path);
      return;
    }
    const left = kept + Math.floor(random.unit() * (size - kept + 1));
    trace.note(`power loss: ${left} of ${size} bytes are left, ${kept} were durable`);
    truncateSync(last.path, left);
    this.durable = { inode: ino, bytes: left };
  }

  /** One bit of the newest file of a folder is another. */
  damageNewest(folder: string): void {
    const { random, trace } = this.options;
    const name = existsSync(folder) ? readdirSync(folder).sort().at(-1) : undefined;
    if (name === undefined) return;
    const path = join(folder, name);
    const bytes = readFileSync(path);
    if (bytes.length === 0) return;
    bytes[Math.floor(random.unit() * bytes.length)] ^= 1 << random.below(8);
    writeFileSync(path, bytes);
    trace.note(`${name} is damaged`);
  }
}

/** The lock of a process that was killed: as if another number had been its own, for ours lives on. */
export function orphanLock(dataFolder: string, end: 'killed' | 'power_lost' | 'torn'): void {
  const path = join(dataFolder, 'engine.lock');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return;
  }
  if (end === 'torn') text = text.slice(0, text.length >> 1);
  else if (text !== '') text = JSON.stringify(orphaned(text, end));
  writeFileSync(path, text);
}

function orphaned(text: string, end: 'killed' | 'power_lost'): object {
  try {
    const holder = JSON.parse(text) as { started: string; boot: string };
    return end === 'killed' ? { ...holder, started: 'before' } : { ...holder, boot: 'before' };
  } catch {
    return {};
  }
}
