// How fast a start is: a journal of the simulated market behind a snapshot, through the code of recovery; beside reading
// the same journal, with its checksums, and doing nothing with it.
import { join } from 'node:path';
import { pino } from 'pino';
import { Bus } from '../engine/bus/bus.ts';
import { dataLayout } from '../engine/data-folder.ts';
import { Contents } from '../engine/journal/contents.ts';
import { Journal } from '../engine/journal/journal.ts';
import { readJournal } from '../engine/journal/reader.ts';
import { newStateMachine } from '../engine/journal-machine.ts';
import { initialiseBackend } from '../engine/predict/tensorflow-model.ts';
import { recover } from '../engine/recovery.ts';
import { DaySnapshots } from '../engine/state/day-snapshots.ts';
import { encodeSnapshot } from '../engine/state/snapshot.ts';
import { FolderSnapshotStore } from '../engine/state/snapshot-store.ts';
import { ARTIFACT_FOLDER, control, startCommand, TEN, testSettings } from '../engine/test-market.ts';
import { readArtifact } from '../models/artifact.ts';
import type { FramesHandlers } from './ingest/frames.ts';
import { sharedUs } from './shared-clock.ts';
import { Worker } from './worker.ts';

export interface RecoveryResult {
  /** Behind the snapshot. */
  readonly entries: number;
  readonly seconds: number;
  readonly readingSeconds: number;
  readonly snapshotBytes: number;
}

export interface RecoveryLoad {
  readonly symbols: number;
  readonly entries: number;
}

/** The goal speaks of a million; a fifth of them tells what that takes. */
export const RECOVERY_LOAD: RecoveryLoad = { symbols: 100, entries: 200_000 };
/** In front of the snapshot, so that every instrument is warm in it. */
const WARM_SHARE = 0.1;
const JOURNAL_ID = 'bench';
const BUILD = 'bench';

/** @param dataFolder empty; the caller removes it */
export async function benchRecovery(dataFolder: string, { symbols, entries }: RecoveryLoad): Promise<RecoveryResult> {
  const log = pino({ level: 'silent' });
  const layout = dataLayout(dataFolder);
  const contents = new Contents(layout.contents);
  await initialiseBackend();
  const journal = new Journal({
    folder: layout.journal,
    segmentBytesMax: 1 << 26,
    diskBudgetBytes: Number.MAX_SAFE_INTEGER,
    log,
  });
  const configHash = contents.putJson(testSettings());
  const modelHash = contents.put(readArtifact(ARTIFACT_FOLDER).bytes);
  const first = newStateMachine(contents);
  const apply = (inputs: Parameters<Journal['append']>[0]): void => {
    first.apply(inputs, journal.append(inputs));
  };
  apply([control(startCommand({ configHash, modelHash }), TEN)]);
  const frames = join(dataFolder, 'frames');
  const load = new Worker<FramesHandlers>('ingest/frames');
  // Most frames of trades carry one, and those of books come on top.
  await load.call('write', { folder: frames, symbols, trades: entries, books: true });
  await load.end();
  const feed = readJournal({ folder: frames });
  while (journal.nextOffset < entries * WARM_SHARE) apply(feed.next().value!.inputs);
  const store = new FolderSnapshotStore(layout.snapshots);
  const offset = journal.nextOffset;
  const bytes = encodeSnapshot({ journalId: JOURNAL_ID, build: BUILD, offset, state: first.save(), retained: [] });
  await store.save(offset, bytes);
  const until = offset + entries;
  for (let next = feed.next(); !next.done && journal.nextOffset < until; next = feed.next()) {
    journal.append(next.value.inputs);
  }
  journal.close();

  let startUs = sharedUs();
  let read = 0;
  for (const { inputs } of readJournal({ folder: layout.journal, fromOffset: offset })) read += inputs.length;
  const readingSeconds = (sharedUs() - startUs) / 1e6;
  const machine = newStateMachine(contents);
  startUs = sharedUs();
  const { replayedEntries } = await recover({
    journalFolder: layout.journal,
    journalId: JOURNAL_ID,
    build: BUILD,
    firstOffset: 0,
    nextOffset: journal.nextOffset,
    stores: [store],
    removesLost: false,
    machine,
    bus: new Bus(),
    lastFailure: 'thrown',
    days: new DaySnapshots(layout.days, layout.journal),
    log,
  });
  const seconds = (sharedUs() - startUs) / 1e6;
  if (replayedEntries !== read) throw new Error(`recovery took ${replayedEntries} entries of ${read}`);
  return { entries: read, seconds, readingSeconds, snapshotBytes: bytes.length };
}
