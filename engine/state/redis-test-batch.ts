// For tests: what an engine publishes, written as streams and their messages.
import type { Channel, Message, OutputBatch } from '../messages.ts';
import type { TimesToLive } from './redis-state.ts';

export const TIMES_TO_LIVE: TimesToLive = {
  ohlcvSeconds: 3600,
  indicatorsSeconds: 1800,
  realtimeSeconds: 60,
  qualitySeconds: 300,
};

export function batchOf(streams: Record<string, readonly object[]>, epoch = 'e1'): OutputBatch {
  return {
    epoch,
    source: 'simulated',
    times: [0, 0, 0, 0, 0, 0],
    updates: Object.entries(streams).map(([key, messages]) => {
      const [channel, instrument, variant = ''] = key.split('/');
      const stream = { key, channel: channel as Channel, instrument, variant };
      return { stream, prevSeq: 0, messages: messages as readonly Message[] };
    }),
  };
}
