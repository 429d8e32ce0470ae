// What is said of reference data in the log: how much came, and the code of what did not.
import { KisRestError } from '../sources/kis/rest/kis-rest-error.ts';
import { MasterFileError } from '../sources/kis/rest/masters.ts';
import { KrxError } from '../sources/krx/krx-error.ts';
import type { Reference } from './reference.ts';

/** The code of a failure of a source or of the disk; undefined for a fault of ours. */
export function failureCode(error: unknown): string | undefined {
  if (error instanceof KisRestError || error instanceof KrxError || error instanceof MasterFileError) return error.code;
  // Of the disk: ENOSPC, EACCES …
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? code : undefined;
}

/** Bars are many and of one symbol each, so only their number. */
export function summaryOf(reference: Reference): Record<string, unknown> {
  switch (reference.kind) {
    case 'calendar':
      return { kind: reference.kind, days: reference.days.length };
    case 'instruments': {
      const { kind, date, source, instruments, listed, delisted, renamed } = reference;
      const changes = { listed: listed.length, delisted: delisted.length, renamed: renamed.length };
      return { kind, date, source, instruments: instruments.length, ...changes };
    }
    case 'minute_bars': {
      const { kind, purpose, code, venue, bars } = reference;
      return { kind, purpose, code, venue, bars: bars.length };
    }
    case 'daily_close':
      return { kind: reference.kind, source: reference.source, date: reference.date, rows: reference.rows.length };
  }
}
