// What an ingest tells of itself, once a second to those who follow it: the part of /v1/status that only it knows.
import type { KisFeed } from '../feed.ts';
import type { SourceKind } from '../messages.ts';
import type { ReferenceLoaderCounters } from '../reference/loader-options.ts';
import type { RestFeed } from '../rest-feed.ts';
import type { KisSourceStatus } from '../sources/kis/source-status.ts';
import type { RedisFigures } from '../state/redis-state.ts';
import type { HubFigures } from './hub.ts';

export interface IngestStatus {
  readonly pid: number;
  readonly source: SourceKind;
  readonly feed: KisSourceStatus;
  readonly notices: KisFeed['notices'];
  readonly journal: { readonly nextOffset: number; readonly bytesWritten: number };
  readonly recorder: {
    readonly available: boolean;
    readonly unjournaledInputs: number;
    readonly clampedInputs: number;
  };
  readonly hub: HubFigures;
  /** Null where none is configured. */
  readonly redis: RedisFigures | null;
  readonly reference: ReferenceLoaderCounters | null;
  readonly rest: (RestFeed['client']['counters'] & { readonly waiting: number }) | null;
}
