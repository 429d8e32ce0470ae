// A state machine that follows what another process has recorded: it applies batches in their order and publishes on a
// bus of its own. Where they come from (a socket, a log of partitions) and where snapshots are kept is its owner's.
import type { Logger } from 'pino';
import { Bus } from './bus/bus.ts';
import type { OutputHistoryOptions } from './bus/history.ts';
import { hostTimeUs } from './clock.ts';
import { newStateMachine } from './engine.ts';
import type { Contents } from './journal/contents.ts';
import type { RecordedBatch } from './journal/recorder.ts';
import type { OutputBatch } from './messages.ts';
import type { Share } from './partitions/share.ts';
import { derive } from './pipeline.ts';
import type { FindingListener } from './quality/findings.ts';
import { MeasuredStages } from './stage-clock.ts';
import type { Snapshot } from './state/snapshot.ts';
import type { BatchPlace, StateMachine } from './state-machine.ts';

export interface FollowerOptions {
  readonly contents: Contents;
  /** Of many, the one that is followed. */
  readonly partition?: { readonly index: number; readonly count: number };
  readonly onFinding?: FindingListener;
  /** Of the bus. (none) */
  readonly history?: OutputHistoryOptions;
  readonly log: Logger;
}

/** The model failed here and not where the batch was recorded: going on would publish other numbers than anyone else. */
export class ModelFailed extends Error {
  constructor(cause: Error) {
    super(`model_failed: ${cause.message}`, { cause });
    this.name = 'ModelFailed';
  }
}

export class Follower {
  readonly bus: Bus;
  readonly machine: StateMachine;
  private readonly stages = new MeasuredStages();

  /** The backend of the model must be initialised. */
  constructor({ contents, partition, onFinding, history }: FollowerOptions) {
    this.bus = new Bus(history === undefined ? {} : { history });
    this.machine = newStateMachine(contents, {
      stages: this.stages,
      ...(partition === undefined ? {} : { partition }),
      ...(onFinding === undefined ? {} : { onFinding }),
    });
  }

  /** Before the first batch only. */
  load(snapshot: Pick<Snapshot, 'state' | 'retained'>): void {
    this.machine.load(snapshot.state);
    this.bus.load(snapshot.retained, this.machine.epoch);
  }

  /**
   * Applies a batch, publishes what it makes and returns it.
   * @param catchingUp the outputs were published before: kept for snapshots of streams, and handed to nobody
   * @throws ModelFailed, after which nothing more may be applied
   */
  apply(batch: RecordedBatch | Share, catchingUp = false): OutputBatch {
    const share: BatchPlace | null = 'offsets' in batch ? batch : null;
    const firstOffset = 'offsets' in batch ? batch.offsets[0] : batch.firstOffset;
    const output = derive({ ...batch, firstOffset }, this.machine, this.stages, share);
    const failure = this.machine.takeModelFailure();
    if (failure !== null) throw new ModelFailed(failure.error);
    if (catchingUp) this.bus.retain(output);
    else this.bus.publish(output);
    output.times[5] = hostTimeUs() - output.times[0];
    this.machine.streams.settle();
    return output;
  }
}
