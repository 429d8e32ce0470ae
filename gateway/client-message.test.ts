// What strangers send: any bytes give a checked message or a slug, and never an exception.
import fc from 'fast-check';
import { Packr, Unpackr } from 'msgpackr';
import { describe, expect, it } from 'vitest';
import { CHANNELS } from '../engine/messages.ts';
import { type ParsedMessage, parseClientMessage } from './client-message.ts';
import { packPlain } from './encoding.ts';
import { ERRORS } from './errors.ts';
import { isPlainMessagePack } from './plain-message-pack.ts';
import type { ClientMessage, Encoding } from './protocol.ts';

const encodings = fc.constantFrom<Encoding>('json', 'msgpack');

function bytesOf(encoding: Encoding, value: unknown): Uint8Array {
  return encoding === 'json' ? Buffer.from(JSON.stringify(value) ?? '') : packPlain(value);
}

function expectVerdict(parsed: ParsedMessage): void {
  if (parsed.ok) expect(['subscribe', 'unsubscribe', 'resume', 'ping', 'list']).toContain(parsed.message.type);
  else expect(ERRORS).toHaveProperty(parsed.slug);
}

const selection = {
  id: fc.oneof(fc.maxSafeInteger(), fc.string({ maxLength: 64 })),
  channels: fc.uniqueArray(fc.constantFrom(...CHANNELS), { minLength: 1 }),
  instruments: fc.array(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 50 }),
  variants: fc.array(fc.string({ maxLength: 8 }), { minLength: 1, maxLength: 5 }),
};
const streamKeys = fc.string({ minLength: 1, maxLength: 40 }).filter((key) => key !== '__proto__');
const position = {
  epoch: fc.string({ maxLength: 64 }),
  streams: fc.dictionary(streamKeys, fc.maxSafeNat(), { noNullPrototype: true }),
};
const valid: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record(
    {
      type: fc.constant('subscribe' as const),
      ...selection,
      delivery: fc.constantFrom('all', 'latest'),
      resume: fc.record(position),
    },
    { requiredKeys: ['type', 'id', 'channels'] },
  ) as fc.Arbitrary<ClientMessage>,
  fc.record(
    { type: fc.constant('resume' as const), id: selection.id, ...position, session: fc.string({ minLength: 1 }) },
    { requiredKeys: ['type', 'id', 'epoch', 'streams'] },
  ) as fc.Arbitrary<ClientMessage>,
  fc.record(
    { type: fc.constantFrom('subscribe' as const, 'unsubscribe' as const), ...selection },
    { requiredKeys: ['type', 'id', 'channels'] },
  ) as fc.Arbitrary<ClientMessage>,
  fc.record({ type: fc.constantFrom('ping' as const, 'list' as const), id: selection.id }),
);

