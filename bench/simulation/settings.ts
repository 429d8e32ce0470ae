// What every seed runs with: signals that come and are scored within a second, few bars, and no gate that faults close.
import type { Channel } from '../../engine/messages.ts';
import { testSettings } from '../../engine/test-market.ts';

export const CHANNELS: Channel[] = ['ticks', 'bars', 'signals', 'scores', 'quality', 'market'];
export const SETTINGS = {
  ...testSettings({ gapHoldMs: 300, qualityFloor: 0 }),
  timeFrames: ['tick', '1s'] as const,
  barIntervals: ['1s', '1m'] as const,
};
