// A model that fails at any time: what was published then can be derived again from the journal, where no model fails.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { Subject } from 'rxjs';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Bus } from './bus/bus.ts';
import type { InputBatch } from './input.ts';
import { Journal } from './journal/journal.ts';
import { Recorder } from './journal/recorder.ts';
import { applyJournal } from './journal-application.ts';
import type { OutputBatch, PredictionMessage } from './messages.ts';
import { pipeline } from './pipeline.ts';
import type { Model } from './predict/model.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import { MeasuredStages } from './stage-clock.ts';
import type { StateMachine } from './state-machine.ts';
import { control, marketBatches, shippedModel, startCommand, testMachine } from './test-market.ts';

const market = marketBatches({ seconds: 12 });
const logged: string[] = [];
const log = pino({}, { write: (line: string) => logged.push(line) });
let folder: string;
beforeAll(initialiseBackend);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-model-'));
  logged.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The shipped model, which throws at the calls named: 0 is the first. */
function failingAt(...calls: number[]): Model {
  const model = shippedModel();
  let call = 0;
  return {
    name: model.name,
    hash: model.hash,
    featureNames: model.featureNames,
    predict(rows, count, up) {
      if (calls.includes(call++)) throw new Error('the backend is gone');
      model.predict(rows, count, up);
    },
    dispose: () => model.dispose(),
  };
}

/** Live: through recorder and pipeline, with a second start entry after `restartAfter` batches of the market. */
function runLive(model: Model, restartAfter = market.length, played = market) {
  const machine = testMachine({ model: () => model });
  const journal = new Journal({ folder, segmentBytesMax: 1 << 22, diskBudgetBytes: 1 << 30, log });
  const batches = new Subject<InputBatch>();
  const published: OutputBatch[] = [];
  const parts = { sources: [batches], recorder: new Recorder(journal, log), machine, bus: new Bus(), log };
  const running = pipeline({ ...parts, stages: new MeasuredStages() }).subscribe((output) => published.push(output));
  const start = (): void => batches.next({ receivedUs: 0, inputs: [control(startCommand(), machine.timeUs)] });
  start();
  for (const [i, inputs] of played.entries()) {
    if (i === restartAfter) start();
    batches.next({ receivedUs: 0, inputs: inputs.map((input) => ({ ...input })) });
  }
  running.unsubscribe();
  journal.close();
  const predictions = published
    .flatMap(({ updates }) => updates)
    .flatMap(({ stream, messages }) => (stream.channel === 'predictions' ? messages : [])) as PredictionMessage[];
  return { machine, predictions };
}

function replayed(fromOffset = 0, machine: StateMachine = testMachine()): StateMachine {
  for (const _ of applyJournal(machine, { folder, fromOffset }));
  return machine;
}

it('abstains in that batch and from there on until a start, tells why once, and is replayed with the same digest', () => {
  fc.assert(
    fc.property(fc.nat(40), fc.integer({ min: 60, max: market.length }), (call, restartAfter) => {
      rmSync(folder, { recursive: true });
      logged.length = 0;
      const { machine, predictions } = runLive(failingAt(call), restartAfter);
      const outcomes = predictions.map(({ abstained }) => abstained);
      const from = outcomes.indexOf('inference_failed');
      const until = outcomes.lastIndexOf('inference_failed');
      expect(from).toBeGreaterThanOrEqual(0);
      expect(outcomes.slice(from, until)).not.toContain(null);
      expect(logged.filter((line) => line.includes('the backend is gone'))).toHaveLength(1);
      const again = replayed();
      expect(again.report()).toEqual(machine.report());
      expect(again.save()).toEqual(machine.save());
    }),
    { numRuns: 15 },
  );
});

it('is known to a snapshot, from which recovery goes on abstaining', () => {
  const { machine } = runLive(failingAt(5));
  const saved: { offset: number; state: ReturnType<StateMachine['save']> }[] = [];
  const straight = testMachine();
  for (const { firstOffset, inputs } of applyJournal(straight, { folder })) {
    if (saved.length < 40) saved.push({ offset: firstOffset + inputs.length, state: straight.save() });
  }
  expect(saved.some(({ state }) => state.modelFailed)).toBe(true);
  for (const { offset, state } of saved.filter(({ state }) => state.modelFailed)) {
    const recovered = testMachine();
    recovered.load(state);
    expect(replayed(offset, recovered).report()).toEqual(machine.report());
  }
});

it('fails again after a start on the same model, each time with an entry of its own', () => {
  const { machine } = runLive(failingAt(...Array.from({ length: 10_000 }, (_, call) => call)), 150);
  expect(logged.filter((line) => line.includes('model_failed'))).toHaveLength(2);
  expect(replayed().report()).toEqual(machine.report());
});

it('that fails at the last batch, of which no entry tells yet, is told by a next one, and that journal is replayed', () => {
  const applied: number[] = [];
  const model = shippedModel();
  const { predict } = model;
  model.predict = (...args) => {
    applied.push(args[1]);
    predict.apply(model, args);
  };
  const until = market.findLastIndex(([first]) => first.kind === 'frame') + 1;
  runLive(model, market.length, market.slice(0, until));
  const failing = failingAt(applied.length - 1);
  expect(() => replayed(0, testMachine({ model: () => failing }))).toThrow('the backend is gone');
  const again = failingAt(applied.length - 1);
  const machine = testMachine({ model: () => again });
  for (const _ of applyJournal(machine, { folder, fromOffset: 0 }, 'left'));
  const failure = machine.takeModelFailure();
  expect(failure?.command).toMatchObject({ type: 'model_failed', reason: 'the backend is gone' });
  expect(machine.takeModelFailure()).toBeNull();
  const journal = new Journal({ folder, segmentBytesMax: 1 << 22, diskBudgetBytes: 1 << 30, log });
  for (const command of [failure!.command, startCommand({ epoch: 'e2' })]) {
    const input = control(command, machine.timeUs);
    machine.apply([input], journal.append([input]));
  }
  journal.close();
  expect(replayed().report()).toEqual(machine.report());
  expect(replayed().save()).toEqual(machine.save());
});

it('that fails in a replay only ends the replay: other numbers than the published ones are none', () => {
  runLive(shippedModel());
  expect(() => replayed(0, testMachine({ model: () => failingAt(5) }))).toThrow('the backend is gone');
});
