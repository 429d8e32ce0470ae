// A store of snapshots beside the data folder, as Redis is one: slow, away for a while, answering late, holding what was
// damaged. It outlives the processes that use it.
import type { Random } from '../../engine/emulator/market/random.ts';
import { SNAPSHOT_HEAD_BYTES } from '../../engine/state/snapshot.ts';
import { type RemoteSnapshotStore, SNAPSHOTS_KEPT } from '../../engine/state/snapshot-store.ts';
import type { Fuse } from './fuse.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

const ANSWER_MS_MAX = 40;
/** Slow answers take up to so long. */
const LATE_MS_MAX = 1500;

export interface RemoteStoreOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
  /** Entries of the journal that nothing can take away any more. */
  readonly durableOffset: () => number;
}

export class RemoteStore {
  awayUntilMs = 0;
  private readonly options: RemoteStoreOptions;
  private readonly kept = new Map<number, Buffer>();

  constructor(options: RemoteStoreOptions) {
    this.options = options;
  }

  of(fuse: Fuse): RemoteSnapshotStore {
    return {
      open: async () => {},
      save: (offset, bytes) => {
        this.holdDurable(offset, fuse);
        return this.answer(fuse, 'save', () => this.keep(offset, bytes));
      },
      list: () => this.answer(fuse, 'list', () => [...this.kept.keys()].sort((a, b) => b - a)),
      head: (offset) => this.answer(fuse, 'head', () => this.one(offset).subarray(0, SNAPSHOT_HEAD_BYTES)),
      load: (offset) => this.answer(fuse, 'load', () => this.one(offset)),
      remove: (offset) => this.answer(fuse, 'remove', () => void this.kept.delete(offset)),
    };
  }

  private keep(offset: number, bytes: Buffer): void {
    const copy = Buffer.from(bytes);
    const { random, trace } = this.options;
    if (random.below(10) === 0) {
      copy[Math.floor(random.unit() * copy.length)] ^= 1 << random.below(8);
      trace.note(`snapshot ${offset} is damaged in the store`);
    }
    this.kept.set(offset, copy);
    const offsets = [...this.kept.keys()].sort((a, b) => b - a);
    for (const old of offsets.slice(SNAPSHOTS_KEPT)) this.kept.delete(old);
  }

  private one(offset: number): Buffer {
    const bytes = this.kept.get(offset);
    if (bytes === undefined) throw new Error(`no snapshot ${offset}`);
    return Buffer.from(bytes);
  }

  private holdDurable(offset: number, fuse: Fuse): void {
    const durable = this.options.durableOffset();
    if (!fuse.isDead && offset > durable)
      this.options.trace.fail('snapshot_durable', `snapshot of entry ${offset}, durable are ${durable}`);
  }

  /** An effect and its answer; a process that dies meanwhile hears that it failed, which nobody sees any more. */
  private answer<T>(fuse: Fuse, name: string, effect: () => T): Promise<T> {
    const { time, random } = this.options;
    if (fuse.isDead || fuse.burns(`store ${name}`)) return Promise.reject(new Error('the process is dead'));
    const late = random.below(12) === 0;
    const delayMs = 1 + random.below(late ? LATE_MS_MAX : ANSWER_MS_MAX);
    const before = random.below(2) === 0;
    return new Promise((resolve, reject) => {
      fuse.whenDead(() => reject(new Error('the process is dead')));
      time.after(
        delayMs,
        () => {
          if (time.nowMs < this.awayUntilMs) {
            // The answer is lost; what was asked for may have been done.
            if (before && !fuse.isDead) effect();
            reject(new Error('the store is away'));
            return;
          }
          try {
            resolve(effect());
          } catch (error) {
            reject(error);
          }
        },
        '',
      );
    });
  }
}
