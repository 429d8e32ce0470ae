import { createHash } from 'node:crypto';
import {
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import type { Input } from '../input.ts';
import { chainBeginning, chainHashOf } from './chain.ts';
import { decodeHeader, decodeRecord, HEADER_BYTES, type Seal } from './format.ts';
import { Journal, type JournalOptions, JournalUnavailable } from './journal.ts';
import { readJournal, readJournalEnd } from './reader.ts';
import { readSegment } from './segment-source.ts';
import { listSegments } from './segments.ts';

const log = pino({ level: 'silent' });
const NINE = kstToUtcUs(20261123, 9 * 3600);
const DAY_US = 86_400_000_000;
const proof = { journalId: 'journal-1', sealBytes: 300, sealMs: 1000 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-chain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(options: Partial<JournalOptions> = {}): Journal {
  return new Journal({ folder, segmentBytesMax: 1 << 20, diskBudgetBytes: 1 << 30, proof, log, ...options });
}

function frame(engineTimeUs: number, bytes: number): Input {
  return { kind: 'frame', engineTimeUs, bytes: Buffer.alloc(bytes, 0x61) };
}

/** The chain as its definition says, written as simply as can be; the seals, and the bytes behind the last one. */
function walk(): { seals: Seal[]; unsealedBytes: number } {
  const seals: Seal[] = [];
  let head = chainBeginning('journal-1');
  let unsealedBytes = 0;
  for (const { path, firstOffset } of listSegments(folder)) {
    const bytes = readSegment(path);
    expect(decodeHeader(bytes, path).previousHash).toEqual(head);
    let begin = 0;
    let offset = firstOffset;
    for (let at = HEADER_BYTES; at < bytes.length; ) {
      const record = decodeRecord(bytes, at);
      if (typeof record === 'string') throw new Error(`${path} at ${at}: ${record}`);
      if ('seal' in record) {
        const { seal } = record;
        expect([seal.offset, seal.previousHash]).toEqual([offset, head]);
        const block = createHash('sha256').update(bytes.subarray(begin, at)).digest();
        expect(chainHashOf(block, seal)).toEqual(seal.chainHash);
        seals.push(seal);
        head = seal.chainHash;
        begin = at + record.bytes;
      } else {
        offset += 1;
      }
      at += record.bytes;
    }
    unsealedBytes = bytes.length - begin;
  }
  return { seals, unsealedBytes };
}

it('links every byte, whatever the batches and the size of segments, across days and reopening', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(900), fc.nat(3)), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 200, max: 20_000 }),
      fc.integer({ min: 64, max: 3000 }),
      (batches, segmentBytesMax, sealBytes) => {
        rmSync(folder, { recursive: true, force: true });
        const options = { segmentBytesMax, proof: { ...proof, sealBytes } };
        let journal = open(options);
        let timeUs = NINE;
        const written: Input[][] = [];
        for (const [count, bytes, what] of batches) {
          timeUs += what === 3 ? DAY_US : 1;
          const inputs = Array.from({ length: count }, () => frame(timeUs, bytes));
          journal.append(inputs);
          written.push(inputs);
          if (what === 1) {
            journal.close();
            // Without being asked for, a chain that was begun goes on.
            journal = bytes % 2 === 0 ? open({ segmentBytesMax, proof: undefined as never }) : open(options);
          }
        }
        journal.close();
        const { seals, unsealedBytes } = walk();
        expect(unsealedBytes).toBe(0);
        expect(seals.at(-1)?.offset).toBe(written.flat().length);
        expect([...readJournal({ folder })].map(({ inputs }) => inputs)).toEqual(written);
        expect(readJournalEnd(folder)).toMatchObject({ nextOffset: written.flat().length, lastTimeUs: timeUs });
      },
    ),
    { numRuns: 30 },
  );
});

