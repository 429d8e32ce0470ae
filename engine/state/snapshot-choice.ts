// Which snapshot a recovery begins with. Headers are asked first; what cannot be used is passed over with the reason.
import type { Logger } from 'pino';
import { decodeSnapshot, judgeSnapshot, type Snapshot, type SnapshotHeader, type SnapshotOrigin } from './snapshot.ts';
import type { SnapshotStore } from './snapshot-store.ts';

export interface SnapshotChoiceOptions extends SnapshotOrigin {
  /** In the order in which they are asked. */
  readonly stores: readonly SnapshotStore[];
  /** Entries that the journal holds: [firstOffset, nextOffset). Older ones were pruned; later ones, if any, lost. */
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** The snapshot is to be no younger than that, engine time, so that all since is derived again. (any age) */
  readonly notAfterUs?: number;
  /** When the journal began, where it holds its first entry: younger than `notAfterUs`, all of it is derived again. */
  readonly beganUs?: number;
  /** Whether snapshots of entries that the journal has lost are removed: for the journal's writer alone. */
  readonly removesLost: boolean;
  readonly log: Logger;
}

interface Candidate {
  readonly header: SnapshotHeader;
  readonly store: SnapshotStore;
}

/**
 * The newest that is old enough, else the oldest that is of use; null where none is, or where only the whole journal
 * reaches far enough back.
 */
export async function chooseSnapshot(options: SnapshotChoiceOptions): Promise<Snapshot | null> {
  const { journalId, build, notAfterUs = Infinity, beganUs = -Infinity, log } = options;
  const candidates = await candidatesOf(options);
  const old = candidates.filter(({ header }) => header.timeUs <= notAfterUs);
  const young = beganUs > notAfterUs ? [] : candidates.filter(({ header }) => header.timeUs > notAfterUs);
  for (const { header, store } of [...old, ...young.reverse()]) {
    const { offset } = header;
    try {
      const snapshot = decodeSnapshot(await store.load(offset), journalId, build);
      if (typeof snapshot !== 'string') return snapshot;
      log.warn({ offset, reason: snapshot }, 'snapshot passed over');
    } catch (error) {
      log.warn({ err: error, offset }, 'snapshot passed over');
    }
  }
  return null;
}

/** Newest first. */
async function candidatesOf(options: SnapshotChoiceOptions): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const store of options.stores) {
    try {
      for (const offset of await store.list()) {
        const header = await judge(store, offset, options);
        if (typeof header !== 'string') candidates.push({ header, store });
        else options.log.warn({ offset, reason: header }, 'snapshot passed over');
      }
    } catch (error) {
      options.log.warn({ err: error }, 'snapshots cannot be listed');
    }
  }
  return candidates.sort((a, b) => b.header.offset - a.header.offset);
}

/** The header, or why the snapshot is of no use. */
async function judge(store: SnapshotStore, offset: number, options: SnapshotChoiceOptions) {
  const { firstOffset, nextOffset, removesLost } = options;
  if (offset < firstOffset) return 'the journal does not hold what follows it';
  try {
    if (offset > nextOffset) {
      // Once the journal has grown past it, nothing would tell it from a snapshot of the entries written since.
      if (removesLost) await store.remove(offset);
      return 'the journal has lost what led to it';
    }
    const header = judgeSnapshot(await store.head(offset), options);
    return typeof header === 'string' || header.offset === offset ? header : 'named by another offset than its own';
  } catch (error) {
    return `cannot be read: ${(error as Error).message}`;
  }
}
