// The log as a shadow has it: it reads what all read, is given every partition without being a member of any group, and what
// it would publish goes to a comparison instead.
import type { LogReader, LogRecord, PartitionedLog, ReadOptions, ShareOptions } from './partitioned-log.ts';

export interface ShadowLogOptions {
  readonly log: PartitionedLog;
  /** Hears what would be published, in order. */
  readonly onAppended: (topic: string, records: readonly LogRecord[]) => void;
  /** Where the topic stands at the least, by partition: what a snapshot says of the published. */
  readonly positions: ReadonlyMap<number, number>;
}

export class ShadowLog implements PartitionedLog {
  private readonly options: ShadowLogOptions;

  constructor(options: ShadowLogOptions) {
    this.options = options;
  }

  /** The serving workers have made them. */
  async prepare(): Promise<void> {}

  async append(topic: string, records: readonly LogRecord[]): Promise<ReadonlyMap<number, number>> {
    const { onAppended, positions } = this.options;
    onAppended(topic, records);
    // So that the position behind these records is one that the serving worker has surely reached.
    const counts = new Map<number, number>();
    for (const { partition } of records) counts.set(partition, (counts.get(partition) ?? 0) + 1);
    return new Map([...counts].map(([partition, count]) => [partition, (positions.get(partition) ?? 0) - count]));
  }

  extent(topic: string) {
    return this.options.log.extent(topic);
  }

  async read(options: ReadOptions | ShareOptions): Promise<LogReader> {
    const { log } = this.options;
    if ('from' in options) return log.read(options);
    const { topic, onAssigned, onRevoked, onRecords, onFailed } = options;
    const partitions = (await log.extent(topic)).map(({ partition }) => partition);
    const from = await onAssigned(partitions, 0);
    const reader = await log.read({ topic, from, onRecords, onFailed });
    return {
      lag: () => reader.lag(),
      async stop() {
        await reader.stop();
        await onRevoked(partitions);
      },
    };
  }

  /** The log is another's to close. */
  async close(): Promise<void> {}
}
