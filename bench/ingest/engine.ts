// The engine of the ingest bench: a recorded feed through journal, decoder, sequence, quality, bars and indicators, as in
// a run, but for the sockets; with the shipped model or without any.
import { join } from 'node:path';
import { pino } from 'pino';
import { packageRoot } from '../../config/paths.ts';
import { configSchema } from '../../config/schema.ts';
import { Bus } from '../../engine/bus/bus.ts';
import { engineSettings } from '../../engine/configuration.ts';
import { sum } from '../../engine/counters.ts';
import { Journal } from '../../engine/journal/journal.ts';
import { type JournalBatch, readJournal, readJournalEnd } from '../../engine/journal/reader.ts';
import type { Model } from '../../engine/predict/model.ts';
import { initialiseBackend, TensorflowModel } from '../../engine/predict/tensorflow-model.ts';
import { StateMachine } from '../../engine/state-machine.ts';
import { parseArtifact, readArtifact } from '../../models/artifact.ts';
import { sharedUs } from '../shared-clock.ts';
import { serve } from '../worker.ts';

const ARTIFACT = join(packageRoot, 'models', 'artifacts', 'next-mid-move');
const NO_MODEL: Model = { name: 'none', hash: '', featureNames: [], predict() {}, dispose() {} };
/** So much of the feed warms the code up and is not measured. */
const WARM_UP_SHARE = 0.3;

export interface IngestRequest {
  readonly frames: string;
  /** Folder of the journal that is written. */
  readonly folder: string;
  readonly predicts: boolean;
}

export interface IngestResult {
  readonly trades: number;
  readonly books: number;
  readonly seconds: number;
  /** The baseline: the same batches only appended to a journal. */
  readonly appendSeconds: number;
  readonly findings: number;
}

const handlers = {
  async run({ frames, folder, predicts }: IngestRequest): Promise<IngestResult> {
    await initialiseBackend();
    const total = readJournalEnd(frames).nextOffset;
    const appended = new Pass(frames, newJournal(join(folder, 'append')), total * WARM_UP_SHARE);
    const appendUs = appended.run(() => {});
    const settings = engineSettings(configSchema.parse({}));
    const machine = new StateMachine({
      settingsOf: () => settings,
      modelOf: () => (predicts ? new TensorflowModel(parseArtifact(readArtifact(ARTIFACT).bytes)) : NO_MODEL),
      referenceOf: () => {
        throw new Error('the feed of a bench names no reference');
      },
    });
    const journal = newJournal(join(folder, predicts ? 'predicted' : 'engine'));
    const bus = new Bus();
    const apply = ({ inputs }: Pick<JournalBatch, 'inputs'>, offset: number): void => {
      const updates = machine.apply(inputs, offset);
      bus.retain({ epoch: machine.epoch, updates });
      machine.streams.settle();
    };
    const run = { epoch: 'bench', feed: 'bench', configHash: 'bench', modelHash: 'bench', calendarHash: 'bench' };
    const versions = { kisignal: 'bench', node: process.version, backend: 'wasm' } as const;
    const command = { type: 'start', source: 'simulated', versions, ...run } as const;
    apply({ inputs: [{ kind: 'control', engineTimeUs: 0, command }] }, 0);
    const counts = () => ({ trades: sum(machine.counters.ticks), books: machine.counters.books });
    let before = counts();
    const pass = new Pass(frames, journal, total * WARM_UP_SHARE);
    const engineUs = pass.run(apply, () => {
      before = counts();
    });
    return {
      trades: sum(machine.counters.ticks) - before.trades,
      books: machine.counters.books - before.books,
      seconds: engineUs / 1e6,
      appendSeconds: appendUs / 1e6,
      findings: machine.quality?.evidence.total ?? 0,
    };
  },
};
export type IngestHandlers = typeof handlers;

/** One pass over the feed, which is read as it goes: were it in memory, the collector would have to look after it. */
class Pass {
  private readonly frames: string;
  private readonly journal: Journal;
  private readonly warmUpEntries: number;

  constructor(frames: string, journal: Journal, warmUpEntries: number) {
    this.frames = frames;
    this.journal = journal;
    this.warmUpEntries = warmUpEntries;
  }

  /** Microseconds in the journal and in `apply`, without the reading, from the end of the warm-up on. */
  run(apply: (batch: JournalBatch, offset: number) => void, warm: () => void = () => {}): number {
    let spentUs = 0;
    let isWarm = false;
    for (const batch of readJournal({ folder: this.frames })) {
      if (!isWarm && batch.firstOffset >= this.warmUpEntries) {
        isWarm = true;
        spentUs = 0;
        warm();
      }
      const startUs = sharedUs();
      apply(batch, this.journal.append(batch.inputs));
      spentUs += sharedUs() - startUs;
    }
    return spentUs;
  }
}

function newJournal(folder: string): Journal {
  return new Journal({
    folder,
    segmentBytesMax: 1 << 26,
    diskBudgetBytes: Number.MAX_SAFE_INTEGER,
    log: pino({ level: 'silent' }),
  });
}

serve(handlers);
