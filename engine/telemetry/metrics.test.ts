import { expect, it } from 'vitest';
import { newCounters } from '../counters.ts';
import { createMetrics } from './metrics.ts';

const counters = newCounters();
const gateway = {
  connections: 3,
  messages: { ticks: { sent: 12, skipped: 2 }, signals: { sent: 1, skipped: 0 } },
  closed: new Map([[1001, 4]]),
  errors: new Map([['missing_id', 2]]),
  refused: new Map([['foreign_origin', 5]]),
};
const metrics = createMetrics({
  counters: () => counters,
  feedConnected: () => true,
  quality: () => ({ completeness: 99.5, overall: 99 }),
  journalBytes: () => 4096,
  gateway: () => gateway,
  losses: () => ({ clampedInputs: 3, unjournaledInputs: 4, lateTrades: 5, failedFlushes: 6 }),
});

/** Lines of our own metrics, without comments. */
async function lines(): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith('kisignal_'));
}

it('reads every counter when it is asked, and never adds twice', async () => {
  counters.frames['H0STCNT0 ok'] = 7;
  counters.frames['H0STCNT0 truncated'] = 1;
  counters.ticks['H0STCNT0 KRX'] = 21;
  counters.gaps.KRX = 2;
  counters.gapShares.KRX = 500;
  counters.predictions['mlp given'] = 9;
  counters.signals.buy = 5;
  counters.denied.spread = 6;
  Object.assign(counters, { duplicates: 1, inconsistent: 2, implausible: 7, outsideLimits: 8 });
  const expected = [
    'kisignal_frames_total{tr_id="H0STCNT0",result="ok"} 7',
    'kisignal_frames_total{tr_id="H0STCNT0",result="truncated"} 1',
    'kisignal_ticks_total{tr_id="H0STCNT0",market="KRX"} 21',
    'kisignal_gaps_total{market="KRX"} 2',
    'kisignal_gap_shares_total{market="KRX"} 500',
    'kisignal_predictions_total{model="mlp",outcome="given"} 9',
    'kisignal_signals_total{side="buy"} 5',
    'kisignal_signals_denied_total{reason="spread"} 6',
    'kisignal_journal_bytes_total 4096',
    'kisignal_gateway_messages_total{channel="ticks",delivery="all"} 12',
    'kisignal_gateway_skipped_total{channel="ticks"} 2',
    'kisignal_gateway_closed_total{code="1001"} 4',
    'kisignal_gateway_errors_total{slug="missing_id"} 2',
    'kisignal_gateway_refused_total{slug="foreign_origin"} 5',
    'kisignal_duplicates_total 1',
    'kisignal_inconsistent_total 2',
    'kisignal_clock_clamped_total 3',
    'kisignal_unjournaled_inputs_total 4',
    'kisignal_late_trades_total 5',
    'kisignal_redis_failed_flushes_total 6',
    'kisignal_implausible_total 7',
    'kisignal_outside_limits_total 8',
    'kisignal_gateway_connections 3',
    'kisignal_feed_connected 1',
  ];
  expect(await lines()).toEqual(expect.arrayContaining(expected));
  expect(await lines()).toEqual(expect.arrayContaining(expected));
  counters.frames['H0STCNT0 ok'] = 8;
  expect(await lines()).toContain('kisignal_frames_total{tr_id="H0STCNT0",result="ok"} 8');
});

it('puts each stage and the whole way into cumulative buckets', async () => {
  metrics.observe([0, 2, 12, 112, 113, 213]);
  metrics.observe([0, 2, 12, 112, 113, 2_000_000]);
  const text = await lines();
  expect(text).toContain('kisignal_stage_duration_seconds_bucket{stage="predict",le="0.00005"} 0');
  expect(text).toContain('kisignal_stage_duration_seconds_bucket{stage="predict",le="0.0001"} 2');
  expect(text).toContain('kisignal_stage_duration_seconds_bucket{stage="publish",le="1"} 1');
  expect(text).toContain('kisignal_stage_duration_seconds_bucket{stage="publish",le="+Inf"} 2');
  expect(text).toContain('kisignal_stage_duration_seconds_count{stage="decode"} 2');
  expect(text).toContain('kisignal_tick_to_publish_seconds_bucket{le="0.00025"} 1');
  expect(text).toContain('kisignal_tick_to_publish_seconds_count 2');
  expect(text).toContain('kisignal_tick_to_publish_seconds_sum 2.000213');
});

it('has the defaults of prom-client and no label for a symbol', async () => {
  const text = await metrics.text();
  expect(text).toContain('process_resident_memory_bytes');
  expect(text).not.toMatch(/\{[^}]*(symbol|instrument|code="\d{6}")/);
});
