// What the client library says when it comes back: enough and not too much.
import { describe, expect, it } from 'vitest';
import { parseClientMessage } from './client-message.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { SnapshotMessage, UpdateMessage } from './protocol.ts';
import { resubscription } from './resubscription.ts';
import { type Hole, StreamContinuity } from './stream-continuity.ts';
import { WantedStreams } from './wanted-streams.ts';

function update(stream: string, seq: number, epoch = 'e1'): UpdateMessage {
  return { type: 'update', stream, epoch, prevSeq: seq - 1, seq, messages: [{ seq }] } as unknown as UpdateMessage;
}

function world(epoch = 'e1') {
  const holes: Hole[] = [];
  const wanted = new WantedStreams();
  const continuity = new StreamContinuity((hole) => holes.push(hole));
  let id = 0;
  const say = () => {
    const nextId = () => ++id;
    return resubscription({ wanted, continuity, epoch, messageBytesMax: DEFAULT_LIMITS.messageBytesMax, nextId });
  };
  return { holes, wanted, continuity, say };
}

describe('resubscription', () => {
  it('names where it stands in lossless streams, each once, in messages that the server takes', () => {
    const { wanted, continuity, say } = world();
    wanted.add({ channels: ['ticks', 'signals'], delivery: 'all' });
    wanted.add({ channels: ['books'] });
    for (let n = 0; n < 6000; n++) {
      for (const channel of ['ticks', 'signals', 'books']) {
        continuity.update(update(`${channel}/${100_000 + n}.KRX`, 1 + n));
      }
    }
    const { positions, requests } = say();
    const named: Record<string, number> = {};
    for (const message of [...positions, ...requests]) {
      const bytes = Buffer.from(JSON.stringify(message));
      expect(bytes.length).toBeLessThanOrEqual(DEFAULT_LIMITS.messageBytesMax);
      expect(parseClientMessage('json', bytes)).toEqual({ ok: true, message });
      if (message.type === 'resume') for (const [stream, seq] of Object.entries(message.streams)) named[stream] = seq;
    }
    expect(positions.length).toBeLessThan(DEFAULT_LIMITS.messagesPerSecondMax / 2);
    expect(Object.keys(named)).toHaveLength(12_000);
    expect([named['ticks/100000.KRX'], named['signals/105999.KRX']]).toEqual([1, 6000]);
    expect(requests.map(({ channels, delivery, resume }) => [channels, delivery, resume])).toEqual([
      [['ticks'], 'all', { epoch: 'e1', streams: {} }],
      [['signals'], 'all', { epoch: 'e1', streams: {} }],
      [['books'], 'latest', undefined],
    ]);
  });

  it('resumes nothing where nothing is lossless, and nothing of another numbering', () => {
    const { wanted, continuity, say } = world('e2');
    wanted.add({ channels: ['ticks'] });
    continuity.update(update('ticks/a', 3));
    expect(say().positions).toEqual([]);
    expect(say().requests[0]).not.toHaveProperty('resume');
    wanted.add({ channels: ['signals'], instruments: ['b'], variants: ['m'], delivery: 'all' });
    continuity.update(update('signals/b.KRX/m', 5));
    continuity.update(update('signals/b.KRX/other', 5));
    expect(say().positions).toMatchObject([{ epoch: 'e1', streams: { 'signals/b.KRX/m': 5 } }]);
    // Counted anew, and this one stream has not been heard of since.
    continuity.update(update('ticks/a', 1, 'e2'));
    expect(say().positions).toEqual([]);
    expect(say().requests[1]!.resume).toEqual({ epoch: 'e2', streams: {} });
  });
});

describe('StreamContinuity, of streams that could not be resumed', () => {
  const snapshot = (stream: string, firstSeq: number) =>
    ({ ...update(stream, firstSeq), type: 'snapshot' }) as unknown as SnapshotMessage;
  const answer = (streams: string[], notRecovered: string[]) =>
    ({ type: 'subscribed', id: 1, streams, recovered: true, notRecovered }) as const;

  it('names what is missing, of those as well that began and were never seen', () => {
    const { holes, continuity } = world();
    continuity.subscribed(answer(['known', 'silent'], []), 'e1');
    continuity.update(update('known', 1));
    continuity.reconnected();
    continuity.subscribed(answer(['known', 'silent', 'new'], ['known', 'silent', 'new']), 'e1');
    for (const stream of ['known', 'silent', 'new']) continuity.snapshot(snapshot(stream, 9));
    expect(holes).toEqual([
      { stream: 'known', fromSeq: 1, toSeq: 8, cause: 'reconnected' },
      { stream: 'new', fromSeq: 0, toSeq: 8, cause: 'reconnected' },
    ]);
  });

  it('lays it to the numbering that did not go on, where that is why', () => {
    const { holes, continuity } = world();
    continuity.update(update('known', 1));
    continuity.reconnected();
    continuity.subscribed(answer(['known', 'new'], ['known', 'new']), continuity.epoch);
    for (const stream of ['known', 'new']) continuity.snapshot({ ...snapshot(stream, 9), epoch: 'e2' });
    expect(holes.map(({ stream, fromSeq, toSeq, cause }) => [stream, fromSeq, toSeq, cause])).toEqual([
      ['known', 0, 8, 'epoch'],
      ['new', 0, 8, 'epoch'],
    ]);
  });

  it('goes on behind what had been skipped before the connection ended', () => {
    const { holes, continuity, wanted, say } = world();
    wanted.add({ channels: ['ticks'], delivery: 'all' });
    continuity.update(update('ticks/a', 1));
    continuity.skipped({ type: 'skipped', streams: [{ stream: 'ticks/a', fromSeq: 1, toSeq: 7 }] });
    continuity.reconnected();
    expect(say().positions[0]!.streams).toEqual({ 'ticks/a': 7 });
    expect(continuity.update(update('ticks/a', 8))).toBe(true);
    expect(continuity.update(update('ticks/a', 8))).toBe(false);
    expect(holes).toEqual([{ stream: 'ticks/a', fromSeq: 1, toSeq: 7, cause: 'skipped' }]);
  });
});
