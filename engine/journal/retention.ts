// What of a journal goes when the disk budget is over: whole closed days, the oldest first, and only so far that a replay
// can begin with what is left. The running day is never touched.
import { rmSync } from 'node:fs';
import type { Logger } from 'pino';
import { kstDate } from '../../config/calendar.ts';
import { otherForms } from './segment-names.ts';
import { listSegments, type SegmentFile, SegmentReader } from './segments.ts';

export interface JournalDay {
  /** KST, yyyymmdd. */
  readonly date: number;
  readonly firstOffset: number;
  readonly bytes: number;
  readonly segments: readonly SegmentFile[];
}

/** Days of a journal in order, each from its first segment on. */
export function journalDays(folder: string): JournalDay[] {
  const days: (JournalDay & { bytes: number; segments: SegmentFile[] })[] = [];
  for (const segment of listSegments(folder)) {
    const date = kstDate(new SegmentReader(segment.path).header.createdUs);
    const { firstOffset, bytes } = segment;
    const last = days.at(-1);
    if (last?.date !== date) days.push({ date, firstOffset, bytes, segments: [segment] });
    else {
      last.segments.push(segment);
      last.bytes += bytes;
    }
  }
  return days;
}

export interface RetentionOptions {
  readonly folder: string;
  readonly totalBytes: number;
  readonly diskBudgetBytes: number;
  /** Whether a replay can begin at this first entry of a day. (always) */
  readonly mayBegin?: ((offset: number) => boolean) | undefined;
  readonly log: Logger;
}

/** Removes as few days as the budget asks for, or as many as may go; how many bytes that were. */
export function pruneDays({ folder, totalBytes, diskBudgetBytes, mayBegin, log }: RetentionOptions): number {
  const days = journalDays(folder);
  let gone = 0;
  for (let bytes = totalBytes; bytes > diskBudgetBytes && gone < days.length - 1; gone++) bytes -= days[gone].bytes;
  while (gone > 0 && mayBegin?.(days[gone].firstOffset) === false) gone -= 1;
  let removedBytes = 0;
  for (const { date, segments, bytes } of days.slice(0, gone)) {
    for (const { path } of segments) {
      for (const form of [path, ...otherForms(path)]) rmSync(form, { force: true });
    }
    removedBytes += bytes;
    log.warn({ date, segments: segments.length, diskBudgetBytes }, 'journal day pruned: disk budget');
  }
  return removedBytes;
}
