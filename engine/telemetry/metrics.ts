// The metrics of /metrics. The hot path counts in plain numbers of its own; they are read here when Prometheus asks. No
// symbol is ever a label: a label's values are few and known.
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Counters } from '../counters.ts';
import type { BatchTimes } from '../messages.ts';
import { BucketHistogram } from './bucket-histogram.ts';
import { type Figure, registerFigures, rows, type Samples } from './figures.ts';
import { type GatewayFigures, gatewayFigures } from './gateway-figures.ts';
import { LATENCY_STAGES, stageUs } from './latency.ts';

export type { GatewayFigures };

export interface MetricsOptions {
  readonly counters: () => Counters;
  readonly feedConnected: () => boolean;
  /** Bytes appended to the journal since the start. */
  readonly journalBytes: () => number;
  readonly gateway: () => GatewayFigures;
  readonly losses: () => LossFigures;
  /** 0–100 by dimension, and `overall`; empty before the first run. */
  readonly quality: () => Readonly<Record<string, number>>;
  /** Of parts that not every run has: Redis, anchors. */
  readonly further?: () => Figure[];
}

/** What was lost or bent, counted by others than the state machine and the gateway. */
export interface LossFigures {
  readonly clampedInputs: number;
  readonly unjournaledInputs: number;
  readonly lateTrades: number;
  readonly failedFlushes: number;
}

export interface Metrics {
  /** Called once a batch, when it is published. */
  observe(times: BatchTimes): void;
  /** An answer of a REST source, by its operation. */
  observeUpstream(operation: string, seconds: number): void;
  /** The Prometheus text format. */
  text(): Promise<string>;
}

const BOUNDS_SECONDS = [
  0.000_001, 0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025,
  0.05, 0.1, 0.25, 1,
];
const STAGES = LATENCY_STAGES.filter((stage) => stage !== 'total');

export function createMetrics(options: MetricsOptions): Metrics {
  const { counters, gateway, losses } = options;
  const register = new Registry();
  collectDefaultMetrics({ register });

  const figures: Figure[] = [...gatewayFigures(gateway), ...(options.further?.() ?? [])];
  const counter = (name: string, help: string, labels: string[], read: Figure['read']): void => {
    figures.push({ name, help, labels, read });
  };
  const plain = (name: string, help: string, read: () => number): void => counter(name, help, [], read);

  counter('kisignal_frames_total', 'Frames received, by TR and result.', ['tr_id', 'result'], () =>
    pairs(counters().frames, 'tr_id', 'result'),
  );
  counter('kisignal_ticks_total', 'Trades applied, by TR and venue.', ['tr_id', 'market'], () =>
    pairs(counters().ticks, 'tr_id', 'market'),
  );
  counter('kisignal_gaps_total', 'Gaps found in the feed, by venue.', ['market'], () =>
    rows(counters().gaps, 'market'),
  );
  counter('kisignal_gap_shares_total', 'Shares traded inside gaps, by venue.', ['market'], () =>
    rows(counters().gapShares, 'market'),
  );
  counter('kisignal_predictions_total', 'Predictions, by model and outcome.', ['model', 'outcome'], () =>
    pairs(counters().predictions, 'model', 'outcome'),
  );
  counter('kisignal_signals_total', 'Signals published, by side.', ['side'], () => rows(counters().signals, 'side'));
  counter('kisignal_signals_denied_total', 'Candidates denied by a gate, by reason.', ['reason'], () =>
    rows(counters().denied, 'reason'),
  );
  counter('kisignal_gap_shares_refilled_total', 'Shares of gaps that came late after all, by venue.', ['market'], () =>
    rows(counters().lateShares, 'market'),
  );
  counter('kisignal_alerts_total', 'Alerts raised, by rule and severity.', ['rule', 'severity'], () =>
    pairs(counters().alerts, 'rule', 'severity'),
  );
  plain('kisignal_duplicates_total', 'Trades that had come before, left out.', () => counters().duplicates);
  plain('kisignal_inconsistent_total', 'Trades whose running volume went back.', () => counters().inconsistent);
  plain('kisignal_implausible_total', 'Trades that cannot be true, in quarantine.', () => counters().implausible);
  plain('kisignal_outside_limits_total', 'Trades beyond the daily price limits.', () => counters().outsideLimits);
  plain('kisignal_late_trades_total', 'Trades too late for a bar, in each interval.', () => losses().lateTrades);
  plain('kisignal_clock_clamped_total', 'Inputs whose time lay before the last one’s.', () => losses().clampedInputs);
  plain('kisignal_unjournaled_inputs_total', 'Inputs that the journal lacks.', () => losses().unjournaledInputs);
  plain('kisignal_redis_failed_flushes_total', 'Writes to Redis that failed.', () => losses().failedFlushes);
  plain('kisignal_journal_bytes_total', 'Bytes appended to the journal.', options.journalBytes);
  plain('kisignal_feed_connected', '1 while the feed is connected.', () => Number(options.feedConnected()));

  counter('kisignal_data_quality_score', 'Data quality of the day so far, 0 to 100, by dimension.', ['dimension'], () =>
    rows(options.quality(), 'dimension'),
  );
  registerFigures(register, figures);
  const upstream = new Histogram({
    name: 'kisignal_upstream_request_duration_seconds',
    help: 'Time to the answer of a REST source, by operation.',
    labelNames: ['operation'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [register],
  });

  const stages = new BucketHistogram({
    name: 'kisignal_stage_duration_seconds',
    help: 'Time that a batch spends in a stage.',
    bounds: BOUNDS_SECONDS,
    label: { name: 'stage', values: STAGES },
  });
  const total = new BucketHistogram({
    name: 'kisignal_tick_to_publish_seconds',
    help: 'Time from the receipt of a batch to its publication.',
    bounds: BOUNDS_SECONDS,
  });
  register.registerMetric(stages.asMetric());
  register.registerMetric(total.asMetric());

  return {
    observe(times) {
      for (let i = 0; i < STAGES.length; i++) stages.observe(i, stageUs(times, STAGES[i]) / 1e6);
      total.observe(0, times[5] / 1e6);
    },
    observeUpstream: (operation, seconds) => upstream.observe({ operation }, seconds),
    text: () => register.metrics(),
  };
}

/** Of a table whose keys are two words. */
function pairs(table: Readonly<Record<string, number>>, first: string, second: string): Samples {
  return Object.entries(table).map(([key, value]) => {
    const [a, b] = key.split(' ');
    return [{ [first]: a, [second]: b }, value];
  });
}
