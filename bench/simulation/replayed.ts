// The journal left behind, replayed undisturbed: every message of it enters the ledger, which holds it against what was
// published and received.
import { dataLayout } from '../../engine/data-folder.ts';
import { newStateMachine } from '../../engine/engine.ts';
import { Contents } from '../../engine/journal/contents.ts';
import { applyJournal } from '../../engine/journal-application.ts';
import type { StreamUpdate } from '../../engine/messages.ts';
import type { DigestReport } from '../../engine/streams/streams.ts';
import type { Ledger } from './audience.ts';

export function replayInto(ledger: Ledger, dataFolder: string): DigestReport {
  const { contents, journal } = dataLayout(dataFolder);
  const machine = newStateMachine(new Contents(contents));
  let before: { epoch: string; updates: readonly StreamUpdate[] } | null = null;
  const see = (): void => {
    const { epoch, updates } = before!;
    for (const { stream, messages } of updates) ledger.see('the replay', epoch, stream.key, messages);
  };
  for (const { updates } of applyJournal(machine, { folder: journal })) {
    const { epoch } = machine;
    // Of an epoch's last batch a power loss may have left the first entries: what these give was never published.
    if (before !== null && before.epoch === epoch) see();
    before = { epoch, updates };
  }
  if (before !== null) see();
  return machine.report();
}
