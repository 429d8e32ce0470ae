// A snapshot made from the journal, not by the pipeline: a new state machine recovers up to an entry that is known to be
// durable, by the very code of a start, and its state is kept. So what is kept is what the journal says, and the pipeline
// does not stand still for it.
import { pino } from 'pino';
import { buildName } from '../build.ts';
import { Bus } from '../bus/bus.ts';
import { dataLayout } from '../data-folder.ts';
import { Contents } from '../journal/contents.ts';
import { listSegments } from '../journal/segments.ts';
import { newStateMachine } from '../journal-machine.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import { recover } from '../recovery.ts';
import { DaySnapshots } from './day-snapshots.ts';
import { encodeSnapshot } from './snapshot.ts';
import { FolderSnapshotStore, type SnapshotStore } from './snapshot-store.ts';

export interface SnapshotRequest {
  readonly dataFolder: string;
  readonly journalId: string;
  /** Of the engine that asks: another build may derive otherwise. */
  readonly build: string;
  /** The first entry that is not to be in it; the journal is durable up to there. */
  readonly offset: number;
  readonly resumeWindowMs: number;
}

export interface SnapshotMade {
  readonly offset: number;
  readonly bytes: number;
  /** With which snapshot it began, and how many entries it applied. */
  readonly fromOffset: number;
  readonly replayedEntries: number;
  readonly seconds: number;
  /** Days whose snapshot was made on the way. */
  readonly days: readonly number[];
  /** What the stores said that did not keep it; at least one did. */
  readonly unsaved: readonly string[];
  /** Whatever was passed over. */
  readonly remarks: readonly string[];
}

/**
 * @throws Error where the request is of another build, the journal cannot be read up to the offset, or no store keeps it
 */
export async function snapshotByReplay(
  request: SnapshotRequest,
  remote: readonly SnapshotStore[] = [],
): Promise<SnapshotMade> {
  const { dataFolder, journalId, build, offset, resumeWindowMs } = request;
  if (buildName() !== build) throw new Error('the code on the disk is of another build than the engine that runs');
  const layout = dataLayout(dataFolder);
  await initialiseBackend();
  const machine = newStateMachine(new Contents(layout.contents));
  const bus = new Bus();
  const days = new DaySnapshots(layout.days, layout.journal);
  const stores = [...remote, new FolderSnapshotStore(layout.snapshots, resumeWindowMs * 1000)];
  const remarks: string[] = [];
  const log = pino(
    { base: null, timestamp: false, level: 'warn' },
    { write: (line: string) => remarks.push(line.trim()) },
  );
  const recovered = await recover({
    journalFolder: layout.journal,
    journalId,
    build,
    firstOffset: listSegments(layout.journal)[0]?.firstOffset ?? 0,
    nextOffset: offset,
    stores: [...stores, days],
    removesLost: false,
    machine,
    bus,
    lastFailure: 'thrown',
    days,
    log,
  });
  const fromOffset = recovered.snapshotOffset ?? 0;
  if (recovered.snapshotOffset === null && recovered.replayedEntries === 0)
    throw new Error('neither the journal nor a snapshot tells how it began');
  // A snapshot behind a day's beginning would keep every later recovery from passing it.
  if (days.missing(fromOffset, offset).size > 0) throw new Error(remarks.join('; '));
  const state = machine.save();
  const bytes = encodeSnapshot({ journalId, build, offset, state, retained: bus.save() });
  const saved = await Promise.allSettled(stores.map((store) => store.save(offset, bytes)));
  const unsaved = saved.flatMap((one) => (one.status === 'rejected' ? [String((one.reason as Error).message)] : []));
  if (unsaved.length === stores.length) throw new Error(unsaved.join('; '));
  await days.forgetPruned();
  const { replayedEntries, seconds } = recovered;
  return { offset, bytes: bytes.length, fromOffset, replayedEntries, seconds, days: recovered.days, unsaved, remarks };
}
