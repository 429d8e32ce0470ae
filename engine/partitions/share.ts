// What one partition gets of a recorded batch: the frames of its codes, and whatever concerns every code. Entries keep
// the numbers that they have in the journal they were first written to, so evidence and signals name the same entry
// whatever the number of partitions; and a batch is as long for each of them, so predictions are made at the same time.
//
//   share = version:u8 batchId:f64 receivedUs:f64 lastOffset:f64 lastTimeUs:f64 count:u32 (offset:f64 entry)*   entry as in format.ts
import type { Input } from '../input.ts';
import { decodeEntry, EntryEncoder } from '../journal/format.ts';

export interface Share {
  readonly batchId: number;
  /** Host time at which the whole batch was received, UTC microseconds. */
  readonly receivedUs: number;
  /** Of the whole batch's last entry: its number in the journal, its engine time. */
  readonly lastOffset: number;
  readonly lastTimeUs: number;
  readonly offsets: readonly number[];
  readonly inputs: readonly Input[];
}

const VERSION = 1;
const HEAD_BYTES = 37;
const encoder = new EntryEncoder();

export function encodeShare(share: Share): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES);
  head.writeUInt8(VERSION, 0);
  head.writeDoubleLE(share.batchId, 1);
  head.writeDoubleLE(share.receivedUs, 9);
  head.writeDoubleLE(share.lastOffset, 17);
  head.writeDoubleLE(share.lastTimeUs, 25);
  head.writeUInt32LE(share.inputs.length, 33);
  const parts: Buffer[] = [head];
  for (let i = 0; i < share.inputs.length; i++) {
    const offset = Buffer.allocUnsafe(8);
    offset.writeDoubleLE(share.offsets[i], 0);
    encoder.clear();
    encoder.add(share.inputs[i], share.batchId);
    parts.push(offset, Buffer.from(encoder.bytes()));
  }
  return Buffer.concat(parts);
}

/** The share, or what is the matter with these bytes. */
export function decodeShare(bytes: Buffer): Share | string {
  if (bytes.length < HEAD_BYTES) return 'shorter than its head';
  const version = bytes.readUInt8(0);
  if (version !== VERSION) return `version ${version}, this build reads ${VERSION}`;
  const count = bytes.readUInt32LE(33);
  const offsets: number[] = [];
  const inputs: Input[] = [];
  let position = HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    if (position + 8 > bytes.length) return `ends in entry ${i} of ${count}`;
    offsets.push(bytes.readDoubleLE(position));
    const entry = decodeEntry(bytes, position + 8);
    if (typeof entry === 'string') return `entry ${i} of ${count} is ${entry}`;
    inputs.push(entry.input);
    position += 8 + entry.bytes;
  }
  if (position !== bytes.length) return `${bytes.length - position} bytes behind its last entry`;
  return {
    batchId: bytes.readDoubleLE(1),
    receivedUs: bytes.readDoubleLE(9),
    lastOffset: bytes.readDoubleLE(17),
    lastTimeUs: bytes.readDoubleLE(25),
    offsets,
    inputs,
  };
}
