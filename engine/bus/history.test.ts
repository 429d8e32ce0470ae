// The history against a naive model that keeps everything: what it gives is the exact rest of a stream or nothing, it
// gives whatever the window and the bound leave it, and it never holds more than it may.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Channel, type Message, type Stream, type StreamUpdate, streamKey } from '../messages.ts';
import { Bus } from './bus.ts';
import { OutputHistory } from './history.ts';

const STREAMS = (['ticks', 'signals', 'bars'] as Channel[]).map((channel) => streamOf(channel, 'a'));

function streamOf(channel: Channel, instrument: string): Stream {
  return { key: streamKey(channel, instrument), channel, instrument, variant: '' };
}

function messageOf(seq: number, timeUs: number, length: number): Message {
  return { seq, timeUs, price: 70_000.5, side: 'buy', none: null, text: '가'.repeat(length) } as unknown as Message;
}

/** Numbers updates and keeps all of them. */
class Model {
  readonly published = STREAMS.map((): Message[] => []);

  next(at: number, count: number, timeUs: number, length = 0): StreamUpdate {
    const all = this.published[at]!;
    const prevSeq = all.length;
    const messages = Array.from({ length: count }, (_, n) => messageOf(prevSeq + 1 + n, timeUs, length));
    all.push(...messages);
    return { stream: STREAMS[at]!, prevSeq, messages };
  }
}

const steps = fc.array(
  fc.record({
    at: fc.nat(STREAMS.length - 1),
    count: fc.integer({ min: 1, max: 5 }),
    laterUs: fc.oneof(fc.nat(500), fc.constant(-200), fc.nat(20_000)),
    length: fc.oneof(fc.nat(20), fc.nat(900)),
  }),
  { maxLength: 120 },
);

it('gives the exact rest of a stream or null, and all that window and bound have left', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 20 }), (taken, bytesMax, ms) => {
      const history = new OutputHistory({ windowMs: ms, bytesMax });
      const model = new Model();
      let timeUs = 1_760_000_000_000_000;
      let newestUs = 0;
      for (const { at, count, laterUs, length } of taken) {
        timeUs += laterUs;
        newestUs = Math.max(newestUs, timeUs);
        history.add('e', [model.next(at, count, timeUs, length)]);
        const { bytes, dropped } = history.counters;
        expect(bytes).toBeLessThanOrEqual(bytesMax);
        for (const [n, { key }] of STREAMS.entries()) {
          const all = model.published[n]!;
          for (let seq = 0; seq <= all.length; seq++) {
            if (all.length === 0) continue;
            const given = history.since(key, 'e', seq);
            expect(history.holds(key, 'e', seq)).toBe(given !== null);
            const missing = all.slice(seq);
            if (given !== null) expect(given).toEqual(missing);
            else {
              expect(missing).not.toEqual([]);
              if (dropped === 0) expect(missing[0]!.timeUs).toBeLessThan(newestUs - ms * 1000);
            }
          }
          expect(history.since(key, 'e', all.length + 1)).toBeNull();
          expect(history.since(key, 'other', all.length)).toBeNull();
        }
      }
    }),
    { numRuns: 60 },
  );
});

it('gives what is too much at once in pieces that meet', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      fc.nat(2000),
      fc.nat(),
      (counts, max, n) => {
        const history = new OutputHistory({ windowMs: 1000, bytesMax: 1_000_000 });
        const model = new Model();
        for (const count of counts) history.add('e', [model.next(0, count, 1)]);
        const all = model.published[0]!;
        let seq = n % all.length;
        const expected = all.slice(seq);
        const received: Message[] = [];
        while (seq < all.length) {
          const piece = history.since(STREAMS[0]!.key, 'e', seq, max)!;
          expect(piece.length).toBeGreaterThan(0);
          received.push(...piece);
          seq = piece.at(-1)!.seq;
        }
        expect(received).toEqual(expected);
      },
    ),
  );
});

it('drops doubles by their number, and gives nothing across a number that never came', () => {
  const history = new OutputHistory({ windowMs: 1000, bytesMax: 100_000 });
  const model = new Model();
  const updates = [model.next(0, 3, 1), model.next(0, 2, 1), model.next(0, 2, 1), model.next(0, 1, 1)];
  const [first, second, lost, last] = updates as [StreamUpdate, StreamUpdate, StreamUpdate, StreamUpdate];
  history.add('e', [first, second].concat(first));
  expect(history.since('ticks/a', 'e', 1)!.map(({ seq }) => seq)).toEqual([2, 3, 4, 5]);
  history.add('e', [last]);
  expect(history.since('ticks/a', 'e', lost.prevSeq)).toBeNull();
  expect(history.since('ticks/a', 'e', last.prevSeq)).toEqual(last.messages);
});

