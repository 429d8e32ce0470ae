import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ControlCommand, Input, SessionInput, Subscription } from '../input.ts';
import { BODY_BYTES_MAX, decodeEntry, ENTRY_HEADER_BYTES, EntryEncoder } from './format.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const sha256 = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 });

/** One for each type of command: a new type does not compile until it is here. */
const COMMANDS: { [Type in ControlCommand['type']]: fc.Arbitrary<Extract<ControlCommand, { type: Type }>> } = {
  start: fc.record({
    type: fc.constant('start'),
    epoch: fc.uuid(),
    source: fc.constantFrom('simulated', 'paper', 'live'),
    feed: text,
    configHash: sha256,
    modelHash: sha256,
    calendarHash: sha256,
    versions: fc.record({ kisignal: text, node: text, backend: fc.constantFrom('wasm', 'plain') }),
  }),
  stop: fc.record({ type: fc.constant('stop'), reason: text }),
  journal_unavailable: fc.record({ type: fc.constant('journal_unavailable'), epoch: fc.uuid() }),
  kill_switch: fc.record({ type: fc.constant('kill_switch'), on: fc.boolean(), reason: text }),
  subscriptions: fc.record({
    type: fc.constant('subscriptions'),
    wanted: fc.array(
      fc.record<Subscription>({
        code: fc.constantFrom('005930', '0000J0', 'Q500001'),
        venue: fc.constantFrom('KRX', 'NXT', 'UN'),
        streams: fc.uniqueArray(fc.constantFrom('trades', 'books', 'expected', 'status')),
        priority: fc.nat(1000),
      }),
      { maxLength: 60 },
    ),
  }),
  reference: fc.record({
    type: fc.constant('reference'),
    kind: fc.constantFrom('instruments', 'calendar', 'minute_bars', 'daily_close'),
    hash: sha256,
  }),
  model_failed: fc.record({ type: fc.constant('model_failed'), modelHash: sha256, reason: text }),
};

const engineTimeUs = fc.maxSafeNat();
const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.record({
    kind: fc.constant('frame'),
    engineTimeUs,
    bytes: fc.uint8Array({ maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
  }),
  fc.record({ kind: fc.constant('clock'), engineTimeUs }),
  fc.record<SessionInput, 'kind' | 'engineTimeUs' | 'session' | 'event'>(
    {
      kind: fc.constant('session'),
      engineTimeUs,
      session: text,
      event: fc.constantFrom('connected', 'lost', 'registered', 'unregistered', 'rejected'),
      trId: text,
      trKey: text,
      code: text,
    },
    { requiredKeys: ['kind', 'engineTimeUs', 'session', 'event'] },
  ),
  fc.record({ kind: fc.constant('control'), engineTimeUs, command: fc.oneof(...Object.values(COMMANDS)) }),
);

function encode(input: Input, batchId: number, hasMore = false): Buffer {
  const encoder = new EntryEncoder();
  encoder.add(input, batchId, hasMore);
  return encoder.bytes();
}

describe('an entry', () => {
  it('of every kind and every command is read as it was written', () => {
    fc.assert(
      fc.property(inputs, fc.maxSafeNat(), fc.boolean(), (input, batchId, hasMore) => {
        const bytes = encode(input, batchId, hasMore);
        expect(decodeEntry(bytes, 0)).toEqual({ input, batchId, hasMore, bytes: bytes.length });
      }),
      { numRuns: 400 },
    );
  });

  for (const [type, commands] of Object.entries<fc.Arbitrary<ControlCommand>>(COMMANDS)) {
    it(`of command ${type} keeps each of its fields`, () => {
      fc.assert(
        fc.property(commands, (command) => {
          const entry = decodeEntry(encode({ kind: 'control', engineTimeUs: 1, command }, 1), 0);
          expect(entry).toMatchObject({ input: { command } });
        }),
        { numRuns: 50 },
      );
    });
  }

  it('with a bit changed is none', () => {
    fc.assert(
      fc.property(inputs, fc.nat(), (input, at) => {
        const bytes = Buffer.from(encode(input, 7, at % 2 === 0));
        bytes[at % bytes.length] ^= 1 << (at % 8);
        expect(['invalid', 'incomplete']).toContain(decodeEntry(bytes, 0));
      }),
      { numRuns: 300 },
    );
  });

  it('longer than a journal can be read with is refused before it is written', () => {
    const frame = (bytes: number): Input => ({ kind: 'frame', engineTimeUs: 1, bytes: Buffer.alloc(bytes) });
    expect(encode(frame(BODY_BYTES_MAX), 1)).toHaveLength(ENTRY_HEADER_BYTES + BODY_BYTES_MAX);
    expect(() => encode(frame(BODY_BYTES_MAX + 1), 1)).toThrow(RangeError);
  });
});
