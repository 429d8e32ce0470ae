// What faults have done, so that a test can hold what was detected against what was injected, to the share and the won.
import type { FaultType } from './catalogue.ts';
import type { Loss } from './frame-record.ts';

export interface FaultEntry extends Loss {
  readonly type: FaultType;
  /** Empty for a fault that acts on no frame. */
  readonly trId: string;
  readonly trKey: string;
  /** Feed time, UTC microseconds. */
  readonly timeUs: number;
}

const ENTRIES_MAX = 10_000;
/** Forgetting begins at the bound and takes so many at once: shifting one by one would cost the whole log each time. */
const FORGOTTEN_AT_ONCE = 1_000;

export class FaultLog {
  /** Oldest entries that were dropped at the bound. */
  forgotten = 0;
  private readonly kept: FaultEntry[] = [];

  get entries(): readonly FaultEntry[] {
    return this.kept;
  }

  add(entry: FaultEntry): void {
    if (this.kept.length === ENTRIES_MAX) {
      this.kept.splice(0, FORGOTTEN_AT_ONCE);
      this.forgotten += FORGOTTEN_AT_ONCE;
    }
    this.kept.push(entry);
  }

  clear(): void {
    this.kept.length = 0;
    this.forgotten = 0;
  }
}
