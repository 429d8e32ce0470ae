// How a new engine worker asks one that it replaces to end: a record beside the contents, which every worker reads anyway.
import type { LogRecord } from './partitioned-log.ts';

const RETIREMENT = 'retirement';

/** The key keeps it apart from any hash. */
export function retirement(retired: string, by: { readonly worker: string; readonly build: string }): LogRecord {
  const value = Buffer.from(JSON.stringify({ retired, by }));
  return { partition: 0, key: `${RETIREMENT} ${retired}`, value, headers: { type: RETIREMENT } };
}

/** The worker that a record asks to end; null where it is no such record. */
export function retiredWorker({ key, headers }: Pick<LogRecord, 'key' | 'headers'>): string | null {
  return headers.type === RETIREMENT && key !== null ? key.slice(RETIREMENT.length + 1) : null;
}
