import {
  appendFileSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
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
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import type { FrameInput, Input } from '../input.ts';
import { decodeEntry, EntryEncoder, JournalDamaged } from './format.ts';
import { Journal, type JournalOptions, JournalUnavailable } from './journal.ts';
import { type JournalBatch, readJournal, readJournalEnd } from './reader.ts';
import { segmentPath } from './segment-names.ts';
import { listSegments } from './segments.ts';

const log = pino({ level: 'silent' });
const NINE = kstToUtcUs(20261123, 9 * 3600);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(options: Partial<JournalOptions> = {}): Journal {
  return new Journal({ folder, segmentBytesMax: 1 << 20, diskBudgetBytes: 1 << 30, log, ...options });
}

function frame(engineTimeUs: number, text: string): Input {
  return { kind: 'frame', engineTimeUs, bytes: Buffer.from(text) };
}

function readAll(fromOffset = 0): JournalBatch[] {
  return [...readJournal({ folder, fromOffset })].map((batch) => ({
    ...batch,
    inputs: batch.inputs.map((input) =>
      input.kind === 'frame' ? { ...input, bytes: Buffer.from(input.bytes) } : input,
    ),
  }));
}

const arbitraryInput: fc.Arbitrary<(timeUs: number) => Input> = fc.oneof(
  fc.uint8Array({ maxLength: 4000 }).map(
    (bytes) =>
      (engineTimeUs: number): Input => ({ kind: 'frame', engineTimeUs, bytes: Buffer.from(bytes) }),
  ),
  fc.constant((engineTimeUs: number): Input => ({ kind: 'clock', engineTimeUs })),
  fc.string().map(
    (code) =>
      (engineTimeUs: number): Input => ({
        kind: 'session',
        engineTimeUs,
        session: 's1',
        event: 'registered',
        trId: 'H0STCNT0',
        trKey: '005930',
        code,
      }),
  ),
  fc.boolean().map(
    (on) =>
      (engineTimeUs: number): Input => ({
        kind: 'control',
        engineTimeUs,
        command: { type: 'kill_switch', on, reason: '한글 "quoted"' },
      }),
  ),
);

describe('a journal', () => {
  it('reads back every batch as it was appended, whatever the segment size, across reopening', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(arbitraryInput, { minLength: 1, maxLength: 5 }), { maxLength: 30 }),
        fc.integer({ min: 100, max: 20_000 }),
        (batches, segmentBytesMax) => {
          rmSync(folder, { recursive: true, force: true });
          let journal = open({ segmentBytesMax });
          const written: Input[][] = [];
          for (const [i, makers] of batches.entries()) {
            const inputs = makers.map((make, k) => make(NINE + i * 1000 + k));
            const expectedOffset = journal.nextOffset;
            expect(journal.append(inputs)).toBe(expectedOffset);
            written.push(inputs);
            if (i % 7 === 3) {
              journal.close();
              journal = open({ segmentBytesMax });
            }
          }
          journal.close();
          const read = readAll();
          expect(read.map((batch) => batch.inputs)).toEqual(written);
          let offset = 0;
          for (const [i, batch] of read.entries()) {
            expect([batch.firstOffset, batch.batchId]).toEqual([offset, i + 1]);
            offset += batch.inputs.length;
          }
          const half = read[Math.floor(read.length / 2)];
          if (half) expect(readAll(half.firstOffset)).toEqual(read.slice(Math.floor(read.length / 2)));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('cuts a tail torn at any byte and goes on behind the last whole entry', () => {
    const journal = open();
    for (let i = 0; i < 5; i++) journal.append([frame(NINE + i, `entry ${i} ${'x'.repeat(i * 10)}`)]);
    journal.close();
    const path = listSegments(folder)[0].path;
    const whole = readFileSync(path);
    const lastStart = whole.length - (28 + Buffer.byteLength(`entry 4 ${'x'.repeat(40)}`));
    for (let bytes = lastStart; bytes < whole.length; bytes++) {
      writeFileSync(path, whole);
      truncateSync(path, bytes);
      expect(readAll()).toHaveLength(4);
      const again = open();
      expect(again.nextOffset).toBe(4);
      again.append([frame(NINE + 9, 'after')]);
      again.close();
      const read = readAll();
      expect(read).toHaveLength(5);
      expect(read[4].batchId).toBe(5);
    }
  });

  it('cuts a tail of zeros, as a power loss leaves one', () => {
    const journal = open();
    journal.append([frame(NINE, 'good')]);
    journal.close();
    appendFileSync(listSegments(folder)[0].path, Buffer.alloc(5000));
    expect(open().nextOffset).toBe(1);
  });

  it('refuses damage in front of good entries, and names the file and the byte', () => {
    const journal = open();
    for (let i = 0; i < 3; i++) journal.append([frame(NINE + i, `entry ${i}`)]);
    journal.close();
    const path = listSegments(folder)[0].path;
    const bytes = readFileSync(path);
    for (const position of [64 + 5, 64 + 15, 64 + 30]) {
      const damaged = Buffer.from(bytes);
      damaged[position] ^= 0xff;
      writeFileSync(path, damaged);
      expect(() => open(), `byte ${position}`).toThrow(JournalDamaged);
      expect(() => readAll(), `byte ${position}`).toThrow(/at byte 64/);
    }
  });

  it('refuses a missing segment, a foreign file and another format version', () => {
    const journal = open({ segmentBytesMax: 100 });
    for (let i = 0; i < 4; i++) journal.append([frame(NINE + i, 'y'.repeat(80))]);
    journal.close();
    const segments = listSegments(folder);
    expect(segments.length).toBeGreaterThan(2);
    const removed = readFileSync(segments[1].path);
    rmSync(segments[1].path);
    expect(() => readAll()).toThrow(/expected 1/);
    writeFileSync(segments[1].path, Buffer.alloc(200, 1));
    expect(() => readAll()).toThrow(/not a journal segment/);
    removed[8] = 9;
    writeFileSync(segments[1].path, removed);
    expect(() => readAll()).toThrow(JournalDamaged);
  });

  it('stays as it was where a write fails half-way (full disk), and takes the next batch once there is room', () => {
    let failing = false;
    const disk = {
      write(fd: number, bytes: Uint8Array): number {
        if (!failing) return writeSync(fd, bytes);
        if (bytes.length > 40) return writeSync(fd, bytes.subarray(0, 40));
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      truncate: ftruncateSync,
    };
    const journal = open({ disk });
    journal.append([frame(NINE, 'first')]);
    failing = true;
    expect(() => journal.append([frame(NINE + 1, 'z'.repeat(100))])).toThrow(JournalUnavailable);
    expect(journal.nextOffset).toBe(1);
    failing = false;
    expect(journal.append([frame(NINE + 2, 'second')])).toBe(1);
    journal.close();
    expect(readAll().map((batch) => (batch.inputs[0] as FrameInput).bytes.toString())).toEqual(['first', 'second']);
  });

  it('writes nothing behind half an entry that could not be cut off, and cuts it once that works', () => {
    let state: 'good' | 'full' | 'broken' = 'good';
    const disk = {
      write(fd: number, bytes: Uint8Array): number {
        if (state === 'good') return writeSync(fd, bytes);
        if (bytes.length > 40) return writeSync(fd, bytes.subarray(0, 40));
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      },
      truncate(fd: number, bytes: number): void {
        if (state === 'broken') throw Object.assign(new Error('input/output error'), { code: 'EIO' });
        ftruncateSync(fd, bytes);
      },
    };
    const journal = open({ disk });
    journal.append([frame(NINE, 'first')]);
    state = 'broken';
    for (let i = 1; i < 3; i++) {
      expect(() => journal.append([frame(NINE + i, 'z'.repeat(100))])).toThrow(JournalUnavailable);
    }
    state = 'good';
    expect(journal.append([frame(NINE + 3, 'second')])).toBe(1);
    // A day that ends while half an entry stands there.
    state = 'broken';
    expect(() => journal.append([frame(NINE + 4, 'z'.repeat(100))])).toThrow(JournalUnavailable);
    state = 'good';
    journal.append([frame(NINE + 86_400_000_000, 'third')]);
    journal.close();
    const texts = readAll().map((batch) => (batch.inputs[0] as FrameInput).bytes.toString());
    expect(texts).toEqual(['first', 'second', 'third']);
  });

  it('goes on in a segment that holds a header only: on its day, the next one, or reopened', () => {
    const dayUs = 86_400_000_000;
    for (const later of [0, dayUs]) {
      for (const reopened of [false, true]) {
        rmSync(folder, { recursive: true, force: true });
        let full = false;
        const write = (fd: number, bytes: Uint8Array): number => {
          if (full && bytes.length > 64) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          return writeSync(fd, bytes);
        };
        // Too large for a segment, so that a rotation by size is due as well.
        const batch = (timeUs: number): Input[] => [frame(timeUs, 'w'.repeat(300))];
        let journal = open({ disk: { write, truncate: ftruncateSync }, segmentBytesMax: 200 });
        journal.append(batch(NINE));
        full = true;
        for (let i = 0; i < 2; i++) expect(() => journal.append(batch(NINE + dayUs))).toThrow(JournalUnavailable);
        expect(listSegments(folder).map(({ bytes }) => bytes)[1]).toBe(64);
        if (reopened) {
          journal.close();
          journal = open({ segmentBytesMax: 200 });
        }
        full = false;
        for (let i = 0; i < 2; i++) journal.append(batch(NINE + dayUs + later));
        journal.close();
        expect(readAll().map(({ firstOffset }) => firstOffset)).toEqual([0, 1, 2]);
        expect(readJournalEnd(folder)).toMatchObject({ nextOffset: 3, lastTimeUs: NINE + dayUs + later });
      }
    }
  });

  it('knows its end where the last segment is shorter than a header, which is not its to remove', () => {
    const journal = open();
    journal.append([frame(NINE, 'first'), frame(NINE + 1, 'second')]);
    journal.close();
    const torn = segmentPath(folder, 2);
    for (const bytes of [0, 63]) {
      writeFileSync(torn, Buffer.alloc(bytes));
      expect(readJournalEnd(folder)).toMatchObject({ nextOffset: 2, lastTimeUs: NINE + 1 });
    }
    expect(listSegments(folder)).toHaveLength(2);
    for (const { path } of listSegments(folder).slice(0, 1)) rmSync(path);
    expect(readJournalEnd(folder)).toMatchObject({ nextOffset: 0, lastTimeUs: 0 });
  });

  it('knows its end where all that was left is a header', () => {
    const journal = open();
    journal.append([frame(NINE, 'first'), frame(NINE + 1, 'second')]);
    journal.append([frame(NINE + 86_400_000_000, 'third')]);
    journal.close();
    const [pruned, last] = listSegments(folder);
    rmSync(pruned.path);
    truncateSync(last.path, 64);
    expect(readJournalEnd(folder)).toMatchObject({ nextOffset: 2, lastTimeUs: NINE + 86_400_000_000 });
    const again = open();
    again.append([frame(NINE + 2 * 86_400_000_000, 'fourth')]);
    again.close();
    expect(readAll().map(({ firstOffset }) => firstOffset)).toEqual([2]);
  });

  it('is durable to its last byte before a segment is closed, by rotation or at the end', () => {
    const bytesSynced: number[] = [];
    const sync = (fd: number): void => {
      fdatasyncSync(fd);
      bytesSynced.push(fstatSync(fd).size);
    };
    const journal = open({ segmentBytesMax: 200, disk: { sync } });
    for (let i = 0; i < 5; i++) journal.append([frame(NINE + i, 's'.repeat(60))]);
    journal.close();
    expect(bytesSynced).toEqual(listSegments(folder).map(({ bytes }) => bytes));
    expect(bytesSynced.length).toBeGreaterThan(1);
  });

  it('that cannot be made durable does not rotate, and closes all the same', () => {
    let broken = true;
    const sync = (fd: number): void => {
      if (broken) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      fdatasyncSync(fd);
    };
    const journal = open({ segmentBytesMax: 200, disk: { sync } });
    journal.append([frame(NINE, 's'.repeat(120))]);
    expect(() => journal.append([frame(NINE + 1, 's'.repeat(120))])).toThrow(JournalUnavailable);
    expect(listSegments(folder)).toHaveLength(1);
    broken = false;
    expect(journal.append([frame(NINE + 2, 's'.repeat(120))])).toBe(1);
    broken = true;
    journal.close();
    expect(readAll()).toHaveLength(2);
  });

  it('is whole on a disk that takes a few bytes at a time', () => {
    const journal = open({ disk: { write: (fd, bytes) => writeSync(fd, bytes.subarray(0, 7)) } });
    journal.append([frame(NINE, 'first'), frame(NINE + 1, 'second')]);
    journal.close();
    expect(readAll()[0].inputs).toHaveLength(2);
  });

  it('can be read while it is written: what comes meanwhile is no damage', () => {
    const journal = open();
    for (let i = 0; i < 6; i++) journal.append([frame(NINE + i, `entry ${i}`)]);
    journal.close();
    const path = listSegments(folder)[0].path;
    const whole = readFileSync(path);
    const entryBytes = 28 + 'entry 0'.length;
    for (let bytes = 64 + 2 * entryBytes; bytes < whole.length; bytes++) {
      truncateSync(path, bytes);
      const reading = readJournal({ folder });
      // The reader has seen the file at this size; now the rest is written.
      expect(reading.next().done).toBe(false);
      writeFileSync(path, whole);
      expect(() => [...reading], `at ${bytes} of ${whole.length} bytes`).not.toThrow();
    }
  });

  it('begins a segment a day, calls before it, and prunes the oldest closed days beyond the budget, never today', () => {
    const days: number[] = [];
    const journal: Journal = open({ diskBudgetBytes: 5000, beforeDay: () => days.push(journal.nextOffset) });
    for (let day = 0; day < 4; day++) {
      for (let i = 0; i < 20; i++) journal.append([frame(NINE + day * 86_400_000_000 + i, 'q'.repeat(100))]);
    }
    journal.close();
    expect(days).toEqual([20, 40, 60]);
    const kept = listSegments(folder);
    expect(kept[0].firstOffset).toBe(40);
    expect(readAll()[0].firstOffset).toBe(40);
    expect(readJournalEnd(folder)).toMatchObject({ nextOffset: 80, lastBatchId: 80 });
  });

  it('is empty, with its end at 0, where nothing was written', () => {
    expect(readAll()).toEqual([]);
    expect(readJournalEnd(join(folder, 'nowhere'))).toMatchObject({ nextOffset: 0, lastTimeUs: 0 });
  });
});

describe('the entry decoder', () => {
  it('never throws and never believes changed bytes (fuzz)', () => {
    const encoder = new EntryEncoder();
    encoder.add(frame(NINE, '0|H0STCNT0|001|005930^090000'), 7);
    const good = Buffer.from(encoder.bytes());
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (noise, at, flip) => {
        expect(typeof decodeEntry(Buffer.from(noise), 0)).toBe('string');
        const changed = Buffer.from(good);
        // Bytes 9 to 11 pad the kind: any change anywhere must be noticed.
        changed[at % changed.length] ^= flip;
        expect(typeof decodeEntry(changed, 0)).toBe('string');
      }),
    );
  });
});
