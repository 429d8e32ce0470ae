// Recovery of an engine that does not write the journal: up to the entry at which its writer says the journal ended, for
// what stands behind it may be half written.
import type { Logger } from 'pino';
import type { OutputHistoryOptions } from '../bus/history.ts';
import { dataLayout } from '../data-folder.ts';
import type { Follower } from '../follower.ts';
import { readJournalEnd } from '../journal/reader.ts';
import { listSegments } from '../journal/segments.ts';
import { type Recovered, recover } from '../recovery.ts';
import { StartError } from '../start-error.ts';
import { DaySnapshots } from '../state/day-snapshots.ts';
import { FolderSnapshotStore, type RemoteSnapshotStore } from '../state/snapshot-store.ts';

export interface LocalRecoveryOptions {
  readonly dataFolder: string;
  readonly journalId: string;
  readonly build: string;
  readonly nextOffset: number;
  readonly follower: Follower;
  /** All of its window is derived again, so that clients can resume. */
  readonly history: OutputHistoryOptions;
  readonly remoteSnapshots?: RemoteSnapshotStore;
  readonly log: Logger;
}

/** @throws StartError where neither the journal nor a snapshot tells how it began */
export async function recoverLocally(options: LocalRecoveryOptions): Promise<Recovered> {
  const { dataFolder, journalId, build, nextOffset, follower, history, remoteSnapshots, log } = options;
  const layout = dataLayout(dataFolder);
  await remoteSnapshots?.open(journalId);
  const days = new DaySnapshots(layout.days, layout.journal);
  const firstOffset = listSegments(layout.journal)[0]?.firstOffset ?? 0;
  const recovered = await recover({
    journalFolder: layout.journal,
    journalId,
    build,
    firstOffset,
    nextOffset,
    // Engine time, which an emulated feed sets.
    notAfterUs: readJournalEnd(layout.journal).lastTimeUs - history.windowMs * 1000,
    stores: [
      ...(remoteSnapshots === undefined ? [] : [remoteSnapshots]),
      new FolderSnapshotStore(layout.snapshots, Infinity),
      days,
    ],
    removesLost: false,
    lastFailure: 'thrown',
    machine: follower.machine,
    bus: follower.bus,
    days,
    log,
  });
  if (recovered.snapshotOffset === null && firstOffset > 0)
    throw new StartError('nothing can be recovered: older days were pruned, and no snapshot is of this build');
  return recovered;
}
