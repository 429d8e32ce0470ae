// A snapshot of one partition's state machine: besides the state, where its input and its output go on in the log. Kept
// under the journal topic's position, which never goes back.
import { crc32 } from 'node:zlib';
import type { Logger } from 'pino';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from '../state/snapshot.ts';
import type { SnapshotStore } from '../state/snapshot-store.ts';
import { LogError } from './partitioned-log.ts';
import type { SavedShareSequence } from './share-sequence.ts';

/** Where a partition's input and output go on behind a snapshot. */
export interface SnapshotPlaces extends SavedShareSequence {
  /** Next record of the journal topic; what is not in the state. */
  readonly journalPosition: number;
  /** Next record of the signal topic at the latest; it may hold some of what is in the state behind it. */
  readonly signalPosition: number;
}

export interface PartitionSnapshot extends Snapshot {
  readonly places: SnapshotPlaces;
}

export type NewPartitionSnapshot = Omit<PartitionSnapshot, 'journalId' | 'build'>;

const END_BYTES = 8;

/** Names what a snapshot is of: a partition of another number of them is something else. */
function identity(journalTopic: string, partition: number, partitions: number): string {
  return `${journalTopic}/${partition} of ${partitions}`;
}

export interface PartitionOf {
  readonly journalTopic: string;
  readonly partition: number;
  readonly partitions: number;
  readonly build: string;
}

/** The snapshot as any other, so that a store knows its age, and behind it the places: JSON, its CRC-32, its length. */
export function encodePartitionSnapshot(of: PartitionOf, { places, ...snapshot }: NewPartitionSnapshot): Buffer {
  const journalId = identity(of.journalTopic, of.partition, of.partitions);
  const text = Buffer.from(JSON.stringify(places));
  const end = Buffer.alloc(END_BYTES);
  end.writeUInt32LE(crc32(text), 0);
  end.writeUInt32LE(text.length, 4);
  return Buffer.concat([encodeSnapshot({ ...snapshot, journalId, build: of.build }), text, end]);
}

/** The snapshot, or why these bytes are passed over. */
function decodePartitionSnapshot(bytes: Buffer, of: PartitionOf): PartitionSnapshot | string {
  const endAt = bytes.length - END_BYTES;
  const textAt = endAt - (endAt < 0 ? 0 : bytes.readUInt32LE(endAt + 4));
  if (textAt < 0) return 'not the snapshot of a partition';
  const text = bytes.subarray(textAt, endAt);
  if (crc32(text) !== bytes.readUInt32LE(endAt)) return 'not the snapshot of a partition';
  const id = identity(of.journalTopic, of.partition, of.partitions);
  const snapshot = decodeSnapshot(bytes.subarray(0, textAt), id, of.build);
  if (typeof snapshot === 'string') return snapshot;
  return { ...snapshot, places: JSON.parse(text.toString('utf8')) as SnapshotPlaces };
}

/**
 * The newest usable ones, newest first; what is passed over is said.
 * @param areNeeded whether the log alone does not go back far enough; else all is slower only without them
 * @throws LogError where the store does not answer and they are needed
 */
export async function* usableSnapshots(
  store: SnapshotStore,
  of: PartitionOf,
  log: Logger,
  areNeeded = false,
): AsyncGenerator<PartitionSnapshot> {
  const { partition } = of;
  let offsets: number[];
  try {
    offsets = await store.list();
  } catch (error) {
    if (areNeeded)
      throw new LogError('log_unavailable', `snapshots of partition ${partition} cannot be listed`, { cause: error });
    log.warn({ err: error, partition }, 'snapshots cannot be listed');
    return;
  }
  for (const offset of offsets) {
    let snapshot: PartitionSnapshot | string;
    try {
      snapshot = decodePartitionSnapshot(await store.load(offset), of);
    } catch (error) {
      snapshot = (error as Error).message;
    }
    if (typeof snapshot !== 'string') yield snapshot;
    else log.warn({ partition, offset, reason: snapshot }, 'snapshot passed over');
  }
}
