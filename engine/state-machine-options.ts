// What a state machine is given besides its inputs, and where the inputs of a batch stand.
import type { DecisionListener } from './decision.ts';
import type { DecoderOptions } from './decode/decoder.ts';
import type { Share } from './partitions/share.ts';
import type { Model } from './predict/model.ts';
import type { FindingListener } from './quality/findings.ts';
import type { Reference } from './reference/reference.ts';
import type { EngineSettings } from './settings.ts';
import type { StageClock } from './stage-clock.ts';
import type { Run } from './state/saved-state.ts';

export interface StateMachineOptions {
  /** Settings and models by the hash that the journal's start entry names. */
  readonly settingsOf: (configHash: string) => EngineSettings;
  readonly modelOf: (modelHash: string, backend: Run['versions']['backend']) => Model;
  /** Answers of REST sources, by the hash that a control entry names. */
  readonly referenceOf: (hash: string) => Reference;
  /** Of many, this partition's share is followed alone; by default all of it is. */
  readonly partition?: { readonly index: number; readonly count: number };
  /** Hears every finding on the data, in order. */
  readonly onFinding?: FindingListener;
  /** Hears every candidate with what decided it. */
  readonly onDecision?: DecisionListener;
  readonly stages?: StageClock;
  readonly decoder?: DecoderOptions;
}

/** Where the entries of a share stand in the journal, and where its whole batch ends. */
export type BatchPlace = Pick<Share, 'offsets' | 'lastOffset' | 'lastTimeUs'>;
