// The last record of partitions: what a writer reads to learn how far it, or the one before it, had come.
import { LogError, type PartitionedLog, type ReadRecord } from './partitioned-log.ts';

const DEADLINE_MS = 15_000;

/**
 * By partition, the last one behind; none for a partition that holds nothing.
 * @param count how many of each at the most
 * @throws LogError where they cannot be read
 */
export async function lastRecords(
  log: PartitionedLog,
  topic: string,
  { only, count = 1 }: { readonly only?: readonly number[]; readonly count?: number } = {},
): Promise<Map<number, readonly ReadRecord[]>> {
  const extent = (await log.extent(topic)).filter(
    ({ partition, first, next }) => next > first && (only?.includes(partition) ?? true),
  );
  const from = extent.map(({ partition, first, next }) => ({ partition, offset: Math.max(first, next - count) }));
  const found = new Map<number, ReadRecord[]>(extent.map(({ partition }) => [partition, []]));
  const waitedFor = new Map(extent.map(({ partition, next }) => [partition, next - 1]));
  if (from.length === 0) return found;
  let done = (): void => {};
  let failed = (_error: Error): void => {};
  const complete = new Promise<void>((resolve, reject) => {
    done = resolve;
    failed = reject;
  });
  const deadline = setTimeout(
    () => failed(new LogError('log_unavailable', `the end of ${topic} is not read`)),
    DEADLINE_MS,
  );
  try {
    const reader = await log.read({
      topic,
      from,
      onRecords: (partition, records) => {
        found.get(partition)!.push(...records);
        if (records[records.length - 1].offset >= waitedFor.get(partition)!) waitedFor.delete(partition);
        if (waitedFor.size === 0) done();
      },
      onFailed: failed,
    });
    await complete.finally(() => reader.stop());
  } finally {
    clearTimeout(deadline);
  }
  return found;
}
