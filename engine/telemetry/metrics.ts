// The metrics of /metrics. The hot path counts in plain numbers of its own; they are read here when Prometheus asks. No
// symbol is ever a label: a label's values are few and known.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Counters } from '../counters.ts';
import type { BatchTimes } from '../messages.ts';
import { BucketHistogram } from './bucket-histogram.ts';
import { LATENCY_STAGES, stageUs } from './latency.ts';

/** What the gateway counts: by channel, and by close code. */
export interface GatewayFigures {
  readonly connections: number;
  readonly messages: Readonly<Record<string, { readonly sent: number; readonly skipped: number }>>;
  readonly closed: ReadonlyMap<number, number>;
  /** Answers of type `error`, and handshakes and requests refused, each by slug. */
  readonly errors: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, number>;
}

export interface MetricsOptions {
  readonly counters: () => Counters;
  readonly feedConnected: () => boolean;
  /** Bytes appended to the journal since the start. */
  readonly journalBytes: () => number;
  readonly gateway: () => GatewayFigures;
  readonly losses: () => LossFigures;
  /** 0–100 by dimension, and `overall`; empty before the first run. */
  readonly quality: () => Readonly<Record<string, number>>;
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

type Samples = Iterable<readonly [labels: Record<string, string>, value: number]>;

export function createMetrics(options: MetricsOptions): Metrics {
  const { counters, gateway, losses } = options;
  const register = new Registry();
  collectDefaultMetrics({ register });

  /** A counter whose values are read, not incremented. */
  const counter = (name: string, help: string, labelNames: string[], read: () => Samples): void => {
    new Counter({
      name,
      help,
      labelNames,
      registers: [register],
      collect() {
        this.reset();
        for (const [labels, value] of read()) this.inc(labels, value);
      },
    });
  };
  const plain = (name: string, help: string, read: () => number): void => counter(name, help, [], () => [[{}, read()]]);
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [register],
      collect() {
        this.set(read());
      },
    });
  };

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
  counter('kisignal_gateway_messages_total', 'Messages sent to clients.', ['channel', 'delivery'], () =>
    Object.entries(gateway().messages).map(([channel, { sent }]) => [{ channel, delivery: 'all' }, sent]),
  );
  counter('kisignal_gateway_skipped_total', 'Messages left out at the bound of a client’s queue.', ['channel'], () =>
    Object.entries(gateway().messages).map(([channel, { skipped }]) => [{ channel }, skipped]),
  );
  counter('kisignal_gateway_closed_total', 'Connections closed, by code.', ['code'], () =>
    [...gateway().closed].map(([code, count]) => [{ code: String(code) }, count]),
  );
  counter('kisignal_gateway_errors_total', 'Answers of type `error`, by slug.', ['slug'], () =>
    rows(Object.fromEntries(gateway().errors), 'slug'),
  );
  counter('kisignal_gateway_refused_total', 'Handshakes and requests refused, by slug.', ['slug'], () =>
    rows(Object.fromEntries(gateway().refused), 'slug'),
  );
  gauge('kisignal_gateway_connections', 'Open connections.', () => gateway().connections);
  gauge('kisignal_feed_connected', '1 while the feed is connected.', () => Number(options.feedConnected()));

  new Gauge({
    name: 'kisignal_data_quality_score',
    help: 'Data quality of the day so far, 0 to 100, by dimension.',
    labelNames: ['dimension'],
    registers: [register],
    collect() {
      for (const [dimension, score] of Object.entries(options.quality())) this.set({ dimension }, score);
    },
  });
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

function rows(table: Readonly<Record<string, number | undefined>>, label: string): Samples {
  return Object.entries(table).map(([key, value = 0]) => [{ [label]: key }, value]);
}

/** Of a table whose keys are two words. */
function pairs(table: Readonly<Record<string, number>>, first: string, second: string): Samples {
  return Object.entries(table).map(([key, value]) => {
    const [a, b] = key.split(' ');
    return [{ [first]: a, [second]: b }, value];
  });
}
