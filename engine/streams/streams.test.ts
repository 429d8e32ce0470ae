import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PredictionMessage } from '../messages.ts';
import { messageDigest, StreamDigest } from './digest.ts';
import { Streams } from './streams.ts';

const json = fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null && typeof value === 'object');

function digestOf(messages: readonly object[]): string {
  const digest = new StreamDigest();
  for (const message of messages) digest.add(message);
  return digest.hex();
}

function prediction(up: number): PredictionMessage {
  return { seq: 0, timeUs: 1, up, down: 1 - up, mid: 70_050, abstained: null };
}

it('gives equal digests to equal messages, also when saved and loaded anywhere between', () => {
  fc.assert(
    fc.property(fc.array(json as fc.Arbitrary<object>, { maxLength: 60 }), fc.nat(), (messages, cut) => {
      const at = messages.length === 0 ? 0 : cut % messages.length;
      const first = new StreamDigest();
      for (const message of messages.slice(0, at)) first.add(message);
      const second = new StreamDigest();
      second.load(first.save());
      for (const message of messages.slice(at)) second.add(message);
      expect(second.hex()).toBe(digestOf(messages));
    }),
  );
});

it('gives one message alone the digest of a stream of it, however many blocks it fills', () => {
  const texts = fc.nat(4_000).map((length) => ({ a: 'x'.repeat(length), b: 1 }));
  fc.assert(
    fc.property(fc.oneof(json as fc.Arbitrary<object>, texts), (message) => {
      expect(Buffer.from(messageDigest(message), 'latin1').toString('hex')).toBe(digestOf([message]));
    }),
  );
});

it('tells apart what differs in one number, one type, one nesting or one order', () => {
  const variants: object[][] = [
    [{ a: 1, b: 2 }],
    [{ a: 2, b: 1 }],
    [{ a: 1 }, { b: 2 }],
    [{ a: [1, 2] }],
    [{ a: [1], b: [2] }],
    [{ a: '1', b: 2 }],
    [{ a: null, b: 2 }],
    [{ a: true, b: 2 }],
    [{ a: { b: 2 } }],
    [{ a: 1 + Number.EPSILON, b: 2 }],
    [{ a: -0 }],
    [{ a: 0 }],
    [],
  ];
  expect(new Set(variants.map(digestOf)).size).toBe(variants.length);
});

it('numbers each stream from 1 without holes and hands a batch over in the order in which streams spoke', () => {
  const streams = new Streams();
  const a = streams.open('predictions', '005930.KRX', 'm');
  const b = streams.open('predictions', '000660.KRX', 'm');
  expect(streams.open('predictions', '005930.KRX', 'm')).toBe(a);
  streams.emit<'predictions'>(b, prediction(0.1));
  streams.emit<'predictions'>(a, prediction(0.2));
  streams.emit<'predictions'>(b, prediction(0.3));
  const first = streams.take();
  expect(first.map((u) => [u.stream.key, u.prevSeq, u.messages.map((m) => m.seq)])).toEqual([
    ['predictions/000660.KRX/m', 0, [1, 2]],
    ['predictions/005930.KRX/m', 0, [1]],
  ]);
  expect(streams.take()).toEqual([]);
  streams.emit<'predictions'>(b, prediction(0.4));
  expect(streams.take()[0]).toMatchObject({ prevSeq: 2, messages: [{ seq: 3 }] });
  expect(streams.report().messages).toBe(4);
});

it('reports the same digest whatever the order of its streams: one engine or eight partitions', () => {
  const [one, other] = [new Streams(), new Streams()];
  const codes = ['000270', '005930', '035420'];
  for (const code of codes) one.open('predictions', `${code}.KRX`);
  for (const code of [...codes].reverse()) other.open('predictions', `${code}.KRX`);
  for (let i = 0; i < 300; i++) {
    const code = codes[i % 3];
    one.emit<'predictions'>(one.open('predictions', `${code}.KRX`), prediction(i));
  }
  for (const code of codes) {
    for (let i = codes.indexOf(code); i < 300; i += 3)
      other.emit<'predictions'>(other.open('predictions', `${code}.KRX`), prediction(i));
  }
  one.take();
  other.take();
  expect(other.report()).toEqual(one.report());
  expect(one.report()).toMatchObject({ messages: 300, streams: 3 });
  one.emit<'predictions'>(one.open('predictions', '005930.KRX'), prediction(0));
  expect(() => one.report()).toThrow(/not taken/);
  one.take();
  expect(one.report().digest).not.toBe(other.report().digest);
});

it('goes on where it was saved, and begins anew where told', () => {
  const streams = new Streams();
  const stream = streams.open('predictions', '005930.KRX', 'm');
  for (let i = 0; i < 100; i++) streams.emit<'predictions'>(stream, prediction(i));
  streams.take();
  const restored = new Streams();
  restored.load(structuredClone(streams.save()));
  for (const each of [streams, restored])
    each.emit<'predictions'>(each.open('predictions', '005930.KRX', 'm'), prediction(7));
  streams.take();
  expect(restored.take()[0].prevSeq).toBe(100);
  expect(restored.report()).toEqual(streams.report());
  restored.restart();
  expect(restored.report().messages).toBe(0);
  restored.emit<'predictions'>(restored.open('predictions', '005930.KRX', 'm'), prediction(7));
  expect(restored.take()[0]).toMatchObject({ prevSeq: 0, messages: [{ seq: 1 }] });
});
