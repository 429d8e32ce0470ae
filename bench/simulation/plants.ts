// Bugs planted on purpose, to show that the simulator finds what it is there to find. Each is a wrapper around a port,
// a mistake that would look harmless in a review; the product's code has no switch for any of them.
import type { JournalDisk } from '../../engine/journal/journal.ts';

export interface Plant {
  readonly about: string;
  readonly disk?: (disk: JournalDisk) => JournalDisk;
  /** What the lock tells the next start of a power loss. */
  readonly forgetsPowerLoss?: boolean;
  /** What a client sends. */
  readonly sends?: (text: string) => string;
}

type Positions = Record<string, number>;

export const PLANTS: Readonly<Record<string, Plant>> = {
  numbers_reused: {
    about: 'after a power loss the epoch goes on, as after a kill: lost numbers are given to other messages',
    forgetsPowerLoss: true,
  },
  snapshot_ahead: {
    about: 'a snapshot is saved before the journal that it describes is durable: the sync in front of it does nothing',
    disk: (disk) => ({ ...disk, sync: () => {}, syncLater: async () => {} }),
  },
  published_before_written: {
    about: 'the last write stays in a buffer of the process until the next: what was published dies with a kill',
    disk: writeBehind,
  },
  resume_off_by_one: {
    about: 'a client that resumes says that it has one message more than it has',
    sends: (text) => {
      const message = JSON.parse(text) as { type: string; streams?: Positions; resume?: { streams: Positions } };
      const streams = message.resume?.streams ?? (message.type === 'resume' ? message.streams : undefined);
      for (const stream in streams) streams[stream] += 1;
      return JSON.stringify(message);
    },
  },
};

function writeBehind(disk: JournalDisk): JournalDisk {
  let waiting: { fd: number; bytes: Uint8Array } | null = null;
  const flush = (): void => {
    if (waiting === null) return;
    const { fd, bytes } = waiting;
    waiting = null;
    for (let written = 0; written < bytes.length; ) written += disk.write(fd, bytes.subarray(written));
  };
  const flushed =
    <A extends unknown[], R>(operation: (...args: A) => R) =>
    (...args: A): R => {
      flush();
      return operation(...args);
    };
  return {
    write(fd, bytes) {
      flush();
      waiting = { fd, bytes: Uint8Array.from(bytes) };
      return bytes.length;
    },
    truncate: flushed(disk.truncate),
    sync: flushed(disk.sync),
    syncLater: flushed(disk.syncLater),
  };
}
