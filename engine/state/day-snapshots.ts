// Snapshots at the first entry of each day that the journal keeps: where a replay begins once older days were pruned. They
// are made by whoever replays past that entry, the process that makes snapshots or a recovery; never by the pipeline.
import { journalDays } from '../journal/retention.ts';
import { FolderSnapshotStore } from './snapshot-store.ts';

export class DaySnapshots extends FolderSnapshotStore {
  private readonly journalFolder: string;

  constructor(folder: string, journalFolder: string) {
    // They go with their days, not by their age.
    super(folder, Infinity);
    this.journalFolder = journalFolder;
  }

  /** First entries of days in [fromOffset, toOffset] that have no snapshot yet. The journal's own beginning needs none. */
  missing(fromOffset: number, toOffset: number): Set<number> {
    const offsets = journalDays(this.journalFolder).map(({ firstOffset }) => firstOffset);
    return new Set(
      offsets.filter((offset) => offset > 0 && offset >= fromOffset && offset <= toOffset && !this.has(offset)),
    );
  }

  /** Forgets those of days that were pruned. */
  async forgetPruned(): Promise<void> {
    const firstKept = journalDays(this.journalFolder)[0]?.firstOffset ?? 0;
    for (const offset of await this.list()) if (offset < firstKept) await this.remove(offset);
  }
}
