// What a check of the journal's bytes leaves for the checks behind it: the seals, the runs, the contents that it names.
import type { ControlCommand } from '../input.ts';
import type { Seal } from '../journal/format.ts';
import type { Finding } from './findings.ts';

export interface PlacedSeal extends Seal {
  readonly file: string;
  readonly byte: number;
}

type StartCommand = Extract<ControlCommand, { type: 'start' }>;

/** A run of the journal, from its start entry up to the next one. */
export interface Part {
  readonly fromOffset: number;
  readonly start: StartCommand;
}

export interface NamedContent {
  readonly hash: string;
  readonly what: string;
  readonly offset: number;
}

export interface CheckedJournal {
  readonly findings: Finding[];
  readonly segments: number;
  readonly bytes: number;
  readonly firstOffset: number;
  /** The chain's hash in front of the first kept segment; null where it has none. */
  readonly firstHash: Buffer | null;
  readonly nextOffset: number;
  readonly seals: readonly PlacedSeal[];
  readonly parts: readonly Part[];
  /** First mention of each. */
  readonly contents: ReadonlyMap<string, NamedContent>;
}
