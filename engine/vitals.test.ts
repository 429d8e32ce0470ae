import { beforeAll, beforeEach, expect, it } from 'vitest';
import { Bus } from './bus/bus.ts';
import type { LatencyMessage, StatusMessage } from './messages.ts';
import { initialiseBackend } from './predict/tensorflow-model.ts';
import type { StateMachine } from './state-machine.ts';
import { LatencyRecorder } from './telemetry/latency.ts';
import { control, marketBatches, startCommand, TEN, testMachine } from './test-market.ts';
import { VitalsPublisher } from './vitals.ts';

beforeAll(() => initialiseBackend());

let machine: StateMachine;
let bus: Bus;
let nowUs: number;
beforeEach(() => {
  machine = testMachine();
  bus = new Bus();
  nowUs = TEN;
  machine.apply([control(startCommand())], 0);
});

function publisher(latency = new LatencyRecorder()): VitalsPublisher {
  return new VitalsPublisher({
    engine: { machine, bus },
    latency,
    connections: () => 3,
    state: () => 'memory',
    nowUs: () => nowUs,
    venue: 'KRX',
  });
}

function statuses(): StatusMessage[] {
  return bus.retained('status/engine') as StatusMessage[];
}

it('says once a second how the engine is, and how fast it was since', () => {
  const latency = new LatencyRecorder();
  const vitals = publisher(latency);
  for (const inputs of marketBatches({ seconds: 5 })) machine.apply(inputs, 1);
  latency.record([TEN, 1, 2, 3, 4, 10]);
  nowUs += 2_000_000;
  vitals.publish();
  const ticks = Object.values(machine.counters.ticks).reduce((sum, count) => sum + count, 0);
  expect(ticks).toBeGreaterThan(0);
  expect(statuses()).toEqual([
    {
      seq: 1,
      timeUs: machine.timeUs,
      feed: 'lost',
      market: 'continuous',
      signals: 'active',
      haltReason: null,
      ticksPerSecond: ticks / 2,
      ticks,
      gaps: 0,
      gapShares: 0,
      quarantined: 0,
      state: 'memory',
      connections: 3,
    },
  ]);
  const [{ seq, count, stages }] = bus.retained('latency/engine') as LatencyMessage[];
  expect([seq, count, stages.total.max]).toEqual([1, 1, expect.closeTo(10, 1)]);
  nowUs += 1_000_000;
  vitals.publish();
  expect(statuses()[0]).toMatchObject({ seq: 2, ticksPerSecond: 0 });
});

it('says at once what changes in feed and halt, and nothing where nothing does', () => {
  const vitals = publisher();
  vitals.publishChange();
  expect(statuses()).toEqual([]);
  vitals.publish();
  vitals.publishChange();
  expect(statuses()[0].seq).toBe(1);
  machine.apply([{ kind: 'session', engineTimeUs: TEN, session: 's', event: 'connected' }], 1);
  vitals.publishChange();
  expect(statuses()[0]).toMatchObject({ seq: 2, feed: 'connected' });
  machine.apply([control({ type: 'kill_switch', on: true, reason: 'test' })], 2);
  vitals.publishChange();
  vitals.publishChange();
  expect(statuses()[0]).toMatchObject({ seq: 3, signals: 'halted', haltReason: 'kill_switch' });
});

it('goes on with its numbers in the next run of an epoch, and begins at 1 in another', () => {
  publisher().publish();
  const saved = bus.save();
  bus = new Bus();
  bus.load(saved, 'e1');
  const vitals = publisher();
  vitals.publish();
  expect(statuses()[0].seq).toBe(2);
  machine.apply([control({ type: 'journal_unavailable', epoch: 'unjournaled-1' })], 1);
  bus.publish({ epoch: machine.epoch, source: 'simulated', times: [0, 0, 0, 0, 0, 0], updates: [] });
  vitals.publishChange();
  expect(statuses()[0]).toMatchObject({ seq: 1, haltReason: 'journal_unavailable' });
});
