// A part of a journal as a person names it: from an entry or a time of Korea up to another. Reading begins at the segment
// in which it starts; what lies before is not opened beyond its header.
import { kstToUtcUs } from '../../../config/calendar.ts';
import { type JournalEntry, readEntries, readJournalEnd } from '../reader.ts';
import { listSegments, SegmentReader } from '../segments.ts';

/** What was asked for cannot be: told to who asked, no fault of the journal. */
export class SelectionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SelectionError';
  }
}

/** A place in a journal: the number of an entry, or engine time (UTC microseconds). */
export type Position = { readonly offset: number } | { readonly timeUs: number };

export interface Selection {
  readonly from?: Position | undefined;
  /** Not included. */
  readonly to?: Position | undefined;
}

/** Called now and then with the part that is done, 0 … 1. */
export type OnProgress = (fraction: number) => void;

const ENTRIES_PER_PROGRESS = 20_000;
const TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?)?$/;

/** `1200` is the entry of that number, `2026-11-23` or `2026-11-23T09:00[:00]` a time of Korea. @throws SelectionError */
export function parsePosition(text: string): Position {
  if (/^\d{1,15}$/.test(text)) return { offset: Number(text) };
  const match = TIME.exec(text);
  const [year, month, day, hour = 0, minute = 0, second = 0] = (match ?? [])
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const right = match !== null && month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour < 24 && minute < 60;
  if (!right || second >= 60) {
    throw new SelectionError(`"${text}" is neither an entry's number nor a time such as 2026-11-23T09:00:00`);
  }
  return { timeUs: kstToUtcUs(year * 10_000 + month * 100 + day, hour * 3600 + minute * 60 + second) };
}

/** @throws SelectionError where the folder holds no journal */
export function assertJournal(folder: string): void {
  if (listSegments(folder).length === 0) throw new SelectionError(`${folder}: no journal here`);
}

/**
 * The selected entries in order.
 * @throws SelectionError where the folder holds no journal
 * @throws JournalDamaged where it cannot be read
 */
export function* selectEntries(
  folder: string,
  { from, to }: Selection = {},
  onProgress: OnProgress = () => {},
): Generator<JournalEntry> {
  assertJournal(folder);
  const fromOffset = firstOffsetOf(folder, from);
  const { nextOffset } = readJournalEnd(folder);
  const afterOffset = to !== undefined && 'offset' in to ? Math.min(to.offset, nextOffset) : nextOffset;
  const fromUs = from !== undefined && 'timeUs' in from ? from.timeUs : 0;
  const toUs = to !== undefined && 'timeUs' in to ? to.timeUs : Infinity;
  let read = 0;
  for (const found of readEntries({ folder, fromOffset })) {
    const { engineTimeUs } = found.entry.input;
    if (found.offset >= afterOffset || engineTimeUs >= toUs) break;
    if (engineTimeUs >= fromUs) yield found;
    read += 1;
    if (read % ENTRIES_PER_PROGRESS === 0) onProgress((found.offset - fromOffset) / (afterOffset - fromOffset));
  }
  onProgress(1);
}

/** Where reading must begin; engine time never goes back, so a segment's first entry tells what lies before it. */
function firstOffsetOf(folder: string, from: Position | undefined): number {
  const segments = listSegments(folder);
  if (from === undefined) return segments[0].firstOffset;
  if ('offset' in from) return Math.max(from.offset, segments[0].firstOffset);
  let low = 0;
  for (let high = segments.length - 1; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    if (new SegmentReader(segments[middle].path).header.createdUs < from.timeUs) low = middle;
    else high = middle - 1;
  }
  return segments[low].firstOffset;
}
