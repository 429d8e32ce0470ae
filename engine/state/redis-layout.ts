// The keys of kisignal in Redis, and how another program reads the latest values of an instrument. All that one engine
// writes stands in one hash slot, under the namespace `ENVIRONMENT:JOURNAL`.
//
//   kisignal:engines                            sorted set of namespaces, by the second (of Redis's clock) last heard of
//   kisignal:{NAMESPACE}:latest:STREAM          LatestValue as JSON, for as long as the value is worth something
//   kisignal:{NAMESPACE}:streams:INSTRUMENT     set of the STREAMs that the instrument has had
//   kisignal:{NAMESPACE}:snapshot:OFFSET        state of the engine, never expires; `snapshots` lists the offsets
//   kisignal:{lease:DIGEST}                     token of the process that has the KIS session of an app key; `:term`
//
// STREAM is `CHANNEL/INSTRUMENT` or `CHANNEL/INSTRUMENT/VARIANT` (`bars/005930.KRX/1m`). Lives, each from the moment of
// the message: ticks, books, predictions, signals and market 60 s, quality and scores 300 s, indicators 1,800 s, bars
// 3,600 s (`state.ttlSeconds`). What trading is like (`market`) is said on change alone; it is written anew while the
// engine lives. Alerts, status and latency speak of the engine, not of an instrument, and are not kept here.
import type { Redis } from 'ioredis';
import type { Message, SourceKind } from '../messages.ts';

/** The last message of a stream. Its `seq` counts within the epoch. */
export interface LatestValue {
  readonly epoch: string;
  /** Anything but `live` is not the market. */
  readonly source: SourceKind;
  readonly message: Message;
}

export const ENGINES_KEY = 'kisignal:engines';

export function engineKey(namespace: string, name: string): string {
  return `kisignal:{${namespace}}:${name}`;
}

export function latestKey(namespace: string, stream: string): string {
  return engineKey(namespace, `latest:${stream}`);
}

export function streamsKey(namespace: string, instrument: string): string {
  return engineKey(namespace, `streams:${instrument}`);
}

export interface ReadLatestOptions {
  /** Of one engine; by default the one heard of last that knows the instrument. */
  readonly namespace?: string;
}

/**
 * Latest values of an instrument (`005930.KRX`) by stream (`ticks/005930.KRX`), in the order of the streams' names; those
 * that have expired are missing. Empty where nobody knows the instrument. Rejects where Redis does.
 */
export async function readLatest(
  redis: Redis,
  instrument: string,
  { namespace }: ReadLatestOptions = {},
): Promise<Map<string, LatestValue>> {
  const namespaces = namespace === undefined ? await redis.zrevrange(ENGINES_KEY, 0, -1) : [namespace];
  for (const one of namespaces) {
    const streams = (await redis.smembers(streamsKey(one, instrument))).sort();
    if (streams.length === 0) continue;
    const texts = await redis.mget(streams.map((stream) => latestKey(one, stream)));
    const values = streams.flatMap((stream, at): [string, LatestValue][] => {
      const text = texts[at];
      return text == null ? [] : [[stream, JSON.parse(text) as LatestValue]];
    });
    if (values.length > 0) return new Map(values);
  }
  return new Map();
}
