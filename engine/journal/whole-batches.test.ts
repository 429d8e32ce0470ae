// Of a batch that was cut off nothing is read, and nothing is left once the journal is written again.
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Input } from '../input.ts';
import { Journal } from './journal.ts';
import { readJournal, readJournalEnd } from './reader.ts';
import { listSegments } from './segments.ts';

const NINE = Date.UTC(2026, 10, 24) * 1000;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-whole-batches-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(proof: boolean): Journal {
  const chain = { proof: { journalId: 'one', sealBytes: 200, sealMs: 1000 } };
  const bounds = { segmentBytesMax: 1 << 20, diskBudgetBytes: 1 << 30 };
  return new Journal({ folder, ...bounds, log: pino({ level: 'silent' }), ...(proof && chain) });
}

function batch(size: number): Input[] {
  const of = (i: number): Input =>
    i % 3 === 2
      ? { kind: 'clock', engineTimeUs: NINE }
      : { kind: 'frame', engineTimeUs: NINE, bytes: Buffer.alloc(i, 'f') };
  return Array.from({ length: size }, (_, i) => of(i));
}

const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 });

it('a journal cut at any byte ends behind its last whole batch, for every reader and for the next writer', () => {
  fc.assert(
    fc.property(sizes, fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), (sizes, proof, share) => {
      rmSync(folder, { recursive: true, force: true });
      const journal = open(proof);
      const ends = sizes.map((size) => {
        journal.append(batch(size));
        return { offset: journal.nextOffset, bytes: 64 + journal.bytesWritten };
      });
      journal.close();
      const [{ path, bytes }] = listSegments(folder);
      const cut = 64 + Math.floor(share * (bytes - 64));
      truncateSync(path, cut);
      const whole = ends.filter((end) => end.bytes <= cut);
      const offset = whole.at(-1)?.offset ?? 0;
      const read = (): number[] => [...readJournal({ folder })].map(({ inputs }) => inputs.length);

      expect(read()).toEqual(sizes.slice(0, whole.length));
      expect(readJournalEnd(folder).nextOffset).toBe(offset);
      const again = open(proof);
      expect(again.nextOffset).toBe(offset);
      again.append(batch(3));
      again.close();
      expect(read()).toEqual([...sizes.slice(0, whole.length), 3]);
    }),
    { numRuns: 200 },
  );
});

it('a journal of a time before batches said where they end is read to its last whole entry', () => {
  const journal = open(false);
  journal.append(batch(1));
  journal.append(batch(1));
  journal.close();
  // Two batches of one entry say nothing of more, as every entry did then; the second gets the first one's number.
  const [{ path }] = listSegments(folder);
  const old = readFileSync(path);
  const entry = old.subarray(64, 92);
  writeFileSync(path, Buffer.concat([old.subarray(0, 64), entry, entry, entry, entry.subarray(0, 20)]));
  expect([...readJournal({ folder })].map(({ inputs }) => inputs.length)).toEqual([3]);
  expect(open(false).nextOffset).toBe(3);
});
