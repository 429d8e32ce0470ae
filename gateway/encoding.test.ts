// Frames say the same in JSON and MessagePack, and any MessagePack implementation can read them.
import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import type { Message, StreamUpdate } from '../engine/messages.ts';
import { packPlain, UpdateFrames, UpdateHead } from './encoding.ts';
import { streamOf } from './gateway-fixture.ts';
import { isPlainMessagePack } from './plain-message-pack.ts';
import type { UpdateMessage } from './protocol.ts';

const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });

const update: StreamUpdate = {
  stream: streamOf('scores', '005930.KRX', 'mlp "1"'),
  prevSeq: 41,
  messages: [
    { seq: 42, timeUs: 1_760_000_000_000_001, signalId: '삼성-42', moveBp: -1.25, hit: false, side: 'buy' },
    { seq: 43, timeUs: 1_760_000_000_000_002, signalId: '', moveBp: 0, hit: true, side: 'sell' },
  ] as unknown as Message[],
};
const expected = {
  type: 'update',
  stream: 'scores/005930.KRX/mlp "1"',
  channel: 'scores',
  instrument: '005930.KRX',
  variant: 'mlp "1"',
  epoch: 'e1',
  source: 'simulated',
  prevSeq: 41,
  seq: 43,
  times: [1_760_000_000_000_000, 1, 2, 3, 4, 5.5],
  messages: update.messages,
};

function frames(): UpdateFrames {
  return new UpdateFrames(
    update,
    new UpdateHead(update.stream, 'e1', 'simulated'),
    [1_760_000_000_000_000, 1, 2, 3, 4, 5.5],
  );
}

describe('an update', () => {
  it('is the same message in both encodings, whole', () => {
    expect(JSON.parse(Buffer.from(frames().shared('json')).toString())).toEqual(expected);
    expect(unpackr.unpack(frames().shared('msgpack'))).toEqual(expected);
  });

  it('is encoded once for all that are up to date, and by itself for one that is not', () => {
    const made = frames();
    for (const encoding of ['json', 'msgpack'] as const) {
      expect(made.shared(encoding)).toBe(made.shared(encoding));
      const alone = made.after(encoding, 7);
      const read = encoding === 'json' ? JSON.parse(Buffer.from(alone).toString()) : unpackr.unpack(alone);
      expect(read).toEqual({ ...expected, prevSeq: 7 } satisfies Record<keyof UpdateMessage, unknown>);
      expect(made.shared(encoding)).not.toBe(alone);
    }
  });
});

describe('MessagePack', () => {
  it('is plain and keeps every JSON value', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true }), fc.string(), fc.boolean())),
        (value) => {
          const bytes = packPlain({ value });
          expect(isPlainMessagePack(bytes)).toBe(true);
          // Minus zero is an integer, and integers have none.
          expect(unpackr.unpack(bytes)).toEqual({ value: value.map((item) => (item === 0 ? 0 : item)) });
        },
      ),
    );
  });

  it.each([
    [0, '00'],
    [-1, 'ff'],
    [4_294_967_295, 'ceffffffff'],
    [4_294_967_296, 'd30000000100000000'],
    [-2_147_483_649, 'd3ffffffff7fffffff'],
    [1_760_000_000_000_000, 'd3000640b5eece0000'],
    [0.5, 'cb3fe0000000000000'],
    [1e300, 'cb7e37e43c8800759c'],
  ])('writes %d as %s', (value, hex) => {
    expect(Buffer.from(packPlain(value)).toString('hex')).toBe(hex);
  });

  it("is byte for byte what Python's msgpack 1.2 was seen to read", () => {
    const value = {
      type: 'update',
      prevSeq: 41,
      seq: 43,
      times: [1_760_000_000_000_000, 1, 300, 70_000, 4, 5.5],
      ok: true,
      none: null,
      text: '삼성',
      list: [{ n: -1 }, { n: -1000 }, { n: 350_000_000_000_000 }],
    };
    expect(Buffer.from(packPlain(value)).toString('hex')).toBe(
      [
        '88a474797065a6757064617465a77072657653657129a37365712ba574696d657396d3000640b5eece000001cd012c',
        'ce0001117004cb4016000000000000a26f6bc3a46e6f6e65c0a474657874a6ec82bcec84b1a46c6973749381a16eff',
        '81a16ed1fc1881a16ed300013e52b9abe000',
      ].join(''),
    );
  });
});
