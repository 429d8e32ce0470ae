// The order of one partition's shares, told by their headers: what came before, what is late, where entries are missing.
import type { Share } from '../partitions/share.ts';
import type { ShareHeaders } from './topics.ts';

export interface SavedShareSequence {
  /** The journal that the shares are of, and the last entry of it that this partition has seen. */
  readonly journal: string;
  readonly lastEntry: number;
  /** Highest term of an ingest seen. */
  readonly ingestTerm: number;
}

/** `after_hole` and `other_journal` are to be applied as well, once that is said. */
export type ShareVerdict = 'next' | 'after_hole' | 'other_journal' | 'doubled' | 'late';

export class ShareSequence implements SavedShareSequence {
  journal = '';
  lastEntry = -1;
  ingestTerm = 0;

  judge({ journal, previous, last, term }: ShareHeaders): ShareVerdict {
    if (term < this.ingestTerm) return 'late';
    this.ingestTerm = term;
    if (journal !== this.journal) {
      this.journal = journal;
      this.lastEntry = last;
      return 'other_journal';
    }
    if (last <= this.lastEntry) return 'doubled';
    const verdict = previous === this.lastEntry ? 'next' : 'after_hole';
    this.lastEntry = last;
    return verdict;
  }

  save(): SavedShareSequence {
    const { journal, lastEntry, ingestTerm } = this;
    return { journal, lastEntry, ingestTerm };
  }

  load({ journal, lastEntry, ingestTerm }: SavedShareSequence): void {
    Object.assign(this, { journal, lastEntry, ingestTerm });
  }
}

/** The part from the first start entry on, but not one that goes on under the spent epoch; null where there is none. */
export function fromStart(share: Share, spentEpoch: string | null): Share | null {
  const { inputs, offsets } = share;
  const i = inputs.findIndex(
    (input) => input.kind === 'control' && input.command.type === 'start' && input.command.epoch !== spentEpoch,
  );
  return i === -1 ? null : { ...share, inputs: inputs.slice(i), offsets: offsets.slice(i) };
}
