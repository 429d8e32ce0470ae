// How far a journal has been shipped, as the log itself tells: a crash between an append and a note of it loses nothing then.
import { branchName, branchOf, isInFrontOf } from './journal-place.ts';
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
 * written under their numbers now is something else, so the journal goes on under another name.
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
  const all = [...ends.values()];
  if (all.length === 0) return { journal: journalId, next: 0, last: nothing, term };
  const { journal } = all.reduce((one, other) =>
    branchOf(other.journal).order > branchOf(one.journal).order ? other : one,
  );
  // Of an earlier name such entries count no more.
  if (all.some((end) => end.journal === journal && end.batch >= nextOffset))
    return { journal: branchName(journalId, nextOffset, term), next: nextOffset, last: nothing, term };
  const { begins } = branchOf(journal);
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
  if (branchOf(end.journal).id !== journalId) return false;
  return than === undefined || isInFrontOf({ ...than, entry: than.last }, { ...end, entry: end.last });
}
