// Anchors that were kept elsewhere against the seals that stand in the journal now.
import type { Anchor } from './anchors.ts';
import type { CheckedJournal, PlacedSeal } from './checked-journal.ts';
import type { Finding } from './findings.ts';

/** @param journalId of the journal; null where that is not known */
export function checkAnchors(
  anchors: readonly Anchor[],
  {
    seals,
    firstOffset,
    firstHash,
    nextOffset,
  }: Pick<CheckedJournal, 'seals' | 'firstOffset' | 'firstHash' | 'nextOffset'>,
  journalId: string | null,
): Finding[] {
  const byOffset = new Map<number, PlacedSeal[]>();
  for (const seal of seals) byOffset.set(seal.offset, [...(byOffset.get(seal.offset) ?? []), seal]);
  const lastOffset = seals.at(-1)?.offset ?? -1;
  /** Up to here all is as the anchors say. */
  let sureOffset = firstOffset;
  return anchors.flatMap((anchor): Finding[] => {
    const { offset, chainHash, timeUs } = anchor;
    const at = `anchor at entry ${offset} (${new Date(timeUs / 1000).toISOString()})`;
    if (journalId !== null && anchor.journalId !== journalId) {
      return [{ code: 'anchor_foreign', message: `${at} is of journal ${anchor.journalId}, this is ${journalId}` }];
    }
    if (offset < firstOffset) {
      return [{ code: 'anchor_pruned', message: `${at}: the journal is kept from entry ${firstOffset} on` }];
    }
    if (offset > lastOffset) {
      const message = `${at} has seal ${chainHash}; the journal ends with entry ${nextOffset}, its last seal stands at ${lastOffset}`;
      return [{ code: 'anchor_beyond_end', message, entries: [Math.min(nextOffset, offset), offset] }];
    }
    const here = byOffset.get(offset) ?? [];
    const hashes = here.map((seal) => seal.chainHash);
    // The seal in front of the first kept segment went with its day; its hash stands in the segment's header.
    if (offset === firstOffset && firstHash !== null) hashes.push(firstHash);
    if (hashes.some((hash) => hash.toString('hex') === chainHash)) {
      sureOffset = offset;
      return [];
    }
    const found = here.at(-1);
    const message = `${at} has ${chainHash}; the journal has ${found?.chainHash.toString('hex') ?? 'no seal there'}`;
    const place = found === undefined ? {} : { file: found.file, bytes: [found.byte, found.byte] as const };
    return [{ code: 'anchor_differs', message, entries: [sureOffset, offset], ...place }];
  });
}
