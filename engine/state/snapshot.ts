// A snapshot of all derived state at an offset of the journal, as bytes: what a start needs besides the journal's tail.
//
//   snapshot = magic[8] sha256-of-the-rest[32] payload;  payload = V8 serialisation of Snapshot
import { hash } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import type { RetainedStream } from '../bus/bus.ts';
import { type SavedState, STATE_VERSION } from './saved-state.ts';

const MAGIC = Buffer.from('KISSNAP\n', 'latin1');
const PAYLOAD_AT = MAGIC.length + 32;

export interface Snapshot {
  /** Names the journal: a snapshot of another one is of no use. */
  readonly journalId: string;
  /** Build that wrote it; another build may derive otherwise. */
  readonly build: string;
  /** The first entry that is not in it. */
  readonly offset: number;
  readonly state: SavedState;
  readonly retained: readonly RetainedStream[];
}

export function encodeSnapshot(snapshot: Snapshot): Buffer {
  const payload = serialize(snapshot);
  return Buffer.concat([MAGIC, hash('sha256', payload, 'buffer'), payload]);
}

/** The snapshot, or why these bytes are passed over. */
export function decodeSnapshot(bytes: Buffer, journalId: string, build: string): Snapshot | string {
  if (bytes.length < PAYLOAD_AT || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'not a snapshot';
  const payload = bytes.subarray(PAYLOAD_AT);
  if (!hash('sha256', payload, 'buffer').equals(bytes.subarray(MAGIC.length, PAYLOAD_AT)))
    return 'checksum does not match';
  let snapshot: Snapshot;
  try {
    snapshot = deserialize(payload) as Snapshot;
  } catch (error) {
    return `written by another Node version: ${(error as Error).message}`;
  }
  if (snapshot.journalId !== journalId) return 'of another journal';
  if (snapshot.build !== build || snapshot.state.version !== STATE_VERSION) return 'of another build';
  return snapshot;
}
