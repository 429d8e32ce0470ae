import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHANNELS, type Channel, type Message, type Stream, streamKey } from '../messages.ts';
import { Bus, RETAINED_MESSAGES } from './bus.ts';

function stream(channel: Channel): Stream {
  return { key: streamKey(channel, 'a'), channel, instrument: 'a', variant: '' };
}

function batch(channel: Channel, prevSeq: number, count: number, epoch = 'e1') {
  const messages = Array.from({ length: count }, (_, i) => ({ seq: prevSeq + i + 1 }) as Message);
  const times: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0];
  return { epoch, source: 'simulated' as const, times, updates: [{ stream: stream(channel), prevSeq, messages }] };
}

it('retains the last messages of each stream, as many as its channel says, however they came', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CHANNELS), fc.array(fc.integer({ min: 1, max: 70 })), (channel, counts) => {
      const bus = new Bus();
      let seq = 0;
      for (const count of counts) {
        bus.publish(batch(channel, seq, count));
        seq += count;
        const kept = bus.retained(streamKey(channel, 'a')).map((message) => message.seq);
        const first = Math.max(1, seq - RETAINED_MESSAGES[channel] + 1);
        expect(kept).toEqual(Array.from({ length: seq - first + 1 }, (_, i) => first + i));
      }
    }),
  );
});

it('hands each batch to every listener until it leaves, and retains silently', () => {
  const bus = new Bus();
  const [one, other]: number[][] = [[], []];
  const leave = bus.subscribe(({ updates }) => one.push(updates.length));
  bus.subscribe(({ updates }) => other.push(updates.length));
  bus.publish(batch('scores', 0, 1));
  bus.retain(batch('scores', 1, 1));
  leave();
  bus.publish(batch('scores', 2, 1));
  expect([one, other]).toEqual([[1], [1, 1]]);
  expect(bus.retained('scores/a').map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

it('forgets what another epoch numbered, of streams that have not spoken since as well', () => {
  const bus = new Bus();
  bus.publish(batch('signals', 0, 7));
  bus.publish(batch('scores', 0, 9));
  bus.publish(batch('scores', 0, 2, 'e2'));
  expect(bus.retained('scores/a').map(({ seq }) => seq)).toEqual([1, 2]);
  expect(bus.retained('signals/a')).toEqual([]);
  expect([...bus.allStreams()].map(({ key }) => key)).toEqual(['scores/a']);
});

it('goes on from what was saved, under the same epoch only', () => {
  const bus = new Bus();
  bus.publish(batch('scores', 0, 200));
  for (const [epoch, seqs] of [
    ['e1', [152, 201]],
    ['e2', [1, 1]],
  ] as const) {
    const next = new Bus();
    next.load(structuredClone(bus.save()), 'e1');
    next.publish(batch('scores', epoch === 'e1' ? 200 : 0, 1, epoch));
    const kept = next.retained('scores/a').map(({ seq }) => seq);
    expect([kept[0], kept.at(-1)]).toEqual(seqs);
  }
});

it('keeps the times of a stream’s last batch, but none of what recovery brought back', () => {
  const bus = new Bus();
  const published = batch('scores', 0, 3);
  bus.publish(published);
  expect(bus.retainedTimes('scores/a')).toBe(published.times);
  const next = new Bus();
  next.load(bus.save(), 'e1');
  expect(next.retainedTimes('scores/a')).toBeNull();
  next.publish(batch('scores', 3, 1));
  expect(next.retainedTimes('scores/a')).not.toBeNull();
  next.retain({ epoch: 'e1', updates: batch('scores', 4, 1).updates });
  expect(next.retainedTimes('scores/a')).toBeNull();
});

it('knows nothing of a stream that has not spoken', () => {
  expect(new Bus().retained('scores/nobody')).toEqual([]);
  expect(new Bus().retainedTimes('scores/nobody')).toBeNull();
});