it('forgets what another epoch numbered, and keeps no status and no latency', () => {
  const history = new OutputHistory({ windowMs: 1000, bytesMax: 100_000 });
  const status: StreamUpdate = { stream: streamOf('status', 'a'), prevSeq: 0, messages: [messageOf(1, 1, 0)] };
  history.add('e1', [new Model().next(0, 3, 1), status]);
  expect(history.counters.updates).toBe(1);
  expect(history.since('status/a', 'e1', 0)).toBeNull();
  history.add('e2', [new Model().next(1, 2, 1)]);
  expect(history.counters.updates).toBe(1);
  expect(history.since('ticks/a', 'e1', 0)).toBeNull();
  expect(history.since('ticks/a', 'e2', 0)).toBeNull();
  expect(history.since('signals/a', 'e2', 0)).toHaveLength(2);
});

it('counts what the bound took before its time, and an update that is larger than all of it', () => {
  const history = new OutputHistory({ windowMs: 1_000_000, bytesMax: 16_000 });
  const model = new Model();
  for (let n = 0; n < 100; n++) history.add('e', [model.next(0, 1, n, 100)]);
  const { updates, dropped, goneUntilUs } = history.counters;
  expect(updates + dropped).toBe(100);
  expect(goneUntilUs).toBe(dropped - 1);
  history.add('e', [model.next(1, 1, 100, 10_000)]);
  expect(history.counters.dropped).toBe(dropped + 1);
  expect(history.since('signals/a', 'e', 0)).toBeNull();
  expect(history.since('signals/a', 'e', 1)).toEqual([]);
});

it('is filled by the bus: by what it publishes, after every listener, and by what a recovery derives', async () => {
  const bus = new Bus({ history: { windowMs: 1000, bytesMax: 1_000_000 } });
  const model = new Model();
  const source = 'simulated' as const;
  const publish = (count: number) =>
    bus.publish({ epoch: 'e', source, times: [0, 0, 0, 0, 0, 0], updates: [model.next(0, count, 1)] });
  const updatesSeen: number[] = [];
  const lengthsSeen: (number | undefined)[] = [];
  bus.subscribe(() => {
    updatesSeen.push(bus.historyCounters!.updates);
    // Whoever asks meanwhile is not told less.
    if (updatesSeen.length === 2) lengthsSeen.push(bus.since('ticks/a', 'e', 0)?.length);
  });
  bus.retain({ epoch: 'e', updates: [model.next(0, 4, 1)] });
  publish(3);
  expect(bus.historyCounters!.updates).toBe(1);
  await Promise.resolve();
  expect(bus.historyCounters!.updates).toBe(2);
  publish(2);
  expect(updatesSeen).toEqual([1, 2]);
  expect(lengthsSeen).toEqual([9]);
  for (let n = 0; n < 200; n++) publish(1);
  for (let seq = 0; seq <= 209; seq++) {
    expect(bus.holdsSince('ticks/a', 'e', seq)).toBe(true);
    expect(bus.since('ticks/a', 'e', seq)).toEqual(model.published[0]!.slice(seq));
  }
  expect(bus.since('ticks/a', 'e', 210)).toBeNull();
  expect(bus.lastSeq('ticks/a')).toBe(209);
  bus.publish({ epoch: 'e2', source, times: [0, 0, 0, 0, 0, 0], updates: [] });
  expect([bus.epoch, bus.lastSeq('ticks/a'), bus.holdsSince('ticks/a', 'e2', 0)]).toEqual(['e2', 0, true]);
});

it('is none where the bus was not asked for one: the messages kept for snapshots are given, and nothing before them', () => {
  for (const bus of [new Bus(), new Bus({ history: { windowMs: 0, bytesMax: 1000 } })]) {
    const model = new Model();
    for (let n = 0; n < 60; n++) bus.retain({ epoch: 'e', updates: [model.next(1, 1, n)] });
    expect(bus.historyCounters).toBeNull();
    expect(bus.since('signals/a', 'e', 9)).toBeNull();
    expect(bus.since('signals/a', 'e', 10)).toEqual(model.published[1]!.slice(10));
    expect(bus.since('signals/a', 'e', 60)).toEqual([]);
    // Nothing was published in it, so nothing is missing.
    expect(bus.since('ticks/a', 'e', 0)).toEqual([]);
    expect(bus.since('ticks/a', 'e', 1)).toBeNull();
  }
});
