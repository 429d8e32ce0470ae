// An output batch as a record of the signal topic: MessagePack of plain maps, so that whoever reads Kafka can read it.
import { Packr, Unpackr } from 'msgpackr';
import type { OutputBatch } from '../messages.ts';
import type { LogRecord } from './partitioned-log.ts';
import { asHeaders, type OutputHeaders } from './topics.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false });

export function outputRecord(partition: number, output: OutputBatch, headers: OutputHeaders): LogRecord {
  const { epoch, source, times, updates } = output;
  const value = Buffer.from(packr.pack({ epoch, source, times, updates }));
  return { partition, key: null, value, headers: asHeaders('output', headers) };
}

/** The batch, or what is the matter with these bytes. */
export function decodeOutput(bytes: Uint8Array): OutputBatch | string {
  let value: unknown;
  try {
    value = unpackr.unpack(bytes);
  } catch (error) {
    return `not MessagePack: ${(error as Error).message}`;
  }
  const { epoch, source, times, updates } = (value ?? {}) as Partial<OutputBatch>;
  if (typeof epoch !== 'string' || typeof source !== 'string' || !Array.isArray(times) || !Array.isArray(updates))
    return 'not an output batch';
  return { epoch, source, times, updates };
}
