// Replays a data folder's journal through the code that runs live, and reports count and digest. The folder may belong
// to a running engine; nothing in it is changed.

import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { buildName } from './build.ts';
import { hostTimeUs } from './clock.ts';
import { sum } from './counters.ts';
import { dataLayout, newStateMachine } from './engine.ts';
import { Contents } from './journal/contents.ts';
import { type JournalBatch, readJournalEnd } from './journal/reader.ts';
import { listSegments } from './journal/segments.ts';
import { applyJournal } from './journal-application.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import type { FindingListener } from './quality/findings.ts';
import { decodeSnapshot, type Snapshot } from './state/snapshot.ts';
import { FolderSnapshotStore } from './state/snapshot-store.ts';
import type { StateMachine } from './state-machine.ts';
import type { DigestReport } from './streams/streams.ts';

export interface ReplayReport extends DigestReport {
  readonly entries: number;
  readonly ticks: number;
  readonly epoch: string;
  /** Entry with which the replay began: 0, or the first kept one where older days were pruned. */
  readonly firstOffset: number;
}

/** There is nothing to replay, or not enough of it: the message says what is missing. */
export class ReplayError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReplayError';
  }
}

export interface ReplayProgress {
  readonly entries: number;
  readonly fraction: number;
}

export interface ReplayOptions {
  readonly dataFolder: string;
  readonly log: Logger;
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
  /** Hears every finding on the data, in order. */
  readonly onFinding?: FindingListener;
  /** Called before each batch, with its engine time, and after it. */
  readonly beforeBatch?: (machine: StateMachine, timeUs: number) => void;
  readonly afterBatch?: (machine: StateMachine) => void;
}

/**
 * @throws ReplayError where there is no journal, or its older days were pruned and the state after them is of no use
 * @throws JournalDamaged where the journal cannot be read
 * @throws ContentError where configuration or model of the journal is missing
 */
export async function replay({
  dataFolder,
  log,
  onProgress,
  onFinding,
  beforeBatch = () => {},
  afterBatch = () => {},
}: ReplayOptions): Promise<ReplayReport> {
  const layout = dataLayout(dataFolder);
  const segments = listSegments(layout.journal);
  if (segments.length === 0) throw new ReplayError(`${dataFolder}: no journal here; expected a data folder`);
  const [{ firstOffset }] = segments;
  await initialiseBackend();
  const machine = newStateMachine(new Contents(layout.contents), onFinding === undefined ? {} : { onFinding });
  if (firstOffset > 0) await loadDay(machine, layout, firstOffset, log);
  const total = readJournalEnd(layout.journal).nextOffset - firstOffset;
  let entries = 0;
  let shownUs = hostTimeUs();
  const before = ({ inputs: [first] }: JournalBatch): void => beforeBatch(machine, first.engineTimeUs);
  for (const batch of applyJournal(machine, { folder: layout.journal }, 'thrown', before)) {
    entries += batch.inputs.length;
    afterBatch(machine);
    if (onProgress === undefined) continue;
    if (hostTimeUs() - shownUs > 250_000) {
      shownUs = hostTimeUs();
      onProgress({ entries, fraction: Math.min(1, entries / total) });
      await new Promise(setImmediate);
    }
  }
  const ticks = sum(machine.counters.ticks);
  return { ...machine.report(), entries, ticks, epoch: machine.epoch, firstOffset };
}

async function loadDay(
  machine: StateMachine,
  layout: ReturnType<typeof dataLayout>,
  offset: number,
  log: Logger,
): Promise<void> {
  const snapshot = await dayState(layout, offset);
  if (typeof snapshot === 'string')
    throw new ReplayError(`older days were pruned, and the state at entry ${offset} is ${snapshot}`);
  log.info({ offset }, 'older days were pruned: the replay begins from the state kept for this day');
  machine.load(snapshot.state);
}

/** The state, or what is the matter with it. */
async function dayState(
  { journalId, days }: ReturnType<typeof dataLayout>,
  offset: number,
): Promise<Snapshot | string> {
  try {
    const id = readFileSync(journalId, 'utf8').trim();
    return decodeSnapshot(await new FolderSnapshotStore(days).load(offset), id, buildName());
  } catch (error) {
    return `not to be had: ${(error as Error).message}`;
  }
}
