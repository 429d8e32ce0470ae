// Measures the stages of a batch (t0 … t4) on this host. The state machine only says where a stage ends; in a replay
// nobody listens. Measured times never reach a decision or the digest.
import { monotonicUs } from './clock.ts';

export type Stage = 'decode' | 'indicators' | 'predict' | 'decide';

export interface StageClock {
  /** The batch begins. */
  begin(): void;
  /** The time since the last call belongs to this stage; a stage may be named several times in a batch. */
  lap(stage: Stage): void;
}

export const noStageClock: StageClock = { begin() {}, lap() {} };

/** Microseconds of each stage in the batch that runs. */
export class MeasuredStages implements StageClock {
  readonly us: Record<Stage, number> = { decode: 0, indicators: 0, predict: 0, decide: 0 };
  private lastUs = 0;

  begin(): void {
    const { us } = this;
    us.decode = us.indicators = us.predict = us.decide = 0;
    this.lastUs = monotonicUs();
  }

  lap(stage: Stage): void {
    const nowUs = monotonicUs();
    this.us[stage] += nowUs - this.lastUs;
    this.lastUs = nowUs;
  }
}
