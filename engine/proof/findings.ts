// What a verification can find: a code that is public, where it is, and a sentence for people.

/** Codes with their meaning. */
export const FAULTS = {
  entry_damaged: 'a record of the journal does not match its checksum, or a compressed block cannot be read',
  header_damaged: 'the header of a segment does not match its checksum or its place',
  entries_missing: 'entries lie between two segments and are in neither',
  chain_broken: 'a seal does not close the bytes in front of it, or a segment does not continue the one before it',
  content_missing: 'an entry names a content that is not there',
  content_changed: 'a content does not match the SHA-256 that is its name',
  snapshot_damaged: 'a snapshot does not match its checksum',
  anchor_differs: 'at an anchor the journal stands otherwise: its history was written anew',
  anchor_beyond_end: 'an anchor lies behind the end: the end of the journal was cut off',
  anchor_foreign: 'an anchor is of another journal',
  signals_differ: 'the journal does not give the signals that a seal says were published',
  derivation_failed: 'the journal cannot be derived again',
  signal_missing: 'the journal does not give a signal of that name',
} as const;

/** What is told, and is no fault. */
export const REMARKS = {
  build_needed: 'signals were derived by another build, which alone can derive them again',
  unsealed_tail: 'the last entries have no seal yet: a run goes on, or ended without closing the journal',
  torn_tail: 'half a record stands at the end: a run was cut off while it wrote; the next one removes it',
  unchained: 'segments of format version 1 have checksums and no chain of hashes',
  anchor_pruned: 'an anchor lies in front of the oldest day that was kept',
  nothing_derived: 'the journal was written by a process that derived nothing: its seals speak of no signals',
  state_missing: 'older days were pruned, and no state of this build tells what led to the first day that was kept',
} as const;

export type FindingCode = keyof typeof FAULTS | keyof typeof REMARKS;

export interface Finding {
  readonly code: FindingCode;
  readonly message: string;
  readonly file?: string;
  /** Bytes of the file, the last one not included. */
  readonly bytes?: readonly [from: number, to: number];
  /** Numbers of journal entries, the last one not included. */
  readonly entries?: readonly [from: number, to: number];
}

export function isFault({ code }: Pick<Finding, 'code'>): boolean {
  return code in FAULTS;
}
