import { expect, it } from 'vitest';
import { Bus } from '../bus/bus.ts';
import type { Message, Stream } from '../messages.ts';
import { metricsOf } from './figures.ts';
import { stateFigures } from './state-figures.ts';

const NOTHING = { snapshots: null, anchors: null, redis: null };
const STREAM: Stream = { key: 'ticks/A.KRX', channel: 'ticks', instrument: 'A.KRX', variant: '' };

it('tells what clients that come back can be given, and what went for want of room', async () => {
  const bus = new Bus({ history: { windowMs: 60_000, bytesMax: 2000 } });
  for (let seq = 1; seq <= 200; seq++) {
    const messages = [{ seq, timeUs: seq }] as Message[];
    bus.retain({ epoch: 'e1', updates: [{ stream: STREAM, prevSeq: seq - 1, messages }] });
  }
  const text = await metricsOf(stateFigures({ ...NOTHING, bus }))();
  const figure = (name: string): number => Number(new RegExp(`^kisignal_history_${name} (\\d+)$`, 'm').exec(text)?.[1]);
  expect(figure('bytes')).toBeLessThanOrEqual(2000);
  expect(figure('updates')).toBeGreaterThan(0);
  expect(figure('dropped_total')).toBe(200 - figure('updates'));
  expect(stateFigures({ ...NOTHING, bus: new Bus() })).toEqual([]);
});
