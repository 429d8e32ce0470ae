// The public types of the reference loader: what it is told, what it tells.

import type { Logger } from 'pino';
import type { Observable } from 'rxjs';
import type { SessionVenue } from '../../config/sessions.ts';
import type { Timers } from '../sources/kis/timers.ts';
import type { GapToFill } from './fill-queue.ts';
import type { ReferenceKind } from './reference.ts';
import type { ReferenceStore } from './reference-shelf.ts';
import type { ReferenceSources } from './reference-sources.ts';

export interface WatchedInstrument {
  readonly code: string;
  readonly venue: SessionVenue;
}

export interface ReferenceLoaderOptions {
  readonly sources: ReferenceSources;
  readonly store: ReferenceStore;
  /** The feed's time, UTC microseconds; null while an emulated feed has not told it. */
  readonly nowUs: () => number | null;
  /** What is registered now, most important first; asked again at each tick. */
  readonly watched: () => readonly WatchedInstrument[];
  /** Calendar, masters, limits. */
  readonly bootstrap: boolean;
  readonly warmBars: boolean;
  readonly fillGaps: boolean;
  /** Closes by KIS, and by KRX where it has a client. */
  readonly crossCheck: boolean;
  readonly logger: Logger;
  readonly timers?: Timers;
  /** Host time between two looks at the schedule (default 1,000 ms). */
  readonly tickMs?: number;
  /** Gaps that may wait for their bars (default 4,096: one for each symbol there is). */
  readonly fillsMax?: number;
}

/** Becomes the command `{type: 'reference', kind, hash}`; its content is stored before it is told. */
export interface LoadedReference {
  readonly kind: ReferenceKind;
  readonly hash: string;
}

export interface ReferenceLoaderCounters {
  /** By kind. */
  readonly loaded: Record<string, number>;
  /** Keys are `task code`. */
  readonly failures: Record<string, number>;
  readonly givenUp: number;
  readonly fillsWaiting: number;
  readonly fillsMerged: number;
  readonly fillsDropped: number;
  /** Fills for which KIS had no bar. */
  readonly fillsEmpty: number;
}

export interface ReferenceLoading {
  readonly loaded: Observable<LoadedReference>;
  readonly counters: ReferenceLoaderCounters;
  start(): void;
  fillGap(gap: GapToFill): void;
  stop(): Promise<void>;
}
