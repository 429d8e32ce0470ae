// The topics of kisignal and what stands in the headers of their records.
//
//   PREFIX.journal   shares of the ingest's journal, by partition of the code
//   PREFIX.signals   what was derived from the same partition of the journal
//   PREFIX.anchors   heads of the journal's chain of hashes, kept for ever
//   PREFIX.contents  settings, models and references by their SHA-256, compacted; a content comes before what names it
import type { TopicSpec } from './partitioned-log.ts';

export interface Topics {
  readonly journal: string;
  readonly signals: string;
  readonly contents: string;
  readonly anchors: string;
}

export interface TopicOptions {
  readonly prefix: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly journalRetentionMs: number;
  readonly signalRetentionMs: number;
}

const MEBIBYTE = 1024 * 1024;

export function topicsOf(prefix: string): Topics {
  return {
    journal: `${prefix}.journal`,
    signals: `${prefix}.signals`,
    contents: `${prefix}.contents`,
    anchors: `${prefix}.anchors`,
  };
}

export function topicSpecs(options: TopicOptions): TopicSpec[] {
  const { prefix, partitions, replicas, journalRetentionMs, signalRetentionMs } = options;
  const topics = topicsOf(prefix);
  const safe = { 'min.insync.replicas': String(replicas > 2 ? 2 : 1) };
  const kept = (ms: number) => ({
    ...safe,
    'cleanup.policy': 'delete',
    'retention.ms': String(ms),
    'max.message.bytes': String(8 * MEBIBYTE),
  });
  const compacted = { ...safe, 'cleanup.policy': 'compact', 'max.message.bytes': String(64 * MEBIBYTE) };
  return [
    { name: topics.journal, partitions, replicas, settings: kept(journalRetentionMs) },
    { name: topics.signals, partitions, replicas, settings: kept(signalRetentionMs) },
    { name: topics.contents, partitions: 1, replicas, settings: compacted },
    { name: topics.anchors, partitions: 1, replicas, settings: kept(-1) },
  ];
}

/** Of a share. Numbers are decimal. */
export interface ShareHeaders {
  readonly journal: string;
  /** Journal numbers of its first and last entry, and of the last entry of its whole batch. */
  readonly first: number;
  readonly last: number;
  readonly batch: number;
  /** `last` of the share before it in this partition; −1 for a journal's first. */
  readonly previous: number;
  /** Of the ingest: what an earlier one writes later is late. */
  readonly term: number;
}

/** Of an output batch. */
export interface OutputHeaders {
  readonly journal: string;
  /** Last journal entry of the batch that made it. */
  readonly offset: number;
  /** Of the worker in its group. */
  readonly term: number;
  readonly worker: string;
}

type Headers = Readonly<Record<string, string>>;

export function asHeaders(type: 'share' | 'output', headers: ShareHeaders | OutputHeaders): Headers {
  return { type, ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])) };
}

/** Null where these are not the headers of a share. */
export function shareHeaders({ type, journal, ...numbers }: Headers): ShareHeaders | null {
  const [first, last, batch, previous, term] = ['first', 'last', 'batch', 'previous', 'term'].map((name) =>
    whole(numbers[name]),
  );
  if (type !== 'share' || !journal || [first, last, batch, previous, term].some(Number.isNaN)) return null;
  return { journal, first, last, batch, previous, term };
}

/** Null where these are not the headers of an output batch. */
export function outputHeaders({ type, journal, worker = '', ...numbers }: Headers): OutputHeaders | null {
  const [offset, term] = [whole(numbers.offset), whole(numbers.term)];
  if (type !== 'output' || !journal || Number.isNaN(offset) || Number.isNaN(term)) return null;
  return { journal, offset, term, worker };
}

function whole(text = ''): number {
  return /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
}
