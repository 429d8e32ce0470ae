// The log of a simulation, as its broker has it: topics, partitions, records, groups; and what goes wrong between it and the
// processes that use it. A connection is one process's way to it (log-simulated.ts).
import type { Random } from '../../engine/emulator/market/random.ts';
import type { LogRecord, ReadRecord } from '../../engine/log/partitioned-log.ts';
import { SimulatedGroup } from './log-group.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface BrokerOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly trace: Trace;
  readonly partitions: number;
  readonly count: (what: string) => void;
}

/** What the broker holds of one partition. */
export class SimulatedPartition {
  /** Number of the first record that retention has left. */
  first = 0;
  readonly listeners = new Set<() => void>();
  private readonly records: ReadRecord[] = [];

  get next(): number {
    return this.records.length;
  }

  land({ partition, key, value, headers }: LogRecord): number {
    const offset = this.records.length;
    this.records.push({ partition, offset, key, value: Buffer.from(value), headers: { ...headers } });
    for (const listener of this.listeners) listener();
    return offset;
  }

  from(offset: number, countMax: number): ReadRecord[] {
    return this.records.slice(offset, offset + countMax);
  }

  retainFrom(offset: number): void {
    this.first = Math.min(Math.max(this.first, offset), this.next);
  }
}

export class Broker {
  /** Until then nobody is answered. */
  awayUntilMs = 0;
  /** One in so many requests meets with a fault; 0 for none. */
  faultOneIn: number;
  readonly options: BrokerOptions;
  readonly topics = new Map<string, SimulatedPartition[]>();
  private readonly groups = new Map<string, SimulatedGroup>();

  constructor(options: BrokerOptions) {
    this.options = options;
    this.faultOneIn = 4 + options.random.below(30);
  }

  get isAway(): boolean {
    return this.options.time.nowMs < this.awayUntilMs;
  }

  prepare(name: string, partitions: number): void {
    if (this.topics.has(name)) return;
    this.topics.set(
      name,
      Array.from({ length: partitions }, () => new SimulatedPartition()),
    );
  }

  topic(name: string): SimulatedPartition[] {
    return this.topics.get(name) ?? [];
  }

  group(name: string, topic: string): SimulatedGroup {
    let group = this.groups.get(name);
    if (group === undefined) {
      const { time, trace, count } = this.options;
      group = new SimulatedGroup({ time, trace, count, partitions: this.topic(topic).length });
      this.groups.set(name, group);
    }
    return group;
  }

  /** Records of one append stand together in each partition. The first offset of each. */
  land(topic: string, records: readonly LogRecord[]): Map<number, number> {
    const partitions = this.topic(topic);
    const first = new Map<number, number>();
    for (const record of records) {
      const offset = partitions[record.partition].land(record);
      if (!first.has(record.partition)) first.set(record.partition, offset);
    }
    return first;
  }
}
