// What a shadow derives, held against what the serving workers published, partition by partition and entry by entry. Both
// come in the order of the journal's entries, so whatever one side passes over can no longer come from it.
import { isDeepStrictEqual } from 'node:util';
import type { StreamUpdate } from '../messages.ts';
import { decodeOutput } from './output-record.ts';
import type { LogRecord } from './partitioned-log.ts';
import { outputHeaders } from './topics.ts';

/** Where the two sides part. */
export interface OutputDifference {
  readonly partition: number;
  readonly journal: string;
  /** Last journal entry of the batch. */
  readonly entry: number;
  /** The first stream that differs, with the number of its message there; null where one side says nothing at all. */
  readonly stream: string | null;
  readonly seq: number | null;
}

type Side = 'serving' | 'shadow';

interface Pending {
  readonly journal: string;
  readonly entry: number;
  readonly value: Uint8Array;
}

interface Compared {
  serving: Pending[];
  shadow: Pending[];
  /** The shadow's first output: what was published in front of it, it has taken as given. */
  from: Pending | null;
}

/** Records of one side that wait for the other's; more than these, and the other side stands still. */
const PENDING_MAX = 50_000;

export class OutputComparison {
  /** Outputs that were the same on both sides. */
  equal = 0;
  difference: OutputDifference | null = null;
  /** Workers that published what was compared. */
  readonly workers = new Set<string>();
  private readonly pending = new Map<number, Compared>();

  /** @param record of the signal topic, or what would be one; what is no output is passed over */
  take(side: Side, record: LogRecord): void {
    if (this.difference !== null) return;
    const headers = outputHeaders(record.headers);
    if (headers === null) return;
    if (side === 'serving') this.workers.add(headers.worker);
    const { partition, value } = record;
    const of = this.of(partition);
    const { journal, offset: entry } = headers;
    if (side === 'shadow' && of.from === null) {
      of.from = { journal, entry, value };
      of.serving = of.serving.filter((one) => !isBefore(one, journal, entry));
    }
    if (side === 'serving' && of.from !== null && isBefore({ journal, entry }, of.from.journal, of.from.entry)) return;
    const others = of[side === 'serving' ? 'shadow' : 'serving'];
    const at = others.findIndex((other) => other.journal === journal && other.entry === entry);
    if (at < 0) {
      // A worker that was killed may have published it already: the same again.
      if (!of[side].some((own) => own.journal === journal && own.entry === entry))
        of[side].push({ journal, entry, value });
      if (of[side].length > PENDING_MAX) this.part(partition, of[side][0], null);
      return;
    }
    const [other] = others.splice(at, 1);
    const passed = [...others.slice(0, at), ...of[side].filter((own) => isBefore(own, journal, entry))];
    if (passed.length > 0) {
      this.part(partition, passed[0], null);
      return;
    }
    const place = firstDifference(value, other.value);
    if (place === null) this.equal += 1;
    else this.part(partition, { journal, entry, value }, place);
  }

  private of(partition: number): Compared {
    let of = this.pending.get(partition);
    if (of === undefined) {
      of = { serving: [], shadow: [], from: null };
      this.pending.set(partition, of);
    }
    return of;
  }

  private part(partition: number, { journal, entry }: Pending, place: Place | null): void {
    this.difference = { partition, journal, entry, stream: place?.stream ?? null, seq: place?.seq ?? null };
  }
}

function isBefore(one: Pick<Pending, 'journal' | 'entry'>, journal: string, entry: number): boolean {
  return one.journal === journal && one.entry < entry;
}

interface Place {
  readonly stream: string;
  readonly seq: number;
}

/** Of two outputs; what was measured is left out. Null where they are the same. */
function firstDifference(one: Uint8Array, other: Uint8Array): Place | null {
  const [a, b] = [decodeOutput(one), decodeOutput(other)];
  if (typeof a === 'string' || typeof b === 'string') return { stream: 'unreadable', seq: 0 };
  if (a.epoch !== b.epoch) return { stream: `epoch ${a.epoch} and ${b.epoch}`, seq: 0 };
  const count = Math.max(a.updates.length, b.updates.length);
  for (let i = 0; i < count; i++) {
    if (isDeepStrictEqual(a.updates[i], b.updates[i])) continue;
    return placeOf(a.updates[i] ?? b.updates[i]);
  }
  return null;
}

function placeOf({ stream, prevSeq }: StreamUpdate): Place {
  return { stream: stream.key, seq: prevSeq + 1 };
}

export function describeOutputDifference({ partition, journal, entry, stream, seq }: OutputDifference): string {
  const where = `partition ${partition}, entry ${entry} of journal ${journal}`;
  return stream === null ? `${where}: one side says nothing` : `${where}: ${stream} from message ${seq} on`;
}
