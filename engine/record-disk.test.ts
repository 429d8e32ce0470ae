// A disk that fills, tears writes and comes back while a feed is recorded: what was acknowledged is in the journal, whole
// and in order; what was not is counted, said, and nowhere.
import { mkdtempSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { Subject } from 'rxjs';
import { expect, it } from 'vitest';
import { kstToUtcUs } from '../config/calendar.ts';
import type { Input, InputBatch } from './input.ts';
import { Journal } from './journal/journal.ts';
import { readEntries } from './journal/reader.ts';
import { Recorder } from './journal/recorder.ts';
import { type RecordingFigures, recordFeed, recordingLine } from './record.ts';
import { control, startCommand } from './test-market.ts';

const NINE = kstToUtcUs(20261123, 9 * 3600);
const STEP_US = 100_000;

/** One write: taken whole, refused, or torn after so many bytes. */
const outcome = fc.oneof(
  { weight: 6, arbitrary: fc.constant('taken' as const) },
  { weight: 2, arbitrary: fc.constant('refused' as const) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 400 }) },
);

function fullDisk(): Error {
  return Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
}

function frame(number: number): Input {
  const bytes = Buffer.from(`0|H0STCNT0|001|${number}^`.padEnd(300 + (number % 90), 'x'));
  return { kind: 'frame', engineTimeUs: NINE + number * STEP_US, bytes };
}

function numberOf(input: Input): number[] {
  return input.kind === 'frame' ? [Number(/\|(\d+)\^/.exec(Buffer.from(input.bytes).toString('latin1'))![1])] : [];
}

it('loses nothing that was acknowledged, and counts the rest', () => {
  fc.assert(
    fc.property(fc.array(outcome, { maxLength: 60 }), (outcomes) => {
      const folder = mkdtempSync(join(tmpdir(), 'kisignal-record-disk-'));
      const said: string[] = [];
      const log = pino({}, { write: (line: string) => said.push(line) });
      let calls = 0;
      let broken = 0;
      const write = (fd: number, bytes: Uint8Array): number => {
        const next = outcomes[calls++] ?? 'taken';
        if (next === 'taken') return writeSync(fd, bytes);
        broken += 1;
        if (next !== 'refused') writeSync(fd, bytes.subarray(0, next));
        throw fullDisk();
      };
      const options = { segmentBytesMax: 1 << 16, diskBudgetBytes: 1 << 30, log };
      const journal = new Journal({ folder, ...options, disk: { write } });
      const recorder = new Recorder(journal, log);
      const feed = new Subject<InputBatch>();
      const shown: RecordingFigures[] = [];
      const running = recordFeed({
        batches: [feed],
        recorder,
        journal,
        syncMs: 1000,
        onFigures: (figures) => shown.push(figures),
      });
      const acknowledged: number[] = [];
      feed.next({ receivedUs: 0, inputs: [control(startCommand(), NINE)] });
      const count = 40;
      for (let number = 0; number < count; number++) {
        feed.next({ receivedUs: 0, inputs: [frame(number)] });
        if (recorder.available) acknowledged.push(number);
      }
      running.unsubscribe();
      journal.close();
      // Opened again, as the next run does it: nothing is torn behind the last entry.
      new Journal({ folder, ...options }).close();
      const kept = [...readEntries({ folder })].flatMap(({ entry }) => numberOf(entry.input));
      rmSync(folder, { recursive: true });
      expect(kept).toEqual(acknowledged);
      const last = shown.at(-1)!;
      expect(last.available).toBe(recorder.available);
      expect(last.unjournaled).toBeGreaterThanOrEqual(count - kept.length);
      expect(said.some((line) => line.includes('journal_unavailable'))).toBe(broken > 0);
    }),
    { numRuns: 60 },
  );
});

it('shows in the line of a terminal that nothing is kept any more', () => {
  const figures: RecordingFigures = {
    entries: 12_345,
    entriesPerSecond: 99.6,
    bytesWritten: 0,
    diskBytes: 2_500_000,
    segmentsCompressed: 2,
    compressionFailures: 0,
    unjournaled: 7,
    available: true,
  };
  expect(recordingLine(figures)).toBe('12,345 entries  100/s  2.5 MB  2 compressed');
  expect(recordingLine({ ...figures, available: false })).toMatch(/ {2}THE JOURNAL CANNOT BE WRITTEN$/);
});
