// Start-up is recovery: the newest valid snapshot, then the journal's tail, then on with the next numbers. What cannot
// be used is passed over with the reason; the whole journal is always enough.
import type { Logger } from 'pino';
import type { Bus } from './bus/bus.ts';
import { applyJournal } from './journal-application.ts';
import { decodeSnapshot, type Snapshot } from './state/snapshot.ts';
import type { SnapshotStore } from './state/snapshot-store.ts';
import type { StateMachine } from './state-machine.ts';

export interface RecoveryOptions {
  readonly journalFolder: string;
  readonly journalId: string;
  readonly build: string;
  /** Entries that the journal holds: [firstOffset, nextOffset). Older ones were pruned; later ones, if any, lost. */
  readonly firstOffset: number;
  readonly nextOffset: number;
  /** In the order in which they are asked. */
  readonly stores: readonly SnapshotStore[];
  readonly machine: StateMachine;
  readonly bus: Bus;
  readonly log: Logger;
}

export interface Recovered {
  readonly snapshotOffset: number | null;
  readonly replayedEntries: number;
}

/**
 * Leaves the machine as the last entry left it, with a model's failure in the last batch to be taken from it; new, where the journal's beginning was pruned and no snapshot is of use:
 * the numbers are then unknown, and a new epoch must begin.
 * @throws JournalDamaged where the tail cannot be read
 */
export async function recover(options: RecoveryOptions): Promise<Recovered> {
  const { machine, bus, journalFolder, firstOffset, nextOffset, log } = options;
  const snapshot = await newestSnapshot(options);
  if (snapshot === null && firstOffset > 0) {
    log.warn({ firstOffset }, 'nothing recovered: older days were pruned and no snapshot is of use; all begins anew');
    return { snapshotOffset: null, replayedEntries: 0 };
  }
  if (snapshot !== null) {
    machine.load(snapshot.state);
    bus.load(snapshot.retained, machine.epoch);
  }
  let replayedEntries = 0;
  const journal = { folder: journalFolder, fromOffset: snapshot?.offset ?? 0, toOffset: nextOffset };
  for (const { inputs, updates } of applyJournal(machine, journal, 'left')) {
    bus.retain({ epoch: machine.epoch, updates });
    replayedEntries += inputs.length;
  }
  return { snapshotOffset: snapshot?.offset ?? null, replayedEntries };
}

async function newestSnapshot(options: RecoveryOptions): Promise<Snapshot | null> {
  const { stores, journalId, build, firstOffset, nextOffset, log } = options;
  const found: { offset: number; store: SnapshotStore }[] = [];
  for (const store of stores) {
    try {
      for (const offset of await store.list()) found.push({ offset, store });
    } catch (error) {
      log.warn({ err: error }, 'snapshots cannot be listed');
    }
  }
  found.sort((a, b) => b.offset - a.offset);
  for (const { offset, store } of found) {
    if (offset < firstOffset) {
      log.warn({ offset, firstOffset, nextOffset }, 'snapshot passed over: the journal does not hold what follows it');
      continue;
    }
    try {
      if (offset > nextOffset) {
        // Once the journal has grown past it, nothing would tell it from a snapshot of the entries written since.
        log.warn({ offset, firstOffset, nextOffset }, 'snapshot removed: the journal has lost what led to it');
        await store.remove(offset);
        continue;
      }
      const snapshot = decodeSnapshot(await store.load(offset), journalId, build);
      if (typeof snapshot !== 'string') return snapshot;
      log.warn({ offset, reason: snapshot }, 'snapshot passed over');
    } catch (error) {
      log.warn({ err: error, offset }, 'snapshot passed over');
    }
  }
  return null;
}
