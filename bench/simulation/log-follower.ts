// One undisturbed follower of the whole journal: what it says enters the ledger, which holds it against what gateways had.
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Follower } from '../../engine/follower.ts';
import { Contents } from '../../engine/journal/contents.ts';
import { readJournal } from '../../engine/journal/reader.ts';
import type { Ledger } from './audience.ts';
import { isOfPartition } from './log-audit.ts';

export interface FollowedOptions {
  readonly folder: string;
  readonly ledger: Ledger;
  readonly log: Logger;
}

/** Last number of each stream under the last epoch. */
export function holdAgainstFollower({ folder, ledger, log }: FollowedOptions): {
  readonly epoch: string;
  readonly seqs: ReadonlyMap<string, number>;
} {
  const follower = new Follower({ contents: new Contents(join(folder, 'contents')), log });
  const seqs = new Map<string, number>();
  let last = '';
  for (const batch of readJournal({ folder: join(folder, 'journal') })) {
    const { epoch, updates } = follower.apply({ ...batch, receivedUs: 0 });
    if (epoch !== last) seqs.clear();
    last = epoch;
    for (const { stream, prevSeq, messages } of updates) {
      if (isOfPartition(stream.instrument)) continue;
      ledger.see('the follower', epoch, stream.key, messages);
      seqs.set(stream.key, prevSeq + messages.length);
    }
  }
  return { epoch: last, seqs };
}
