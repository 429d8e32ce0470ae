import { describe, expect, it } from 'vitest';
import { type Channel, type Message, streamKey } from '../../engine/messages.ts';
import type { SnapshotMessage, UpdateMessage } from '../protocol.ts';
import { MarketState } from './market-state.ts';

const A = '005930.KRX';

function envelope(channel: Channel, instrument: string, variant: string, messages: object[], epoch = 'e1') {
  const seqs = messages.map((message) => (message as Message).seq);
  return {
    stream: streamKey(channel, instrument, variant),
    channel,
    instrument,
    variant,
    epoch,
    source: 'simulated' as const,
    seq: seqs.at(-1) ?? 0,
    messages: messages as Message[],
  };
}

const snapshot = (...of: Parameters<typeof envelope>): SnapshotMessage => ({
  type: 'snapshot',
  ...envelope(...of),
  times: null,
});
const update = (...of: Parameters<typeof envelope>): UpdateMessage => {
  const made = envelope(...of);
  return { type: 'update', ...made, prevSeq: made.messages[0].seq - 1, times: [0, 0, 0, 0, 0, 0] };
};
const tick = (seq: number, price = 100) => ({ seq, timeUs: seq * 1_000_000, exchangeTimeUs: seq * 1_000_000, price });
const bar = (seq: number, second = seq, filled = false) => ({ seq, startUs: second * 1_000_000, filled });

