// The entry that begins a run: what decides is stored by hash beside the journal, and the entry names it.
import { readArtifact } from '../models/artifact.ts';
import { calendarContent } from './calendar-content.ts';
import type { ControlCommand } from './input.ts';
import type { Contents } from './journal/contents.ts';
import type { SourceKind } from './messages.ts';
import type { EngineSettings } from './settings.ts';

export interface StartEntryOptions {
  readonly contents: Contents;
  readonly settings: EngineSettings;
  /** Folder of the model's artifact. */
  readonly artifactFolder: string;
  readonly backend: 'wasm' | 'plain';
  /** Names the code that runs. */
  readonly build: string;
  readonly feed: { readonly source: SourceKind; readonly identity: string };
}

/** @throws ArtifactError where the model cannot be read */
export function startEntry(options: StartEntryOptions, epoch: string): Extract<ControlCommand, { type: 'start' }> {
  const { contents, settings, artifactFolder, backend, build, feed } = options;
  return {
    type: 'start',
    epoch,
    source: feed.source,
    feed: feed.identity,
    configHash: contents.putJson(settings),
    modelHash: contents.put(readArtifact(artifactFolder).bytes),
    calendarHash: contents.putJson(calendarContent()),
    versions: { kisignal: build, node: process.version, backend },
  };
}