describe('parseClientMessage', () => {
  it('gives back every valid message as it was', () => {
    fc.assert(
      fc.property(encodings, valid, (encoding, message) => {
        expect(parseClientMessage(encoding, bytesOf(encoding, message))).toEqual({ ok: true, message });
      }),
    );
  });

  it('judges any bytes and never throws', () => {
    fc.assert(
      fc.property(encodings, fc.uint8Array({ maxLength: 300 }), (encoding, bytes) => {
        expectVerdict(parseClientMessage(encoding, bytes));
      }),
      { numRuns: 5000 },
    );
  });

  it('judges any value and never throws', () => {
    const shaped = fc.dictionary(
      fc.constantFrom(
        'type',
        'id',
        'channels',
        'instruments',
        'resume',
        'epoch',
        'streams',
        '__proto__',
        'constructor',
      ),
      fc.oneof(fc.constantFrom('subscribe', 'ping', 'ticks', '*'), fc.jsonValue(), fc.array(fc.jsonValue())),
    );
    fc.assert(
      fc.property(encodings, fc.oneof(shaped, fc.jsonValue()), (encoding, value) => {
        expectVerdict(parseClientMessage(encoding, bytesOf(encoding, value)));
      }),
      { numRuns: 3000 },
    );
  });

  it('judges valid messages with a byte changed or cut off, and never throws', () => {
    fc.assert(
      fc.property(encodings, valid, fc.nat(), fc.nat(255), fc.boolean(), (encoding, message, at, byte, isCut) => {
        const bytes = bytesOf(encoding, message).slice();
        if (isCut) expectVerdict(parseClientMessage(encoding, bytes.subarray(0, at % bytes.length)));
        bytes[at % bytes.length] = byte;
        expectVerdict(parseClientMessage(encoding, bytes));
      }),
      { numRuns: 3000 },
    );
  });

  it('echoes the id of what it refuses, and says what is wrong', () => {
    const parsed = parseClientMessage(
      'json',
      Buffer.from('{"type":"subscribe","id":9,"channels":["ticks"],"variants":[]}'),
    );
    expect(parsed).toMatchObject({ ok: false, id: 9, slug: 'invalid_message' });
    expect(!parsed.ok && parsed.detail).toMatch(/^variants: /);
  });

  it("reads what Python's msgpack 1.2 writes", () => {
    const hex = [
      '84a474797065a9737562736372696265a26964cf0000010000000000a86368616e6e656c7392a57469636b73',
      'a77369676e616c73ab696e737472756d656e747391a6303035393330',
    ].join('');
    expect(parseClientMessage('msgpack', Buffer.from(hex, 'hex'))).toEqual({
      ok: true,
      message: { type: 'subscribe', id: 1_099_511_627_776, channels: ['ticks', 'signals'], instruments: ['005930'] },
    });
  });

  it('takes no prototype from a message', () => {
    const text = '{"type":"ping","id":1,"__proto__":{"polluted":true}}';
    expect(parseClientMessage('json', Buffer.from(text))).toMatchObject({ ok: false, slug: 'invalid_message' });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('refuses text that is no UTF-8', () => {
    expect(parseClientMessage('json', Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ slug: 'not_parsable' });
  });
});

describe('isPlainMessagePack', () => {
  const flat = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string({ maxLength: 300 }),
    fc.constantFrom('x'.repeat(31), 'x'.repeat(32), 'x'.repeat(255), 'x'.repeat(256), 'x'.repeat(65_536)),
  );

  it('passes every plain value, and no beginning and no continuation of it', () => {
    const value = fc.dictionary(fc.string({ maxLength: 40 }), fc.oneof(flat, fc.array(flat, { maxLength: 40 })), {
      maxKeys: 10,
    });
    fc.assert(
      fc.property(value, fc.nat(), (plain, cut) => {
        const bytes = packPlain(plain);
        expect(isPlainMessagePack(bytes)).toBe(true);
        expect(isPlainMessagePack(bytes.subarray(0, cut % bytes.length))).toBe(false);
        expect(isPlainMessagePack(Buffer.concat([bytes, Uint8Array.of(0xc0)]))).toBe(false);
      }),
    );
  });

  it('passes nothing that msgpackr then cannot read, and nothing of which it makes more than there are bytes', () => {
    const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        if (!isPlainMessagePack(bytes)) return;
        const text = JSON.stringify(unpackr.unpack(bytes)) ?? '';
        expect(text.length).toBeLessThan(60 * (bytes.length + 1));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    ['an array of 4 billion', [0xdd, 0xff, 0xff, 0xff, 0xff]],
    ['a map of 4 billion', [0xdf, 0xff, 0xff, 0xff, 0xff]],
    ['an array of 32 million', [0xdd, 0x01, 0xff, 0xff, 0xff, 0xc0]],
    ['a string longer than the message', [0xdb, 0xff, 0xff, 0xff, 0xff, 0x61]],
    ['deep nesting', [...Array(10_000).fill(0x91), 0xc0]],
    ['binary', [0xc4, 0x01, 0x00]],
    ['an extension', [0xd4, 0x78, 0x00]],
    ['a type that is never used', [0xc1]],
    ['a key that is a map', [0x81, 0x82, 0xa0, 0xc0, 0xa0, 0xc0, 0xc0]],
    ['a key that is a number, behind a nested array', [0x82, 0xa1, 0x61, 0x92, 0x01, 0x02, 0x01, 0xc0]],
    ['nothing', []],
  ])('stops at %s', (_, bytes) => {
    expect(isPlainMessagePack(Uint8Array.from(bytes))).toBe(false);
  });

  it('stops at the records and extensions of msgpackr', () => {
    const rich = new Packr({ structuredClone: true, moreTypes: true });
    for (const value of [new Date(1), /x/, new Error('x'), new Set([1]), new Uint8Array(3), { a: 1 }]) {
      expect(isPlainMessagePack(rich.pack([value, value]))).toBe(false);
    }
  });
});
