// Reads a journal entry by entry or batch by batch, from an offset on. Who replays, recovers or exports goes through here.
import type { Input } from '../input.ts';
import { type Entry, JournalDamaged } from './format.ts';
import { assertContiguous, findEntryBehind, isTornHeader, listSegments, SegmentReader } from './segments.ts';

/** The entries of one batch; `firstOffset` is the number of its first entry in the journal. */
export interface JournalBatch {
  readonly batchId: number;
  readonly firstOffset: number;
  readonly inputs: Input[];
}

export interface ReadJournal {
  readonly folder: string;
  /** Entries before it are skipped; 0 reads all. For batches it must be the first entry of one, as in a snapshot. */
  readonly fromOffset?: number;
  /** Entries from it on are left; for batches it must be the first entry of one. (all that there is) */
  readonly toOffset?: number;
}

export interface JournalEntry {
  readonly offset: number;
  readonly entry: Entry;
}

/**
 * Entries in order. A torn tail of the last segment ends the journal.
 * @throws JournalDamaged where entries are damaged or missing in front of good ones
 */
export function* readEntries({ folder, fromOffset = 0, toOffset = Infinity }: ReadJournal): Generator<JournalEntry> {
  const segments = listSegments(folder);
  let offset = segments[0]?.firstOffset ?? 0;
  for (const [i, segment] of segments.entries()) {
    if (offset >= toOffset) return;
    assertContiguous(offset, segment);
    const next = segments[i + 1];
    if (next !== undefined && next.firstOffset <= fromOffset) {
      offset = next.firstOffset;
      continue;
    }
    const reader = new SegmentReader(segment.path);
    for (const { entry } of reader.entries()) {
      if (offset >= toOffset) return;
      if (offset >= fromOffset) yield { offset, entry };
      offset += 1;
    }
    if (!reader.complete && (next !== undefined || findEntryBehind(segment.path, reader.endPosition) !== -1)) {
      throw new JournalDamaged(segment.path, reader.endPosition, `entry ${offset} does not match its checksum`);
    }
  }
}

/**
 * Batches in order, as `readEntries` gives their entries. A batch that is cut off, or that is being written, ends the
 * journal: it has not been applied.
 * @throws JournalDamaged where entries are damaged or missing in front of good ones
 */
export function* readJournal(from: ReadJournal): Generator<JournalBatch> {
  let batch: JournalBatch | null = null;
  let isWhole = false;
  for (const { offset, entry } of readEntries(from)) {
    if (batch !== null && batch.batchId !== entry.batchId) {
      yield batch;
      batch = null;
    }
    batch ??= { batchId: entry.batchId, firstOffset: offset, inputs: [] };
    batch.inputs.push(entry.input);
    isWhole = !entry.hasMore;
  }
  if (batch !== null && isWhole) yield batch;
}

export interface JournalEnd {
  /** Number of the next entry. */
  readonly nextOffset: number;
  readonly lastBatchId: number;
  readonly lastTimeUs: number;
}

/**
 * Where the journal ends, behind its last whole batch, read from its last segments only. Also without the lock: a last segment whose header is torn
 * holds nothing yet, and whoever opens the journal for writing removes it.
 */
export function readJournalEnd(folder: string): JournalEnd {
  const newestFirst = listSegments(folder).reverse();
  if (newestFirst.length > 0 && isTornHeader(newestFirst[0])) newestFirst.shift();
  for (const segment of newestFirst) {
    let end: JournalEnd | null = null;
    let offset = segment.firstOffset;
    for (const { entry } of new SegmentReader(segment.path).entries()) {
      offset += 1;
      if (entry.hasMore) continue;
      end = {
        nextOffset: offset,
        lastBatchId: entry.batchId,
        lastTimeUs: entry.input.engineTimeUs,
      };
    }
    if (end !== null) return end;
  }
  // Segments without an entry, or none: the days before were pruned, and the last header tells where they ended.
  if (newestFirst.length === 0) return { nextOffset: 0, lastBatchId: 0, lastTimeUs: 0 };
  const [{ path, firstOffset }] = newestFirst;
  const { createdUs } = new SegmentReader(path).header;
  return { nextOffset: firstOffset, lastBatchId: 0, lastTimeUs: createdUs };
}
