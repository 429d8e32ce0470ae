// The state of a state machine as a snapshot keeps it: plain data, of one version, under one run.
import type { Counters } from '../counters.ts';
import type { SavedFeedSessions } from '../feed-sessions.ts';
import type { ControlCommand, Subscription } from '../input.ts';
import type { SavedInstruments } from '../instruments.ts';
import type { SavedMarketPlace } from '../market/market-place.ts';
import type { SavedSignalChain } from '../proof/signal-chain.ts';
import type { SavedQualityMonitor } from '../quality-monitor.ts';
import type { ReferencesInForce } from '../reference-application.ts';
import type { SavedStreams } from '../streams/streams.ts';

/** Raised whenever saved state of an older build could be read wrongly: such a snapshot is passed over. */
export const STATE_VERSION = 8;

export interface SavedState {
  readonly version: number;
  readonly run: Run;
  readonly timeUs: number;
  readonly killSwitch: boolean;
  readonly modelFailed: boolean;
  readonly subscriptions: readonly Subscription[];
  readonly sessions: SavedFeedSessions;
  readonly references: ReferencesInForce;
  readonly marketPlace: SavedMarketPlace;
  readonly quality: SavedQualityMonitor;
  readonly counters: Counters;
  readonly streams: SavedStreams;
  readonly signals: SavedSignalChain;
  readonly instruments: SavedInstruments[];
}

/** What the last start entry said. */
export type Run = Omit<Extract<ControlCommand, { type: 'start' }>, 'type'>;

/** Whether a run goes on where another ended: all that decides is the same. */
export function continues(run: Run, before: Run): boolean {
  return (
    run.epoch === before.epoch &&
    run.configHash === before.configHash &&
    run.modelHash === before.modelHash &&
    run.versions.backend === before.versions.backend
  );
}

/** Before the first start entry. */
export const NO_RUN: Run = {
  epoch: '',
  source: 'simulated',
  feed: '',
  configHash: '',
  modelHash: '',
  calendarHash: '',
  versions: { kisignal: '', node: '', backend: 'wasm' },
};

/** The records of a recording are of another day: their times say nothing of how they came. */
export function isTimed({ source }: Run): boolean {
  return source !== 'recorded';
}
