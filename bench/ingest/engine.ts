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
import { type JournalBatch, readJournal } from '../../engine/journal/reader.ts';
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
    const batches = [...readJournal({ folder: frames })];
    const warmUp = Math.floor(batches.length * WARM_UP_SHARE);
    const appendUs = measured(batches.slice(warmUp), newJournal(join(folder, 'append')), () => {});
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
    const engineTimeUs = batches[0].inputs[0].engineTimeUs;
    const run = { epoch: 'bench', feed: 'bench', configHash: 'bench', modelHash: 'bench', calendarHash: 'bench' };
    const versions = { kisignal: 'bench', node: process.version, backend: 'wasm' } as const;
    const command = { type: 'start', source: 'simulated', versions, ...run } as const;
    apply({ inputs: [{ kind: 'control', engineTimeUs, command }] }, 0);
    measured(batches.slice(0, warmUp), journal, apply);
    const before = { trades: sum(machine.counters.ticks), books: machine.counters.books };
    const engineUs = measured(batches.slice(warmUp), journal, apply);
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

/** Microseconds from the first batch to the last. */
function measured(
  batches: readonly JournalBatch[],
  journal: Journal,
  apply: (batch: JournalBatch, offset: number) => void,
): number {
  const startUs = sharedUs();
  for (const batch of batches) apply(batch, journal.append(batch.inputs));
  return sharedUs() - startUs;
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
