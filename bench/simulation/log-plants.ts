// Bugs planted on purpose in the world of the log: wrappers around the port that a process has to it.
import type {
  LogReader,
  PartitionedLog,
  ReadOptions,
  ReadRecord,
  ShareOptions,
} from '../../engine/log/partitioned-log.ts';
import { asHeaders, shareHeaders } from '../../engine/log/topics.ts';

export type LogUser = 'ingest' | 'worker' | 'gateway';

export interface LogPlant {
  readonly about: string;
  readonly log: (log: PartitionedLog, user: LogUser) => PartitionedLog;
}

export const LOG_PLANTS: Readonly<Record<string, LogPlant>> = {
  doubles_not_dropped: {
    about: 'a share that comes twice looks like the next one to the worker',
    log: (log, user) => (user === 'worker' ? reading(log, renumbered) : log),
  },
  zombie_not_fenced: {
    about: 'what an ingest that was replaced writes late is taken for what its successor writes',
    log: (log, user) => (user === 'worker' ? reading(log, withoutTerm) : log),
  },
  failed_append_forgotten: {
    about: 'an append that failed is taken for done where the ingest does not ask twice',
    log: (log, user) => (user === 'ingest' ? forgetful(log) : log),
  },
};

type Change = () => (record: ReadRecord) => ReadRecord;

function reading(log: PartitionedLog, change: Change): PartitionedLog {
  return over(log, {
    read: (options: ReadOptions | ShareOptions): Promise<LogReader> => {
      const changed = change();
      const onRecords: ReadOptions['onRecords'] = (partition, records) =>
        options.onRecords(partition, records.map(changed));
      return log.read({ ...options, onRecords });
    },
  });
}

function renumbered(): (record: ReadRecord) => ReadRecord {
  const lasts = new Map<number, number>();
  return (record) => {
    const headers = shareHeaders(record.headers);
    if (headers === null) return record;
    const { partition } = record;
    const last = lasts.get(partition) ?? -1;
    if (headers.last > last) {
      lasts.set(partition, headers.last);
      return record;
    }
    const shifted = { ...headers, first: last + 1, last: last + 1, previous: last };
    lasts.set(partition, last + 1);
    return { ...record, headers: asHeaders('share', shifted) };
  };
}

function withoutTerm(): (record: ReadRecord) => ReadRecord {
  return (record) => {
    const headers = shareHeaders(record.headers);
    return headers === null ? record : { ...record, headers: asHeaders('share', { ...headers, term: 0 }) };
  };
}

function forgetful(log: PartitionedLog): PartitionedLog {
  return over(log, {
    append: (topic, records) => log.append(topic, records).catch(() => new Map<number, number>()),
  });
}

function over(log: PartitionedLog, change: Partial<PartitionedLog>): PartitionedLog {
  return {
    prepare: (topics) => log.prepare(topics),
    append: (topic, records) => log.append(topic, records),
    extent: (topic) => log.extent(topic),
    read: (options) => log.read(options),
    close: () => log.close(),
    ...change,
  };
}
