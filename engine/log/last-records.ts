// The last record of partitions: what a writer reads to learn how far it, or the one before it, had come.
import { LogError, type PartitionedLog, type ReadRecord } from './partitioned-log.ts';

const DEADLINE_MS = 15_000;

/**
 * By partition; none for one that holds nothing.
 * @throws LogError where they cannot be read
 */
export async function lastRecords(
  log: PartitionedLog,
  topic: string,
  only?: readonly number[],
): Promise<Map<number, ReadRecord>> {
  const extent = (await log.extent(topic)).filter(({ partition }) => only?.includes(partition) ?? true);
  const from = extent
    .filter(({ first, next }) => next > first)
    .map(({ partition, next }) => ({ partition, offset: next - 1 }));
  const found = new Map<number, ReadRecord>();
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
        found.set(partition, records[records.length - 1]);
        if (found.size === from.length) done();
      },
      onFailed: failed,
    });
    await complete.finally(() => reader.stop());
  } finally {
    clearTimeout(deadline);
  }
  return found;
}