describe('the market state', () => {
  it('folds a snapshot, then updates; an equal message that comes twice counts once', () => {
    const state = new MarketState();
    state.apply(snapshot('ticks', A, '', [tick(1), tick(2)]));
    expect(state.apply(update('ticks', A, '', [tick(3)]))).toHaveLength(1);
    expect(state.apply(update('ticks', A, '', [tick(3)]))).toHaveLength(0);
    expect(
      state
        .instrument(A)
        .ticks.toArray()
        .map((t) => t.seq),
    ).toEqual([1, 2, 3]);
    expect(state.source).toBe('simulated');
  });

  it('lets a later snapshot stand for the whole stream', () => {
    const state = new MarketState();
    state.apply(snapshot('bars', A, '1s', [bar(1), bar(2)]));
    state.apply(snapshot('bars', A, '1s', [bar(2), bar(3)]));
    expect(
      state
        .instrument(A)
        .barsOf('1s')
        .toArray()
        .map((b) => b.seq),
    ).toEqual([2, 3]);
  });

  it('keeps its ticks at a snapshot of the same epoch, adds what is newer, and begins anew with another epoch', () => {
    const state = new MarketState();
    state.apply(snapshot('ticks', A, '', [tick(1)]));
    const { ticks, trail } = state.instrument(A);
    const seqs = () => ticks.toArray().map(({ seq }) => seq);
    state.apply(update('ticks', A, '', [tick(2, 102), tick(3, 103)]));
    expect(state.apply(snapshot('ticks', A, '', [tick(3, 103)]))).toEqual([]);
    expect(seqs()).toEqual([1, 2, 3]);
    expect(state.apply(snapshot('ticks', A, '', [tick(9, 109)]))).toEqual([tick(9, 109)]);
    state.apply(update('ticks', A, '', [tick(10, 110)]));
    expect(seqs()).toEqual([1, 2, 3, 9, 10]);
    expect(trail.toArray()).toEqual([100, 102, 103, 109, 110]);

    state.apply(snapshot('ticks', A, '', [tick(4, 54)], 'e2'));
    expect(state.instrument(A).ticks.toArray()).toEqual([tick(4, 54)]);
    expect(state.instrument(A).trail.toArray()).toEqual([54]);
  });

  it('forgets everything derived when the epoch changes, but not the instruments', () => {
    const state = new MarketState();
    state.setNames([{ instrument: A, code: '005930', nameKo: '삼성전자', nameEn: 'Samsung Electronics' }]);
    state.apply(snapshot('ticks', A, '', [tick(7)]));
    state.apply(snapshot('signals', A, '', [{ seq: 1, timeUs: 1, id: 'x' }]));
    state.apply(update('ticks', A, '', [tick(1, 55)], 'e2'));
    expect(
      state
        .instrument(A)
        .ticks.toArray()
        .map((t) => t.price),
    ).toEqual([55]);
    expect(state.signals.newest()).toEqual([]);
    expect([...state.instruments.keys()]).toEqual([A]);
  });

  it('goes on with the status of a server that counts anew', () => {
    const state = new MarketState();
    state.apply(snapshot('status', 'engine', '', [{ seq: 90, ticks: 5 }]));
    for (const seq of [1, 2]) {
      const [fresh] = state.apply({ ...update('status', 'engine', '', [{ seq, ticks: seq }]), prevSeq: seq - 1 });
      expect(fresh).toMatchObject({ seq });
      expect(state.status?.ticks).toBe(seq);
    }
  });

  it('puts a filled bar where the torn one of the same start stood, from an update and from a snapshot', () => {
    const bars = (state: MarketState) =>
      state
        .instrument(A)
        .barsOf('1m')
        .toArray()
        .map(({ startUs, filled }) => [startUs / 1_000_000, filled]);
    const followed = new MarketState();
    followed.apply(snapshot('bars', A, '1m', [bar(1), bar(2), bar(3)]));
    followed.apply(update('bars', A, '1m', [bar(4, 2, true)]));
    const joined = new MarketState();
    joined.apply(snapshot('bars', A, '1m', [bar(1), bar(2), bar(3), bar(4, 2, true)]));
    for (const state of [followed, joined]) {
      expect(bars(state)).toEqual([
        [1, false],
        [2, true],
        [3, false],
      ]);
    }
    expect(followed.instrument(A).barsOf('1m').pastRevision).toBeGreaterThan(0);
  });

  it('keeps scores by stream, conditions of trading, and of each alert only the latest', () => {
    const state = new MarketState();
    state.apply(snapshot('quality', 'engine', '', [{ seq: 5, overall: 97 }]));
    state.apply(snapshot('quality', A, '', [{ seq: 1, overall: 91 }]));
    state.apply(update('quality', A, 'books', [{ seq: 1, overall: 82 }]));
    state.apply(
      update('market', A, '', [
        { seq: 1, phase: 'pre' },
        { seq: 2, phase: 'continuous', halted: true },
      ]),
    );
    const alert = (seq: number, was: string, subject = 'engine') => ({
      seq,
      rule: 'data_quality',
      subject,
      state: was,
    });
    state.apply(snapshot('alerts', 'engine', '', [alert(1, 'raised'), alert(2, 'raised', A), alert(3, 'resolved')]));
    expect(state.quality?.overall).toBe(97);
    const { quality, market } = state.instrument(A);
    expect([...quality].map(([variant, { overall }]) => [variant, overall])).toEqual([
      ['', 91],
      ['books', 82],
    ]);
    expect(market).toMatchObject({ phase: 'continuous', halted: true });
    expect([...state.alerts.values()].map(({ seq }) => seq)).toEqual([3, 2]);

    state.apply(update('quality', 'engine', '', [{ seq: 1, overall: 100 }], 'e2'));
    expect([state.quality?.overall, state.alerts.size, state.instrument(A).market]).toEqual([100, 0, null]);
  });

  it('makes no instrument of the engine’s own streams', () => {
    const state = new MarketState();
    state.apply(snapshot('alerts', 'engine', '', [{ seq: 1, rule: 'data_quality', subject: 'engine' }]));
    state.apply(snapshot('quality', 'engine', '', [{ seq: 1, overall: 100 }]));
    state.apply(snapshot('status', 'engine', '', [{ seq: 1, ticks: 5 }]));
    state.apply(snapshot('latency', 'engine', '', [{ seq: 1, count: 5 }]));
    expect(state.instruments.size).toBe(0);
    expect(state.status?.ticks).toBe(5);
    expect(state.latencies.length).toBe(1);
  });

  it('keeps probabilities of the first model only, and none of an abstention', () => {
    const state = new MarketState();
    const prediction = (seq: number, up: number, abstained: string | null = null) => ({
      seq,
      up,
      down: 1 - up,
      abstained,
    });
    state.apply(update('predictions', A, 'first', [prediction(1, 0.6), prediction(2, 0.5, 'no_book')]));
    state.apply(update('predictions', A, 'second', [prediction(1, 0.9)]));
    expect(state.instrument(A).probabilities.toArray()).toEqual([0.6]);
    expect(state.instrument(A).predictions.size).toBe(2);
  });

  it('does not grow with the number of messages', () => {
    const state = new MarketState();
    for (let seq = 1; seq <= 5000; seq++) {
      state.apply(update('ticks', A, '', [tick(seq)]));
      state.apply(update('bars', A, '1s', [bar(seq)]));
      state.apply(update('latency', 'engine', '', [{ seq, count: 1 }]));
    }
    const { ticks, trail } = state.instrument(A);
    for (let seq = 1; seq <= 500; seq++) {
      state.apply(update('alerts', 'engine', '', [{ seq, rule: 'data_quality', subject: `${seq}` }]));
    }
    expect(state.alerts.size).toBeLessThanOrEqual(100);
    expect([...state.alerts.keys()].at(-1)).toBe('data_quality 500');
    const kept = [ticks, trail, state.instrument(A).barsOf('1s'), state.latencies];
    for (const list of kept) expect(list.toArray().length).toBe(list.capacity);
  });
});
