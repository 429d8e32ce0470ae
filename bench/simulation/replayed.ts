// The journal left behind, replayed undisturbed: every message of it enters the ledger, which holds it against what was
// published and received.
import { dataLayout } from '../../engine/data-folder.ts';
import { newStateMachine } from '../../engine/engine.ts';
import { Contents } from '../../engine/journal/contents.ts';
import { applyJournal } from '../../engine/journal-application.ts';
import type { DigestReport } from '../../engine/streams/streams.ts';
import type { Ledger } from './audience.ts';

export function replayInto(ledger: Ledger, dataFolder: string): DigestReport {
  const { contents, journal } = dataLayout(dataFolder);
  const machine = newStateMachine(new Contents(contents));
  for (const { updates } of applyJournal(machine, { folder: journal }))
    for (const { stream, messages } of updates) ledger.see('the replay', machine.epoch, stream.key, messages);
  return machine.report();
}
