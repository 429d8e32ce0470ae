// Two engines on one journal, at the same entry of it: whether what they published is the same, stream by stream, and
// where it is not.
import type { StreamDigestReport } from '../streams/streams.ts';

/** By key of the stream. */
export type Listing = Readonly<Record<string, StreamDigestReport>>;

export interface Difference {
  readonly stream: string;
  /** Null where that engine has published nothing in the stream. */
  readonly serving: StreamDigestReport | null;
  readonly shadow: StreamDigestReport | null;
  /** Messages up to this number are the same, as an earlier comparison found; 0 where there was none. */
  readonly equalUpTo: number;
  /** Streams that differ, all of them. */
  readonly streams: number;
}

/** The first stream, by key, in which they differ; null where all is the same. @param equal what an earlier one found the same */
export function firstDifference(serving: Listing, shadow: Listing, equal: Listing = {}): Difference | null {
  const keys = new Set([...Object.keys(serving), ...Object.keys(shadow)]);
  const differing = [...keys].filter((key) => serving[key]?.digest !== shadow[key]?.digest).sort();
  const [stream] = differing;
  if (stream === undefined) return null;
  return {
    stream,
    serving: serving[stream] ?? null,
    shadow: shadow[stream] ?? null,
    equalUpTo: equal[stream]?.seq ?? 0,
    streams: differing.length,
  };
}

export function describeDifference({ stream, serving, shadow, equalUpTo, streams }: Difference): string {
  const side = (report: StreamDigestReport | null): string =>
    report === null ? 'nothing' : `${report.seq} messages, digest ${report.digest.slice(0, 16)}`;
  const upTo = equalUpTo > 0 ? `; the first ${equalUpTo} are the same` : '';
  const others = streams > 1 ? `; ${streams - 1} other streams differ too` : '';
  return `${stream} differs: serving ${side(serving)}, new ${side(shadow)}${upTo}${others}`;
}
