// Reading one partition of the simulated log: some records at a time, each time after a while, in order; the next ones once
// those before have been handled.
import { LogError, type ReadOptions } from '../../engine/log/partitioned-log.ts';
import type { SimulatedPartition } from './log-broker.ts';

export interface ReadingOptions {
  readonly partition: number;
  readonly of: SimulatedPartition;
  readonly topic: string;
  readonly onRecords: ReadOptions['onRecords'];
  readonly onFailed: ReadOptions['onFailed'];
  /** Runs it in the process's name, when an answer can reach that. */
  readonly later: (run: () => void) => void;
  readonly countMax: () => number;
}

export class Reading {
  position: number;
  private readonly options: ReadingOptions;
  private underWay: Promise<void> = Promise.resolve();
  private isAsking = false;
  private isEnded = false;
  private readonly onLanded = (): void => this.ask();

  constructor(position: number, options: ReadingOptions) {
    this.position = position;
    this.options = options;
    options.of.listeners.add(this.onLanded);
    this.ask();
  }

  get lag(): number {
    return this.options.of.next - this.position;
  }

  /** Resolves once nothing is under way. */
  async end(): Promise<void> {
    this.isEnded = true;
    this.options.of.listeners.delete(this.onLanded);
    await this.underWay;
  }

  private ask(): void {
    const { of, later } = this.options;
    if (this.isAsking || this.isEnded || this.position >= of.next) return;
    this.isAsking = true;
    later(() => {
      if (this.isEnded) return;
      this.underWay = this.take().catch((error) => {
        this.isEnded = true;
        this.options.onFailed(error as Error);
      });
    });
  }

  private async take(): Promise<void> {
    const { partition, of, topic, onRecords, countMax } = this.options;
    if (this.position < of.first)
      throw new LogError('offset_out_of_range', `${topic}/${partition} begins at ${of.first}`);
    const records = of.from(this.position, countMax());
    await onRecords(partition, records);
    this.position += records.length;
    this.isAsking = false;
    this.ask();
  }
}
