// What two engines say to each other when one is to take over from the other. Where in the journal they are both knows:
// the hub sets marks between the same two batches for both (wire.ts).
import type { Follower } from '../follower.ts';
import type { Message, Stream } from '../messages.ts';
import type { Listing } from './comparison.ts';

export type EngineMessage =
  | { readonly type: 'listing'; readonly offset: number; readonly listing: Listing }
  /** The serving engine has published everything in front of the offset, and nothing behind it. */
  | { readonly type: 'retired'; readonly offset: number; readonly measured: readonly MeasuredStream[] };

/** A stream that no journal tells, so that its numbers go on where the old engine's ended. */
export interface MeasuredStream {
  readonly stream: Stream;
  readonly messages: readonly Message[];
}

export function encodeEngineMessage(message: EngineMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}

export function decodeEngineMessage(bytes: Buffer): EngineMessage {
  return JSON.parse(bytes.toString('utf8')) as EngineMessage;
}

const MEASURED = new Set(['status', 'latency']);

export function measuredStreams({ bus }: Follower): MeasuredStream[] {
  return [...bus.allStreams()]
    .filter(({ channel }) => MEASURED.has(channel))
    .map((stream) => ({ stream, messages: bus.retained(stream.key).slice(-1) }));
}

/** For whoever publishes in them next. */
export function retainMeasured({ bus, machine }: Follower, measured: readonly MeasuredStream[]): void {
  const updates = measured
    .filter(({ messages }) => messages.length > 0)
    .map(({ stream, messages }) => ({ stream, prevSeq: messages[0].seq - 1, messages: [...messages] }));
  if (updates.length > 0) bus.retain({ epoch: machine.epoch, updates });
}
