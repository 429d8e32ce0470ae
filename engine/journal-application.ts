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
 * @param lastFailure whether a model that fails in the last batch, behind which no entry can say so yet, throws as well
 *   or is left to the machine's `takeModelFailure`
 * @throws JournalDamaged where the journal cannot be read
 * @throws Error where the model fails now and did not when the journal was written
 */
export function* applyJournal(
  machine: StateMachine,
  journal: ReadJournal,
  lastFailure: 'thrown' | 'left' = 'thrown',
  beforeBatch: (batch: JournalBatch) => void = () => {},
): Generator<AppliedBatch> {
  let batch: JournalBatch | null = null;
  for (const next of readJournal(journal)) {
    if (batch !== null) {
      beforeBatch(batch);
      const updates = machine.apply(batch.inputs, batch.firstOffset, tellsModelFailure(next));
      throwModelFailure(machine);
      yield { ...batch, updates };
    }
    batch = next;
  }
  if (batch === null) return;
  beforeBatch(batch);
  const updates = machine.apply(batch.inputs, batch.firstOffset);
  if (lastFailure === 'thrown') throwModelFailure(machine);
  yield { ...batch, updates };
}

/** To abstain where the journal does not say so would give other numbers than those that were published. */
function throwModelFailure(machine: StateMachine): void {
  const failure = machine.takeModelFailure();
  if (failure !== null) throw failure.error;
}

function tellsModelFailure({ inputs: [first] }: JournalBatch): boolean {
  return first.kind === 'control' && first.command.type === 'model_failed';
}
