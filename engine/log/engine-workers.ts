// Role engine on the log: a member of the group that shares the journal topic's partitions, with a worker for each that it
// was given. Partitions that come back in the next sharing go on in memory.
import type { Logger } from 'pino';
import type { SnapshotStore } from '../state/snapshot-store.ts';
import { PartitionWorker, type PartitionWorkerOptions } from './partition-worker.ts';
import type { LogReader } from './partitioned-log.ts';
import { patiently, RetryDelay } from './retry.ts';

export interface EngineWorkersOptions extends Omit<PartitionWorkerOptions, 'partition' | 'store'> {
  /** Workers of one group share the partitions. */
  readonly group: string;
  readonly storeOf: (partition: number) => SnapshotStore;
  /** A worker cannot go on: the process must end and begin anew. */
  readonly onFailed: (error: Error) => void;
  readonly logger: Logger;
}

export class EngineWorkers {
  /** Times at which partitions were shared out anew. */
  rebalances = 0;
  readonly workers = new Map<number, PartitionWorker>();
  private readonly options: EngineWorkersOptions;
  /** Given back a moment ago: they are still what the journal makes of them. */
  private readonly parked = new Map<number, PartitionWorker>();
  private reader: LogReader | null = null;
  private readonly retry = new RetryDelay();
  private isGivingUp = false;

  constructor(options: EngineWorkersOptions) {
    this.options = options;
  }

  /** @throws LogError where the log cannot be read */
  async start(): Promise<void> {
    const { log, topics, group, worker, onFailed } = this.options;
    this.reader = await log.read({
      topic: topics.journal,
      group,
      member: worker,
      onAssigned: (partitions, term) => this.assigned(partitions, term),
      onRevoked: (partitions) => this.revoked(partitions),
      onRecords: async (partition, records) => {
        await this.workers.get(partition)?.take(records);
      },
      // What could not be waited for any longer is no failure of one that ends.
      onFailed: (error) => {
        if (!this.isGivingUp) onFailed(error);
      },
    });
  }

  /** Hands all partitions over. What cannot be published within `waitMs` is left to whoever comes next. */
  async stop(waitMs: number): Promise<void> {
    const deadline = setTimeout(() => {
      this.isGivingUp = true;
      this.retry.cut();
      for (const worker of this.workers.values()) worker.end();
    }, waitMs);
    await this.reader?.stop();
    clearTimeout(deadline);
  }

  /** Records of the journal topic that the partitions held here are behind its end. */
  get lag(): number {
    return [...(this.reader?.lag().values() ?? [])].reduce((sum, lag) => sum + lag, 0);
  }

  lagOf(partition: number): number {
    return this.reader?.lag().get(partition) ?? 0;
  }

  status(): object {
    const { rebalances, lag, workers } = this;
    const partitions = [...workers].map(([partition, worker]) => ({
      partition,
      lag: this.lagOf(partition),
      ...worker.status(),
    }));
    return { rebalances, lag, partitions };
  }

  private async assigned(partitions: readonly number[], term: number) {
    this.rebalances += 1;
    for (const partition of partitions) {
      const worker = this.parked.get(partition) ?? (await this.restore(partition));
      worker.term = term;
      this.workers.set(partition, worker);
    }
    this.parked.clear();
    this.options.logger.info({ partitions, term }, 'partitions assigned');
    return partitions.map((partition) => ({ partition, offset: this.workers.get(partition)!.position }));
  }

  /** A log that goes away meanwhile is waited for: to end would cost the partitions that are held in memory. */
  private restore(partition: number): Promise<PartitionWorker> {
    const { options, retry } = this;
    const store = options.storeOf(partition);
    retry.reset();
    const mayWait = (): boolean => !this.isGivingUp;
    return patiently(() => PartitionWorker.restore({ ...options, partition, store }), options.logger, {
      retry,
      mayWait,
    });
  }

  private async revoked(partitions: readonly number[]): Promise<void> {
    for (const partition of partitions) {
      const worker = this.workers.get(partition);
      if (worker === undefined) continue;
      await worker.handOver();
      this.workers.delete(partition);
      this.parked.set(partition, worker);
    }
  }
}
