import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Subject } from 'rxjs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kstToUtcUs } from '../config/calendar.ts';
import type { Input, InputBatch } from './input.ts';
import { Journal, type JournalOptions } from './journal/journal.ts';
import { readEntries } from './journal/reader.ts';
import { Recorder } from './journal/recorder.ts';
import { type RecordingFigures, recordFeed } from './record.ts';

const log = pino({ level: 'silent' });
const NINE = kstToUtcUs(20261123, 9 * 3600);
const DAY_US = 86_400_000_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-record-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function frames(engineTimeUs: number, count: number): Input[] {
  return Array.from({ length: count }, () => ({ kind: 'frame', engineTimeUs, bytes: Buffer.alloc(500, 65) }));
}

function recording(disk: JournalOptions['disk'] = {}) {
  const journal = new Journal({
    folder,
    segmentBytesMax: 1 << 20,
    diskBudgetBytes: 1 << 30,
    compression: 'gzip',
    log,
    disk,
  });
  const recorder = new Recorder(journal, log);
  const feeds = [new Subject<InputBatch>(), new Subject<InputBatch>()];
  const shown: RecordingFigures[] = [];
  const options = { batches: feeds, recorder, journal, syncMs: 1, figuresMs: 1 };
  let told = () => {};
  const running = recordFeed({
    ...options,
    onFigures: (figures) => {
      shown.push(figures);
      told();
    },
  });
  const nextFigures = () =>
    new Promise<void>((resolve) => {
      told = resolve;
    });
  return { journal, feeds, shown, running, nextFigures };
}

it('writes what every source delivers, a new segment for each day, and tells how far it is', async () => {
  const { journal, feeds, shown, running, nextFigures } = recording();
  feeds[0].next({ receivedUs: 0, inputs: frames(NINE, 3) });
  feeds[1].next({ receivedUs: 0, inputs: [] });
  feeds[1].next({ receivedUs: 0, inputs: frames(NINE + DAY_US, 2) });
  await journal.compressed();
  await nextFigures();
  running.unsubscribe();
  expect(shown.at(-1)).toMatchObject({ entries: 5, segmentsCompressed: 1, compressionFailures: 0, available: true });
  expect(shown.at(-1)!.diskBytes).toBeLessThan(shown.at(-1)!.bytesWritten);
  feeds[0].next({ receivedUs: 0, inputs: frames(NINE + DAY_US, 1) });
  journal.close();
  expect([...readEntries({ folder })].map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
});

it('goes on while the disk is full, says how much is lost, and records again once there is room', () => {
  let full = false;
  const write = (fd: number, bytes: Uint8Array): number => {
    if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    return writeSync(fd, bytes);
  };
  const { journal, feeds, shown, running } = recording({ write });
  feeds[0].next({ receivedUs: 0, inputs: frames(NINE, 1) });
  full = true;
  feeds[0].next({ receivedUs: 0, inputs: frames(NINE + 1, 4) });
  full = false;
  feeds[0].next({ receivedUs: 0, inputs: frames(NINE + 2_000_000, 2) });
  running.unsubscribe();
  journal.close();
  // The notice that the journal is away is one of those that it does not hold.
  expect(shown.at(-1)).toMatchObject({ entries: 3, unjournaled: 5, available: true });
  expect([...readEntries({ folder })]).toHaveLength(3);
});
