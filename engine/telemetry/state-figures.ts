// Figures of what keeps the state beside the pipeline: what clients can be given again, snapshots, anchors of the chain,
// Redis with its leases. Not every run has each of them.
import type { Bus } from '../bus/bus.ts';
import type { Anchors } from '../proof/anchors.ts';
import type { RedisState } from '../state/redis-state.ts';
import type { Snapshotter } from '../state/snapshotter.ts';
import { type Figure, rows } from './figures.ts';

export interface StateParts {
  readonly bus: Pick<Bus, 'historyCounters'>;
  readonly snapshots: Pick<Snapshotter, 'figures'> | null;
  readonly anchors: Pick<Anchors, 'handedOn' | 'skipped' | 'failures'> | null;
  readonly redis: Pick<RedisState, 'figures'> | null;
}

export function stateFigures({ bus, snapshots, anchors, redis }: StateParts): Figure[] {
  return [
    ...historyFigures(bus),
    ...(snapshots === null ? [] : snapshotFigures(snapshots)),
    ...(anchors === null ? [] : anchorFigures(anchors)),
    ...(redis === null ? [] : redisFigures(redis)),
  ];
}

/** None where nothing is kept for clients that come back. */
export function historyFigures(bus: StateParts['bus']): Figure[] {
  const { historyCounters: counters } = bus;
  if (counters === null) return [];
  return [
    { name: 'kisignal_history_bytes', help: 'Held for clients that come back.', read: () => counters.bytes },
    { name: 'kisignal_history_updates', help: 'Updates that can be given again.', read: () => counters.updates },
    {
      name: 'kisignal_history_dropped_total',
      help: 'Updates that went before the resume window was over, for want of room: gateway.resume.bytesMax.',
      read: () => counters.dropped,
    },
  ];
}

function snapshotFigures({ figures }: Pick<Snapshotter, 'figures'>): Figure[] {
  return [
    {
      name: 'kisignal_snapshots_total',
      help: 'Snapshots asked for since the start, by what became of them.',
      labels: ['result'],
      read: () => rows({ made: figures.made, failed: figures.failed, skipped: figures.skipped }, 'result'),
    },
    { name: 'kisignal_snapshot_bytes', help: 'Size of the newest snapshot.', read: () => figures.bytes },
    { name: 'kisignal_snapshot_duration_seconds', help: 'What the newest one took.', read: () => figures.seconds },
    {
      name: 'kisignal_snapshot_pause_seconds_max',
      help: 'Longest time for which the pipeline stood still for a snapshot.',
      read: () => figures.pauseUsMax / 1e6,
    },
  ];
}

function anchorFigures(anchors: Pick<Anchors, 'handedOn' | 'skipped' | 'failures'>): Figure[] {
  return [
    {
      name: 'kisignal_anchors_total',
      help: 'Heads of the journal’s chain that were handed on.',
      read: () => anchors.handedOn,
    },
    {
      name: 'kisignal_anchors_skipped_total',
      help: 'Heads of the chain that were not handed on, because a place was still at the one before.',
      read: () => anchors.skipped,
    },
    {
      name: 'kisignal_anchor_failures_total',
      help: 'Heads of the chain that a place did not take.',
      labels: ['place'],
      read: () => rows(anchors.failures, 'place'),
    },
  ];
}

/** Also of a process that has Redis and no engine. */
export function redisFigures(redis: Pick<RedisState, 'figures'>): Figure[] {
  return [
    {
      name: 'kisignal_redis_available',
      help: '1 while Redis takes what it is given.',
      read: () => Number(redis.figures().state === 'redis'),
    },
    {
      name: 'kisignal_redis_values_waiting',
      help: 'Latest values that Redis has not got yet.',
      read: () => redis.figures().valuesWaiting,
    },
    {
      name: 'kisignal_redis_values_total',
      help: 'Latest values, by what became of them.',
      labels: ['result'],
      read: () => {
        const { valuesWritten: written, valuesExpired: expired, valuesLeftOut: left_out } = redis.figures();
        return rows({ written, expired, left_out }, 'result');
      },
    },
    {
      name: 'kisignal_leases_held',
      help: 'App keys whose lease this process holds.',
      read: () => redis.figures().leases.filter(({ state }) => state === 'held').length,
    },
    {
      name: 'kisignal_leases_lost_total',
      help: 'Leases that another process has taken over.',
      read: () => redis.figures().leases.reduce((sum, { lost }) => sum + lost, 0),
    },
  ];
}
