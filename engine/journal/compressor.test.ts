import { hash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import type { Input } from '../input.ts';
import { CompressionUnavailable, chooseCompression, endMark, matchesEndMark } from './compression.ts';
import { BODY_BYTES_MAX, JournalDamaged } from './format.ts';
import { Journal, type JournalOptions } from './journal.ts';
import { type JournalBatch, readJournal, readJournalEnd } from './reader.ts';
import { compressedPath } from './segment-names.ts';
import { listSegments } from './segments.ts';

const log = pino({ level: 'silent' });
const NINE = kstToUtcUs(20261123, 9 * 3600);
const DAY_US = 86_400_000_000;
const hasZstd = typeof zlib.zstdCompress === 'function';
const COMPRESSIONS = hasZstd ? (['gzip', 'zstd'] as const) : (['gzip'] as const);
const NO_SPACE = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-compressor-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(options: Partial<JournalOptions> = {}): Journal {
  const limits = { segmentBytesMax: 300, diskBudgetBytes: 1 << 30 };
  return new Journal({ folder, ...limits, compression: 'gzip', log, ...options });
}

function frame(engineTimeUs: number, bytes: number, seed = 1): Input {
  const content = Buffer.alloc(bytes);
  for (let i = 0, state = seed; i < bytes; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    content[i] = state >>> 24;
  }
  return { kind: 'frame', engineTimeUs, bytes: content };
}

/** A journal of so many segments and one that is open. */
async function filled(segments: number, options: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = open({ compression: 'none', ...options });
  for (let i = 0; i <= segments; i++) journal.append([frame(NINE + i, 250, i + 1)]);
  await journal.compressed();
  return journal;
}

/** A batch as a line of text: its bytes as their digest, because some are a mebibyte. */
function told({ firstOffset, batchId, inputs }: JournalBatch): string {
  const inputsTold = inputs.map(({ engineTimeUs, ...input }) => {
    const bytes = input.kind === 'frame' ? input.bytes : Buffer.from(JSON.stringify(input));
    return `${engineTimeUs} ${input.kind} ${bytes.length} ${hash('sha1', bytes)}`;
  });
  return [firstOffset, batchId, ...inputsTold].join(' ');
}

const readAll = (): string[] => [...readJournal({ folder })].map(told);
const names = (): string[] => readdirSync(folder).sort();

describe('compression of closed segments', () => {
  it('leaves every entry as it was, in all segments but the open one, across reopening', async () => {
    const lengths = fc.array(
      fc.oneof({ weight: 30, arbitrary: fc.nat(3000) }, { weight: 1, arbitrary: fc.constant(BODY_BYTES_MAX) }),
      { minLength: 1, maxLength: 12 },
    );
    const runs = fc.asyncProperty(lengths, fc.constantFrom(...COMPRESSIONS), fc.nat(5000), async (each, by, size) => {
      rmSync(folder, { recursive: true, force: true });
      const options = { compression: by, segmentBytesMax: 100 + size };
      let journal = open(options);
      for (const [i, length] of each.entries()) journal.append([frame(NINE + i, length, i + 1)]);
      await journal.compressed();
      const half = readAll();
      expect(half).toEqual(
        each.map((length, i) => told({ firstOffset: i, batchId: i + 1, inputs: [frame(NINE + i, length, i + 1)] })),
      );
      expect(listSegments(folder).map(({ compression }) => compression)).toEqual(
        listSegments(folder).map((_, i, all) => (i < all.length - 1 ? by : null)),
      );
      const onDisk = listSegments(folder).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(journal.bytes).toBe(onDisk);
      journal.close();
      journal = open(options);
      expect(journal.nextOffset).toBe(each.length);
      journal.append([frame(NINE + 99, 10)]);
      await journal.compressed();
      journal.close();
      expect(readAll()).toHaveLength(each.length + 1);
      expect([...readJournal({ folder, fromOffset: each.length })]).toHaveLength(1);
    });
    await fc.assert(runs, { numRuns: 15 });
  });

  it('makes standard files: what reads gzip gives the segment back', async () => {
    (await filled(2)).close();
    const [first] = listSegments(folder);
    const original = readFileSync(first.path);
    const journal = open();
    await journal.compressed();
    journal.close();
    expect(zlib.gunzipSync(readFileSync(compressedPath(first.path, 'gzip'))).equals(original)).toBe(true);
  });

  it('takes zstd where this Node has it, and says what is needed where it has not', () => {
    expect(chooseCompression('auto')).toBe(hasZstd ? 'zstd' : 'gzip');
    expect(chooseCompression('none')).toBeNull();
    if (hasZstd) expect(chooseCompression('zstd')).toBe('zstd');
    else expect(() => open({ compression: 'zstd' })).toThrow(CompressionUnavailable);
  });

  it('counts what it did, and the budget counts what is left', async () => {
    const journal = open({ diskBudgetBytes: 30_000 });
    const text = (i: number): Input => ({
      kind: 'frame',
      engineTimeUs: NINE + i * DAY_US,
      bytes: Buffer.alloc(9000, 65),
    });
    // Ten days of 9 kB would not fit, compressed they do.
    for (let i = 0; i < 10; i++) {
      journal.append([text(i)]);
      await journal.compressed();
    }
    journal.close();
    expect(listSegments(folder)).toHaveLength(10);
    expect(journal.compression).toMatchObject({
      running: false,
      segments: 9,
      failures: 0,
      plainBytes: 9 * (64 + 28 + 9000),
    });
    expect(journal.compression!.compressedBytes).toBeLessThan(9 * 300);
  });

  it('is pruned with its day, whichever of its forms is there', async () => {
    const journal = await filled(3, { diskBudgetBytes: 1000, compression: 'gzip' });
    const [first] = listSegments(folder);
    writeFileSync(first.path.slice(0, -'.gz'.length), zlib.gunzipSync(readFileSync(first.path)));
    journal.append([frame(NINE + DAY_US, 1500)]);
    await journal.compressed();
    journal.close();
    expect(names()).toEqual(['0000000000000004.kisj']);
  });

  it('is read on while segments are replaced under the reader', async () => {
    const journal = await filled(6);
    journal.close();
    const before = readAll();
    const reading = readJournal({ folder });
    const read = [told(reading.next().value)];
    const again = open();
    await again.compressed();
    for (const batch of reading) read.push(told(batch));
    again.close();
    expect(read).toEqual(before);
  });
});

describe('a compression that was cut off', () => {
  it('leaves what was written: its part and its unfinished twin are removed when the journal is opened', async () => {
    (await filled(3)).close();
    const before = readAll();
    const [first, second] = listSegments(folder);
    writeFileSync(compressedPath(first.path, 'gzip'), 'half of it');
    writeFileSync(compressedPath(first.path, 'zstd'), 'half of it');
    writeFileSync(`${compressedPath(second.path, 'zstd')}.part`, 'half of it');
    expect(readAll()).toEqual(before);
    open({ compression: 'none' }).close();
    expect(names()).toEqual([0, 1, 2, 3].map((offset) => `${String(offset).padStart(16, '0')}.kisj`));
    expect(readAll()).toEqual(before);
  });

  it('at any write, by closing: nothing of it is left, and nothing is touched afterwards', async () => {
    (await filled(2)).close();
    const before = names();
    const content = readAll();
    // A segment here is two blocks, its header and the rest, and the end mark.
    for (let held = 0; held < 4; held++) {
      let writes = 0;
      // What closing does is done while this write is under way.
      const write = async (fd: number, bytes: Uint8Array): Promise<number> => {
        if (writes++ === held) journal.close();
        return writeSync(fd, bytes);
      };
      const journal = open({ compressionDisk: { write } });
      await journal.compressed();
      expect(writes).toBe(held + 1);
      expect(names().filter((name) => name.endsWith('.part'))).toEqual([]);
      expect(readAll()).toEqual(content);
    }
    // One segment was finished before the last was given up.
    expect(names().map((name) => name.endsWith('.gz'))).toEqual([true, false, false]);
    expect(names()).toHaveLength(before.length);
  });

  it('goes on in a new segment where the last one left is compressed', async () => {
    (await filled(2, { compression: 'gzip' })).close();
    truncateSync(listSegments(folder)[2].path, 40);
    let days = 0;
    const journal = open({ beforeDay: () => days++ });
    expect([journal.nextOffset, names()]).toEqual([2, ['0000000000000000.kisj.gz', '0000000000000001.kisj.gz']]);
    journal.append([frame(NINE + 5, 20)]);
    journal.close();
    expect(days).toBe(0);
    expect(readJournalEnd(folder)).toMatchObject({ nextOffset: 3, lastBatchId: 3 });
    expect(readAll()).toHaveLength(3);
  });
});

describe('a disk that refuses', () => {
  it('at any byte leaves the journal whole, is counted, and the next round succeeds', async () => {
    (await filled(3)).close();
    const content = readAll();
    for (const room of [0, 10, 84, 90, 200, 300]) {
      let left = room;
      const write = async (fd: number, bytes: Uint8Array): Promise<number> => {
        if (left === 0) throw NO_SPACE;
        const taken = Math.min(left, bytes.length);
        left -= taken;
        return writeSync(fd, bytes.subarray(0, taken));
      };
      const journal = open({ compressionDisk: { write } });
      await journal.compressed();
      expect(journal.compression).toMatchObject({ running: false, segments: 0, failures: 1 });
      expect(names().every((name) => name.endsWith('.kisj'))).toBe(true);
      expect(readAll()).toEqual(content);
      left = Infinity;
      if (room === 300) {
        journal.append([frame(NINE + 50, 250)]);
        await journal.compressed();
        expect(journal.compression).toMatchObject({ segments: 4, failures: 1 });
      }
      journal.close();
    }
    expect(readAll()).toHaveLength(content.length + 1);
  });

  it('keeps its last room for the journal: without twice the size of a segment nothing is begun', async () => {
    (await filled(3)).close();
    let writes = 0;
    const write = async () => writes++;
    const journal = open({ compressionDisk: { freeBytes: async () => 600, write } });
    await journal.compressed();
    journal.close();
    expect([writes, journal.compression?.failures]).toEqual([0, 1]);
  });

  it('and one that wrote something else is found out before the original is removed', async () => {
    (await filled(2)).close();
    const content = readAll();
    const write = async (fd: number, bytes: Uint8Array): Promise<number> => {
      const changed = Buffer.from(bytes);
      changed[changed.length - 12] ^= 1;
      return writeSync(fd, changed);
    };
    const journal = open({ compressionDisk: { write } });
    await journal.compressed();
    journal.close();
    expect(journal.compression).toMatchObject({ segments: 0, failures: 2 });
    expect(names()).toHaveLength(3);
    expect(readAll()).toEqual(content);
  });
});

describe('a damaged compressed segment', () => {
  it('is refused with its path, wherever it is damaged or cut; what does no harm is read as it was', async () => {
    for (const compression of COMPRESSIONS) {
      rmSync(folder, { recursive: true, force: true });
      (await filled(2, { compression })).close();
      const content = readAll();
      const { path } = listSegments(folder)[0];
      const good = readFileSync(path);
      let refused = 0;
      for (let at = 0; at < good.length; at++) {
        const bad = Buffer.from(good);
        bad[at] ^= 0xff;
        writeFileSync(path, bad);
        try {
          expect(readAll()).toEqual(content);
        } catch (error) {
          if (!(error instanceof JournalDamaged)) throw error;
          expect(error.file).toBe(path);
          refused += 1;
        }
        writeFileSync(path, good.subarray(0, at));
        const blocksEnd = good.length - endMark(compression, 0).length;
        if (at < blocksEnd) expect(readAll, `${compression} cut at ${at}`).toThrow(JournalDamaged);
        // One whose lead was changed is none; what reads the journal says so.
        if (at < blocksEnd) expect(matchesEndMark(compression, bad), `${compression} changed at ${at}`).toBe(false);
      }
      // Of gzip's header nobody reads time, system and flags of the compressor, and nobody but a proof the end mark.
      expect(refused).toBeGreaterThan(good.length - 2 * 10 - 14);
    }
  });
});
