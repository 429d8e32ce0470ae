// How far a journal has been shipped, as the log itself tells: a crash between an append and a note of it loses nothing then.
import { lastRecords } from './last-records.ts';
import type { PartitionedLog } from './partitioned-log.ts';
import { type ShareHeaders, shareHeaders } from './topics.ts';

/**
 * A request whose answer was lost may reach the log behind its own repetition: then the last record is none of the furthest.
 * So many of each partition cover all that one request holds at the usual sizes.
 */
const RECORDS_LOOKED_AT = 500;

export interface ShippingPlace {
  /** Name of the journal in the log. */
  readonly journal: string;
  /** The next entry to be shipped; the first of a batch. */
  readonly next: number;
  /** Last entry that each partition has; −1 for none. */
  readonly last: readonly number[];
  /** Above that of every ingest before: the clock of another host, or one that was set back, would make this one late. */
  readonly term: number;
}

/**
 * The name is the journal's id. A machine that went down may have taken entries with it that were shipped already; what is
 * written under their numbers now is something else, so the journal goes on under another name: id+number.
 * @param nextOffset of the journal when it was opened
 * @param termMin term where the log does not ask for a higher one
 * @throws LogError where the log cannot be read
 */
export async function shippingPlace(
  log: PartitionedLog,
  topic: string,
  partitions: number,
  journalId: string,
  nextOffset: number,
  termMin: number,
): Promise<ShippingPlace> {
  const ends = new Map<number, ShareHeaders>();
  let term = termMin;
  for (const [partition, records] of await lastRecords(log, topic, { count: RECORDS_LOOKED_AT })) {
    for (const { headers } of records) {
      const end = shareHeaders(headers);
      if (end === null) continue;
      term = Math.max(term, end.term + 1);
      if (isFurther(end, ends.get(partition), journalId)) ends.set(partition, end);
    }
  }
  const nothing = Array.from({ length: partitions }, () => -1);
  if (ends.size === 0) return { journal: journalId, next: 0, last: nothing, term };
  if ([...ends.values()].some(({ batch }) => batch >= nextOffset))
    return { journal: `${journalId}+${nextOffset}`, next: nextOffset, last: nothing, term };
  const begins = Math.max(...[...ends.values()].map(({ journal }) => branchOf(journal, journalId)!));
  const journal = begins === 0 ? journalId : `${journalId}+${begins}`;
  const of = nothing.map((_, partition) => {
    const end = ends.get(partition);
    return end?.journal === journal ? end : undefined;
  });
  return {
    journal,
    next: Math.min(...of.map((end) => (end === undefined ? begins : end.batch + 1))),
    last: of.map((end) => end?.last ?? -1),
    term,
  };
}

/** Of two shares of this journal; one of another journal is nowhere. */
function isFurther(end: ShareHeaders, than: ShareHeaders | undefined, journalId: string): boolean {
  const begins = branchOf(end.journal, journalId);
  if (begins === null || than === undefined) return begins !== null;
  const thanBegins = branchOf(than.journal, journalId)!;
  return begins > thanBegins || (begins === thanBegins && end.last > than.last);
}

/** Entry with which a name of this journal begins; null for another journal's. */
function branchOf(name: string, journalId: string): number | null {
  if (name === journalId) return 0;
  if (!name.startsWith(`${journalId}+`)) return null;
  const begins = Number(name.slice(journalId.length + 1));
  return Number.isSafeInteger(begins) ? begins : null;
}
