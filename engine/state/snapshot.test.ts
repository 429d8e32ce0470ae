import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type SavedState, STATE_VERSION } from './saved-state.ts';
import {
  decodeSnapshot,
  encodeSnapshot,
  judgeSnapshot,
  readSnapshotHeader,
  SNAPSHOT_HEAD_BYTES,
  type Snapshot,
} from './snapshot.ts';

const state = { version: STATE_VERSION, timeUs: 1_795_000_000_000_000, subscriptions: [] } as unknown as SavedState;
const snapshot: Snapshot = { journalId: 'journal-1', build: '0.1.0+abc', offset: 42, state, retained: [] };
const bytes = encodeSnapshot(snapshot);
const decode = (some: Buffer): Snapshot | string => decodeSnapshot(some, 'journal-1', '0.1.0+abc');

it('comes back as it was, and its head alone says what it is', () => {
  expect(decode(bytes)).toEqual(snapshot);
  expect(readSnapshotHeader(bytes.subarray(0, SNAPSHOT_HEAD_BYTES))).toMatchObject({
    version: STATE_VERSION,
    journalId: 'journal-1',
    build: '0.1.0+abc',
    offset: 42,
    timeUs: state.timeUs,
  });
});

it('with any bit flipped, cut anywhere, or with anything behind it is passed over', () => {
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const flipped = Buffer.from(bytes);
      flipped[at] ^= 1 << bit;
      expect(decode(flipped)).toBeTypeOf('string');
      expect(decode(bytes.subarray(0, at))).toBeTypeOf('string');
      expect(decode(Buffer.concat([bytes, bytes.subarray(0, at + 1)]))).toBeTypeOf('string');
    }),
    { numRuns: 500 },
  );
});

it('of another journal, build or version is passed over by its header, with the reason', () => {
  const origin = { journalId: 'journal-1', build: '0.1.0+abc' };
  expect(judgeSnapshot(bytes, origin)).toMatchObject({ offset: 42 });
  expect(judgeSnapshot(bytes, { ...origin, journalId: 'other' })).toBe('of another journal');
  expect(judgeSnapshot(bytes, { ...origin, build: 'other' })).toBe('of another build');
  const older = encodeSnapshot({ ...snapshot, state: { ...state, version: STATE_VERSION - 1 } });
  expect(judgeSnapshot(older, origin)).toBe('of another build');
  expect(judgeSnapshot(Buffer.from('KISSNAP\n and whatever an older build wrote'), origin)).toMatch(/not a snapshot/);
  expect(judgeSnapshot(Buffer.alloc(0), origin)).toMatch(/not a snapshot/);
});
