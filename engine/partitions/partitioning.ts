// Which partition an input belongs to: frames go by the code that they speak of, so that all venues of a stock meet in
// one state machine; what concerns every code (sessions, clock, commands, the state of the market, indices) goes to all.

import type { Input } from '../input.ts';
import type { RecordedBatch } from '../journal/recorder.ts';
import { codesOf } from './frame-codes.ts';
import { hash32 } from './hash.ts';
import type { Share } from './share.ts';

/** Partition of a code, 0 … count − 1. */
export function partitionOf(code: string, count: number): number {
  return count === 1 ? 0 : hash32(code) % count;
}

/** One of several state machines that share out the codes; undefined where one follows all. */
export type Partition = { readonly index: number; readonly count: number } | undefined;

export function owns(partition: Partition, code: string): boolean {
  return partition === undefined || partitionOf(code, partition.count) === partition.index;
}

/** What a partition says of itself is no other's: only where there is one it speaks for the engine. */
export function engineNameOf(partition: Partition): string {
  return partition === undefined || partition.count === 1 ? 'engine' : `engine-${partition.index}`;
}

/** The shares of a batch, by partition; null where it has nothing for one. Frames that cannot be read go to partition 0. */
export function sharesOf(batch: RecordedBatch, count: number): (Share | null)[] {
  const offsets: number[][] = Array.from({ length: count }, () => []);
  const inputs: Input[][] = Array.from({ length: count }, () => []);
  const give = (partition: number, input: Input, offset: number): void => {
    offsets[partition].push(offset);
    inputs[partition].push(input);
  };
  for (const [i, input] of batch.inputs.entries()) {
    const offset = batch.firstOffset + i;
    const codes = input.kind === 'frame' ? codesOf(input.bytes) : 'all';
    if (codes === 'all') for (let partition = 0; partition < count; partition++) give(partition, input, offset);
    else for (const partition of partitionsOf(codes, count)) give(partition, input, offset);
  }
  const lastOffset = batch.firstOffset + batch.inputs.length - 1;
  const lastTimeUs = batch.inputs[batch.inputs.length - 1].engineTimeUs;
  const { batchId, receivedUs } = batch;
  return inputs.map((of, partition) =>
    of.length === 0 ? null : { batchId, receivedUs, lastOffset, lastTimeUs, offsets: offsets[partition], inputs: of },
  );
}

function partitionsOf(codes: readonly string[], count: number): ReadonlySet<number> {
  return codes.length === 0 ? NOBODY : new Set(codes.map((code) => partitionOf(code, count)));
}

const NOBODY: ReadonlySet<number> = new Set([0]);
