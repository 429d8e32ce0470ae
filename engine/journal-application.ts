// The journal through a state machine, as it went live: what recovery and replay share. Both get from the entries alone
// what the engine published.
import { type JournalBatch, type ReadJournal, readJournal } from './journal/reader.ts';
import type { StreamUpdate } from './messages.ts';
import type { StateMachine } from './state-machine.ts';

export interface AppliedBatch extends JournalBatch {
  readonly updates: StreamUpdate[];
}

/**
 * Applies batch by batch, reading one ahead: that the model failed in a batch stands in the entry behind it.
 * @throws JournalDamaged where the journal cannot be read
 * @throws Error where the model fails now and did not when the journal was written
 */
export function* applyJournal(machine: StateMachine, journal: ReadJournal): Generator<AppliedBatch> {
  let batch: JournalBatch | null = null;
  for (const next of readJournal(journal)) {
    if (batch !== null) yield apply(machine, batch, tellsModelFailure(next));
    batch = next;
  }
  if (batch !== null) yield apply(machine, batch, false);
}

function apply(machine: StateMachine, batch: JournalBatch, modelFails: boolean): AppliedBatch {
  const updates = machine.apply(batch.inputs, batch.firstOffset, modelFails);
  const failure = machine.takeModelFailure();
  // To abstain here would give other numbers than those that were published.
  if (failure !== null) throw failure.error;
  return { ...batch, updates };
}

function tellsModelFailure({ inputs: [first] }: JournalBatch): boolean {
  return first.kind === 'control' && first.command.type === 'model_failed';
}
