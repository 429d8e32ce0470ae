// A state machine for the entries of a journal: settings, models and references come from the contents beside it.
import { parseArtifact } from '../models/artifact.ts';
import type { Contents } from './journal/contents.ts';
import { ForwardPassModel } from './predict/forward-pass-model.ts';
import { TensorflowModel } from './predict/tensorflow-model.ts';
import type { Reference } from './reference/reference.ts';
import type { EngineSettings } from './settings.ts';
import { StateMachine, type StateMachineOptions } from './state-machine.ts';

/** What a live machine has beside the journal. */
export type LiveParts = Omit<StateMachineOptions, 'settingsOf' | 'referenceOf' | 'modelOf'>;

/** A new one. The backend must be initialised. */
export function newStateMachine(contents: Contents, live: LiveParts = {}): StateMachine {
  return new StateMachine({
    settingsOf: (hash) => contents.getJson<EngineSettings>(hash),
    referenceOf: (hash) => contents.getJson<Reference>(hash),
    modelOf: (hash, backend) => {
      const artifact = parseArtifact(contents.get(hash), `content ${hash}`);
      return backend === 'wasm' ? new TensorflowModel(artifact) : new ForwardPassModel(artifact);
    },
    ...live,
  });
}
