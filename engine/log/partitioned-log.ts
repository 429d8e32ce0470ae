// The port to a log of topics with partitions, as Kafka is one: all that the engine asks of it, in five methods. The real
// one is `kafka-log.ts`; simulations put one in its place that loses, delays and partitions.

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Settings of the topic as the broker names them, such as `retention.ms`. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface LogRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReadRecord extends LogRecord {
  /** Number of the record in its partition. */
  readonly offset: number;
}

/** A place in a partition: the next record to be read. */
export interface LogPosition {
  readonly partition: number;
  readonly offset: number;
}

export interface LogReader {
  /** Ends the reading; resolves once no handler runs any more. */
  stop(): Promise<void>;
  /** Records that the log holds behind what was handed over, by partition. */
  lag(): ReadonlyMap<number, number>;
}

export interface ReadOptions {
  readonly topic: string;
  /** Partitions and where to begin in each. @throws LogOffsetOutOfRange where retention has taken it away */
  readonly from: readonly LogPosition[];
  /** Records of one partition, in order, as many as came together. What it returns is waited for. */
  readonly onRecords: (partition: number, records: readonly ReadRecord[]) => Promise<void> | void;
  readonly onFailed: (error: Error) => void;
}

/** A partition is this member's until it is taken away again. */
export interface ShareOptions {
  readonly topic: string;
  readonly group: string;
  readonly member: string;
  /**
   * Partitions were given to this member under a term, which only grows; where reading begins in each is answered. What
   * an earlier term's holder writes from now on is late.
   */
  readonly onAssigned: (partitions: readonly number[], term: number) => Promise<readonly LogPosition[]>;
  /** Partitions are another member's from here on; resolves once nothing of them is under way. */
  readonly onRevoked: (partitions: readonly number[]) => Promise<void>;
  readonly onRecords: ReadOptions['onRecords'];
  readonly onFailed: (error: Error) => void;
}

export interface PartitionedLog {
  /** Makes the topics that are not there. @throws LogError where one is there with fewer partitions than wanted */
  prepare(topics: readonly TopicSpec[]): Promise<void>;
  /**
   * Appends in order, and is content once every replica in sync has it.
   * @returns offset of the first record appended to each partition
   * @throws LogError where it is not known to be there: append again, receivers drop what came twice
   */
  append(topic: string, records: readonly LogRecord[]): Promise<ReadonlyMap<number, number>>;
  /** First and next offset of every partition. */
  extent(
    topic: string,
  ): Promise<readonly { readonly partition: number; readonly first: number; readonly next: number }[]>;
  /** Reads: partitions of one's own choice, or those that a group shares out. */
  read(options: ReadOptions | ShareOptions): Promise<LogReader>;
  close(): Promise<void>;
}

export class LogError extends Error {
  readonly code: 'log_unavailable' | 'log_refused' | 'offset_out_of_range';

  constructor(code: LogError['code'], message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = 'LogError';
    this.code = code;
  }
}
