// `journal ls`: the segments of a journal, from their names and headers alone.
import { kstDate } from '../../../config/calendar.ts';
import type { Compression } from '../compression.ts';
import { JournalDamaged } from '../format.ts';
import { readJournalEnd } from '../reader.ts';
import { listSegments, type SegmentFile, SegmentReader } from '../segments.ts';
import { assertJournal } from './selection.ts';
import { bytesText, countText, kstIso, table } from './text.ts';

export interface SegmentListing {
  readonly path: string;
  /** KST date of its first entry, YYYYMMDD: the journal's day. */
  readonly date: number;
  readonly firstOffset: number;
  readonly entries: number;
  /** On the disk. */
  readonly bytes: number;
  readonly compression: Compression | null;
  readonly from: string;
}

export interface JournalListing {
  readonly folder: string;
  readonly days: number;
  readonly entries: number;
  readonly bytes: number;
  /** Time of the first and of the last entry, Korea. */
  readonly from: string;
  readonly until: string;
  readonly segments: readonly SegmentListing[];
  /** What cannot be read, by file. */
  readonly damages: readonly string[];
}

/** @throws SelectionError where the folder holds no journal */
export function journalListing(folder: string): JournalListing {
  assertJournal(folder);
  const damages: string[] = [];
  const files = listSegments(folder);
  const end = readable(() => readJournalEnd(folder), damages);
  const segments = files.flatMap((file, i) => {
    const createdUs = readable(() => new SegmentReader(file.path).header.createdUs, damages);
    const next = files[i + 1]?.firstOffset ?? end?.nextOffset ?? file.firstOffset;
    return createdUs === null ? [] : [segmentListing(file, createdUs, next)];
  });
  return {
    folder,
    days: new Set(segments.map(({ date }) => date)).size,
    entries: segments.reduce((sum, { entries }) => sum + entries, 0),
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    from: segments[0]?.from ?? '',
    until: end === null ? '' : kstIso(end.lastTimeUs),
    segments,
    damages: [...new Set(damages)],
  };
}

function segmentListing({ path, firstOffset, bytes, compression }: SegmentFile, createdUs: number, next: number) {
  const from = kstIso(createdUs);
  return { path, date: kstDate(createdUs), firstOffset, entries: next - firstOffset, bytes, compression, from };
}

/** A damaged file is listed as such; the others are listed all the same. */
function readable<T>(read: () => T, damages: string[]): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof JournalDamaged)) throw error;
    damages.push(error.message);
    return null;
  }
}

export function listingText({ folder, days, entries, bytes, from, until, segments, damages }: JournalListing): string {
  const compressed = segments.filter(({ compression }) => compression !== null);
  const head = table([
    ['journal', folder],
    ['days', countText(days)],
    ['entries', countText(entries)],
    ['segments', `${countText(segments.length)}, ${countText(compressed.length)} of them compressed`],
    ['disk', bytesText(bytes)],
    ['from', from],
    ['until', until],
  ]);
  const rows = segments.map(({ firstOffset, entries, bytes, compression, from }) => [
    from.slice(0, 19).replace('T', ' '),
    countText(firstOffset),
    countText(entries),
    bytesText(bytes),
    compression ?? '-',
  ]);
  const list = table([['from (KST)', 'first entry', 'entries', 'disk', 'form'], ...rows], [1, 2, 3]);
  return `${head}\n${list}${damages.map((damage) => `${damage}\n`).join('')}`;
}
