// Percentiles of the stages t0 … t5 over an interval, for the `latency` channel and the status line. What it measures is
// this host's alone; it never reaches a decision.
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { BatchTimes, LatencyMessage } from '../messages.ts';

export type LatencyStages = LatencyMessage['stages'];
export type LatencyStage = keyof LatencyStages;

/** Stages in the order of the batch's times; `total` is t0 to t5. */
export const LATENCY_STAGES = [
  'decode',
  'indicators',
  'predict',
  'decide',
  'publish',
  'total',
] as const satisfies LatencyStage[];

/** Microseconds of a stage in a batch. */
export function stageUs(times: BatchTimes, stage: LatencyStage): number {
  switch (stage) {
    case 'decode':
      return times[1];
    case 'indicators':
      return times[2] - times[1];
    case 'predict':
      return times[3] - times[2];
    case 'decide':
      return times[4] - times[3];
    case 'publish':
      return times[5] - times[4];
    case 'total':
      return times[5];
  }
}

export class LatencyRecorder {
  /** Nanoseconds since the last `take`, because a stage may last less than a microsecond. */
  private readonly histograms = Object.fromEntries(
    LATENCY_STAGES.map((stage) => [stage, createHistogram({ lowest: 1, highest: 60_000_000_000, figures: 3 })]),
  ) as Record<LatencyStage, RecordableHistogram>;

  record(times: BatchTimes): void {
    for (const stage of LATENCY_STAGES) {
      // A histogram takes whole numbers from 1; clocks of batches never go back, but they may stand still.
      this.histograms[stage].record(Math.max(1, Math.round(stageUs(times, stage) * 1000)));
    }
  }

  /** Count and percentiles since the last call, microseconds; the next interval begins empty. */
  take(): { count: number; stages: LatencyStages } {
    const { count } = this.histograms.total;
    const stages = Object.fromEntries(
      LATENCY_STAGES.map((stage) => {
        const histogram = this.histograms[stage];
        const us = (nanoseconds: number) => nanoseconds / 1000;
        const figures = {
          p50: us(histogram.percentile(50)),
          p99: us(histogram.percentile(99)),
          max: us(histogram.max),
        };
        histogram.reset();
        return [stage, count === 0 ? { p50: 0, p99: 0, max: 0 } : figures];
      }),
    ) as LatencyStages;
    return { count, stages };
  }
}