it('goes on from a tail that is torn at any byte', () => {
  const journal = open();
  for (let i = 0; i < 8; i++) journal.append([frame(NINE + i, 90), frame(NINE + i, 20)]);
  journal.close();
  const { path } = listSegments(folder)[0];
  const whole = readFileSync(path);
  for (let bytes = HEADER_BYTES; bytes < whole.length; bytes += 11) {
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    writeFileSync(path, whole.subarray(0, bytes));
    const again = open();
    again.append([frame(NINE + DAY_US, 10)]);
    again.close();
    expect(walk().unsealedBytes, `cut at ${bytes}`).toBe(0);
  }
});

it('seals by bytes, by engine time, at the end and before another segment, and says what was derived', () => {
  const sealed: number[] = [];
  let count = 0;
  const signals = () => ({ count, digest: Buffer.alloc(32, count) });
  const onSeal = ({ offset }: Seal): number => sealed.push(offset);
  const journal = open({ proof: { ...proof, signals, onSeal } });
  journal.append([frame(NINE, 10)]);
  count = 1;
  journal.append([frame(NINE + 1, 400)]);
  expect(sealed).toEqual([0]);
  journal.append([frame(NINE + 2, 1)]);
  expect(sealed).toEqual([0, 2]);
  journal.append([frame(NINE + 1_000_001, 1)]);
  expect(sealed).toEqual([0, 2, 3]);
  count = 2;
  journal.append([frame(NINE + DAY_US, 1)]);
  expect(sealed).toEqual([0, 2, 3, 4, 4]);
  journal.close();
  expect(sealed).toEqual([0, 2, 3, 4, 4, 5]);
  const { seals } = walk();
  expect(seals.map(({ offset }) => offset)).toEqual(sealed);
  expect(seals.map(({ signals }) => signals.count)).toEqual([0, 1, 1, 2, 2, 2]);
  expect(seals.at(-1)?.signals.digest).toEqual(Buffer.alloc(32, 2));
});

it('stays as it was where a write fails, whichever one', () => {
  for (let fails = 0; fails < 30; fails++) {
    rmSync(folder, { recursive: true, force: true });
    let writes = 0;
    const disk = {
      write(fd: number, bytes: Uint8Array): number {
        writes += 1;
        if (writes === fails) return writeSync(fd, bytes.subarray(0, bytes.length >> 1));
        if (writes === fails + 1) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        return writeSync(fd, bytes);
      },
      truncate: ftruncateSync,
    };
    const journal = open({ disk, segmentBytesMax: 1500 });
    let kept = 0;
    for (let i = 0; i < 12; i++) {
      try {
        journal.append([frame(NINE + i, 200)]);
        kept += 1;
      } catch (error) {
        expect(error).toBeInstanceOf(JournalUnavailable);
      }
    }
    journal.close();
    expect([...readJournal({ folder })], `write ${fails}`).toHaveLength(kept);
    walk();
  }
});

it('begins with a segment of its own behind segments of version 1, which stay readable', () => {
  const unchained = open({ proof: undefined as never });
  unchained.append([frame(NINE, 10)]);
  unchained.close();
  const journal = open();
  journal.append([frame(NINE + 1, 10)]);
  journal.close();
  const [first, second] = listSegments(folder).map(({ path }) => decodeHeader(readSegment(path), path));
  expect([first.version, first.previousHash, second.version]).toEqual([1, null, 2]);
  expect(second.previousHash).toEqual(chainBeginning('journal-1'));
  expect([...readJournal({ folder })].map(({ firstOffset }) => firstOffset)).toEqual([0, 1]);
});

it('holds a seal without an entry behind it for cut off', () => {
  const journal = open();
  journal.append([frame(NINE, 10)]);
  journal.close();
  const { path } = listSegments(folder)[0];
  truncateSync(path, HEADER_BYTES + 132);
  const again = open();
  expect(again.nextOffset).toBe(0);
  again.append([frame(NINE + DAY_US, 10)]);
  again.close();
  expect(walk().seals.map(({ offset }) => offset)).toEqual([0, 1]);
});
