// The whole way of a tick, top to bottom. RxJS carries batches from the sources to the bus; inside a batch everything
// is plain synchronous code, so that between a frame's receipt and its messages' publication no other work cuts in.
//
//   t0 received ─ record ─ t1 decode ─ t2 indicators ─ t3 predict ─ t4 decide ─ publish ─ t5
import type { Logger } from 'pino';
import { filter, map, merge, mergeMap, type Observable, share, tap } from 'rxjs';
import type { Bus } from './bus/bus.ts';
import { hostTimeUs } from './clock.ts';
import type { Input, InputBatch } from './input.ts';
import type { RecordedBatch, Recorder } from './journal/recorder.ts';
import type { BatchTimes, OutputBatch } from './messages.ts';
import type { MeasuredStages } from './stage-clock.ts';
import type { BatchPlace, StateMachine } from './state-machine.ts';

export interface PipelineParts {
  /** Feed sessions, the clock, commands: whatever is journaled. */
  readonly sources: readonly Observable<InputBatch>[];
  readonly recorder: Recorder;
  readonly machine: StateMachine;
  readonly stages: MeasuredStages;
  readonly bus: Bus;
  readonly log: Logger;
}

/**
 * Batches that were published, with all of their times; one without updates may still have changed epoch, feed or halt.
 * It runs while somebody is subscribed.
 */
export function pipeline(parts: PipelineParts): Observable<OutputBatch> {
  const { sources, recorder, machine, bus } = parts;
  return merge(...sources).pipe(
    filter((batch) => batch.inputs.length > 0),
    map((batch) => recorder.record(batch)),
    mergeMap((batch) => deriveAll(batch, parts)),
    tap((output) => bus.publish(output)),
    tap((output) => {
      output.times[5] = hostTimeUs() - output.times[0];
      machine.streams.settle();
    }),
    share(),
  );
}

/** That the model failed is an input like any other. It is recorded behind its batch, before either is published. */
function deriveAll(batch: RecordedBatch, { recorder, machine, stages, log }: PipelineParts): OutputBatch[] {
  const outputs = [derive(batch, machine, stages)];
  const failure = machine.takeModelFailure();
  if (failure !== null) {
    log.error({ err: failure.error }, 'model_failed: the engine abstains until its next start');
    const input: Input = { kind: 'control', engineTimeUs: machine.timeUs, command: failure.command };
    const { receivedUs } = batch;
    outputs.push(derive(recorder.record({ receivedUs, inputs: [input] }), machine, stages));
  }
  return outputs;
}

/** Applies a recorded batch; t0 … t4 of what it made. The gateway sets t5 as it sends, the pipeline once it is done. */
export function derive(
  { receivedUs, inputs, firstOffset }: Pick<RecordedBatch, 'receivedUs' | 'inputs' | 'firstOffset'>,
  machine: StateMachine,
  stages: MeasuredStages,
  share: BatchPlace | null = null,
): OutputBatch {
  const waitedUs = hostTimeUs() - receivedUs;
  stages.begin();
  const updates = machine.apply(inputs, firstOffset, false, share);
  const { decode, indicators, predict, decide } = stages.us;
  const t1 = waitedUs + decode;
  const t2 = t1 + indicators;
  const t3 = t2 + predict;
  const t4 = t3 + decide;
  const times = [receivedUs, t1, t2, t3, t4, t4].map(Math.round) as BatchTimes;
  return { epoch: machine.epoch, source: machine.source, times, updates };
}
