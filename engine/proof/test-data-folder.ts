// For tests of the proof: a data folder as an engine leaves it, small: a simulated market's frames through the state
// machine and the shipped model, signals among them, sealed often, with an anchor for every seal.
import { mkdirSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { readArtifact } from '../../models/artifact.ts';
import { dataLayout, newStateMachine } from '../engine.ts';
import type { Input } from '../input.ts';
import { Contents } from '../journal/contents.ts';
import { Journal, type JournalOptions } from '../journal/journal.ts';
import type { SignalMessage } from '../messages.ts';
import { initialiseBackend } from '../predict/tensorflow-model.ts';
import { encodeSnapshot } from '../state/snapshot.ts';
import { ARTIFACT_FOLDER, control, marketBatches, startCommand, TEN, testSettings } from '../test-market.ts';
import { type Anchor, anchorOf } from './anchors.ts';
import { SignalChain } from './signal-chain.ts';

export const BUILD = 'test-build';
export const JOURNAL_ID = 'test-journal';
const DAY_US = 86_400_000_000;

export interface TestRunOfFolder {
  readonly build?: string;
  readonly epoch?: string;
  readonly seconds?: number;
  /** Days after the first. */
  readonly day?: number;
}

export interface TestFolderOptions {
  readonly runs?: readonly TestRunOfFolder[];
  readonly journal?: Partial<JournalOptions>;
  /** False: as a process that records and derives nothing. */
  readonly derives?: boolean;
  readonly chained?: boolean;
}

export interface TestFolder {
  readonly signals: readonly SignalMessage[];
  readonly anchors: readonly Anchor[];
  readonly entries: number;
}

export async function writeTestFolder(dataFolder: string, options: TestFolderOptions = {}): Promise<TestFolder> {
  const { runs = [{}], derives = true, chained = true } = options;
  const layout = dataLayout(dataFolder);
  const log = pino({ level: 'silent' });
  await initialiseBackend();
  mkdirSync(layout.days, { recursive: true });
  writeFileSync(layout.journalId, `${JOURNAL_ID}\n`);
  const contents = new Contents(layout.contents);
  const machine = newStateMachine(contents);
  const chain = new SignalChain();
  const anchors: Anchor[] = [];
  const signals: SignalMessage[] = [];
  let build = BUILD;
  const state = (): Buffer => {
    const { nextOffset: offset } = journal;
    return encodeSnapshot({ journalId: JOURNAL_ID, build, offset, state: machine.save(), retained: [] });
  };
  const proof = {
    journalId: JOURNAL_ID,
    sealBytes: 4096,
    sealMs: 500,
    ...(derives && { signals: () => chain.soFar() }),
    onSeal: (seal: Parameters<typeof anchorOf>[0]) => void anchors.push(anchorOf(seal, JOURNAL_ID, build)),
  };
  const journal: Journal = new Journal({
    folder: layout.journal,
    segmentBytesMax: 30_000,
    diskBudgetBytes: 1 << 30,
    beforeDay: () => writeFileSync(`${layout.days}/${String(journal.nextOffset).padStart(16, '0')}.snapshot`, state()),
    log,
    ...(chained && { proof }),
    ...options.journal,
  });
  const append = (inputs: Input[]): void => {
    const updates = machine.apply(inputs, journal.append(inputs));
    machine.streams.settle();
    chain.take(machine.epoch, updates);
    for (const { stream, messages } of updates) {
      if (stream.channel === 'signals') signals.push(...(messages as readonly SignalMessage[]));
    }
  };
  const configHash = contents.putJson(testSettings());
  const modelHash = contents.put(readArtifact(ARTIFACT_FOLDER).bytes);
  const calendarHash = contents.putJson('calendar');
  for (const [i, run] of runs.entries()) {
    build = run.build ?? BUILD;
    const startTimeUs = TEN + (run.day ?? 0) * DAY_US + i * 600_000_000;
    const versions = { kisignal: build, node: process.version, backend: 'plain' as const };
    const hashes = { configHash, modelHash, calendarHash };
    append([control(startCommand({ epoch: run.epoch ?? 'e1', feed: `feed-${i}`, ...hashes, versions }), startTimeUs)]);
    for (const inputs of marketBatches({ seconds: run.seconds ?? 3, startTimeUs, seed: 7 + i })) append(inputs);
  }
  await journal.compressed();
  const entries = journal.nextOffset;
  journal.close();
  return { signals, anchors, entries };
}
