// The port to a partitioned log as one process of a simulation has it. Each request takes a while and may fail: without a
// trace, with its records landed and the answer lost, with some partitions landed, with all of it landing much later. A
// process whose line is frozen is taken for dead by its group and wakes up late, with what it was about to write.
import {
  LogError,
  type LogPosition,
  type LogReader,
  type LogRecord,
  type PartitionedLog,
  type ReadOptions,
  type ShareOptions,
  type TopicSpec,
} from '../../engine/log/partitioned-log.ts';
import type { Fuse } from './fuse.ts';
import type { Broker } from './log-broker.ts';
import { type Member, SESSION_MS, type SimulatedGroup } from './log-group.ts';
import { Reading } from './log-reading.ts';

const ANSWER_MS_MAX = 12;
const SLOW_MS_MAX = 400;
const LATE_MS_MAX = 1500;
/** Between waking up and being told that the group went on. */
const FENCED_MS = 150;
const RECORDS_MAX = 40;

type Fate = 'done' | 'nothing' | 'answer_lost' | 'some' | 'later';
const FATES: readonly Fate[] = ['nothing', 'answer_lost', 'some', 'later'];

export class SimulatedLog implements PartitionedLog {
  private readonly broker: Broker;
  private readonly owner: string;
  private readonly fuse: Fuse;
  private frozenUntilMs = 0;
  private isClosed = false;
  private readonly memberships: Membership[] = [];

  constructor(broker: Broker, owner: string, fuse: Fuse) {
    this.broker = broker;
    this.owner = owner;
    this.fuse = fuse;
    fuse.whenDead(() => this.lose());
  }

  async prepare(topics: readonly TopicSpec[]): Promise<void> {
    await this.asked(() => {
      for (const { name, partitions } of topics) this.broker.prepare(name, partitions);
    });
  }

  append(topic: string, records: readonly LogRecord[]): Promise<ReadonlyMap<number, number>> {
    const { broker } = this;
    const { random, trace, count } = broker.options;
    if (records.length === 0) return Promise.resolve(new Map());
    if (this.fuse.isDead || (this.fuse.burns('append') && random.below(2) === 0)) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      const fate = this.fate();
      if (fate !== 'done') {
        trace.note(`append to ${topic} by ${this.owner}: ${fate}`);
        count(`append ${fate}`);
      }
      const fail = () => reject(new LogError('log_unavailable', `append to ${topic}: ${fate}`));
      const failLater = (): void => this.later(fail);
      const only = random.below(broker.options.partitions);
      const land = (): void => {
        if (fate === 'done') {
          const first = broker.land(topic, records);
          this.later(() => resolve(first));
          return;
        }
        if (fate !== 'nothing')
          broker.land(
            topic,
            records.filter(({ partition }) => fate !== 'some' || partition === only),
          );
        if (fate !== 'later') failLater();
      };
      // What is on its way arrives, whatever becomes of who sent it.
      this.onTheWay(this.delayMs() + (fate === 'later' ? random.below(LATE_MS_MAX) : 0), land);
      if (fate === 'later') failLater();
    });
  }

  extent(topic: string) {
    return this.asked(() => this.broker.topic(topic).map(({ first, next }, partition) => ({ partition, first, next })));
  }

  async read(options: ReadOptions | ShareOptions): Promise<LogReader> {
    const { broker } = this;
    await this.asked(() => {});
    if ('group' in options) {
      const membership = new Membership(this, options, broker.group(options.group, options.topic));
      this.memberships.push(membership);
      membership.group.join(membership);
      return membership;
    }
    for (const { partition, offset } of options.from) {
      const { first, next } = broker.topic(options.topic)[partition];
      if (offset < first || offset > next)
        throw new LogError('offset_out_of_range', `${options.topic}/${partition} holds ${first} … ${next}`);
    }
    const readings = this.readings(options, options.from);
    return {
      stop: async () => {
        for (const reading of readings.values()) await reading.end();
      },
      lag: () => new Map([...readings].map(([partition, { lag }]) => [partition, lag])),
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  /** Nothing reaches the process or leaves it for so long. */
  freeze(forMs: number): void {
    const { time } = this.broker.options;
    this.frozenUntilMs = time.nowMs + forMs;
    if (forMs > SESSION_MS) time.after(SESSION_MS, () => this.forgotten(), '');
  }

  /** Its groups find out. */
  private lose(): void {
    this.isClosed = true;
    this.broker.options.time.after(SESSION_MS, () => this.forgotten(), '');
  }

  readings({ topic, onRecords, onFailed }: ReadOptions | ShareOptions, from: readonly LogPosition[]) {
    const { broker } = this;
    const { random } = broker.options;
    return new Map(
      from.map(({ partition, offset }) => [
        partition,
        new Reading(offset, {
          partition,
          of: broker.topic(topic)[partition],
          topic,
          onRecords,
          onFailed,
          later: (run) => this.whenThere(run),
          countMax: () => 1 + random.below(RECORDS_MAX),
        }),
      ]),
    );
  }

  /** In the process's name, after a while, not while its line is frozen. */
  later(run: () => void, delayMs = this.delayMs()): void {
    const { time } = this.broker.options;
    const due = (): void => {
      const leftMs = this.frozenUntilMs - time.nowMs;
      if (leftMs > 0) time.after(leftMs, due, this.owner);
      else run();
    };
    time.after(delayMs, due, this.owner);
  }

  private forgotten(): void {
    const { time, trace, count } = this.broker.options;
    if (!this.isClosed && this.frozenUntilMs <= time.nowMs) return;
    for (const membership of this.memberships) {
      if (!membership.group.has(membership)) continue;
      trace.note(`${this.owner} is taken for dead`);
      membership.group.leave(membership);
      if (this.isClosed) continue;
      count('zombies');
      membership.fenced();
    }
  }

  /** Readers wait for a log that is away. */
  private whenThere(run: () => void): void {
    const { time } = this.broker.options;
    const due = (): void => {
      const leftMs = this.broker.awayUntilMs - time.nowMs;
      if (leftMs > 0) this.later(due, leftMs);
      else run();
    };
    this.later(due);
  }

  private onTheWay(delayMs: number, land: () => void): void {
    const { time } = this.broker.options;
    const leftMs = Math.max(0, this.frozenUntilMs - time.nowMs);
    time.after(leftMs + delayMs, land, '');
  }

  private asked<T>(answer: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const isFailing = this.broker.isAway || this.isFaulty();
      this.later(() => {
        if (isFailing) reject(new LogError('log_unavailable', 'no answer'));
        else resolve(answer());
      });
    });
  }

  private fate(): Fate {
    if (this.broker.isAway) return 'nothing';
    return this.isFaulty() ? FATES[this.broker.options.random.below(FATES.length)] : 'done';
  }

  private isFaulty(): boolean {
    const { faultOneIn, options } = this.broker;
    return faultOneIn > 0 && options.random.below(faultOneIn) === 0;
  }

  private delayMs(): number {
    const { random } = this.broker.options;
    return 1 + random.below(this.isFaulty() ? SLOW_MS_MAX : ANSWER_MS_MAX);
  }
}

/** This process in one group: what it was given, and reads. */
class Membership implements Member, LogReader {
  readonly group: SimulatedGroup;
  private readonly log: SimulatedLog;
  private readonly options: ShareOptions;
  private readings = new Map<number, Reading>();
  private given: readonly number[] = [];
  private turn: Promise<void> = Promise.resolve();
  private isStopped = false;

  constructor(log: SimulatedLog, options: ShareOptions, group: SimulatedGroup) {
    this.log = log;
    this.options = options;
    this.group = group;
  }

  get name(): string {
    return this.options.member;
  }

  assign(partitions: readonly number[], term: number): void {
    this.log.later(() => {
      if (this.isStopped) return;
      this.inTurn(async () => {
        // Where word of the sharing came too late, what it had is given back now.
        await this.giveBack();
        this.given = partitions;
        const from = await this.options.onAssigned(partitions, term);
        if (!this.isStopped) this.readings = this.log.readings(this.options, from);
      });
    });
  }

  revoke(done: () => void, isOver: () => boolean): void {
    this.log.later(() => {
      this.inTurn(async () => {
        if (isOver()) return;
        await this.giveBack();
        this.log.later(done);
      });
    });
  }

  /** It goes on as if nothing had happened for a while, then it is told. */
  fenced(): void {
    this.log.later(() => {
      this.inTurn(async () => {
        // Told twice, it is a member again already: what it has now is its own.
        if (this.group.has(this)) return;
        await this.giveBack();
        this.log.later(() => {
          if (!this.isStopped && !this.group.has(this)) this.group.join(this);
        });
      });
    }, FENCED_MS);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.inTurn(() => this.giveBack());
    await this.turn;
    this.group.leave(this);
  }

  lag(): ReadonlyMap<number, number> {
    return new Map([...this.readings].map(([partition, { lag }]) => [partition, lag]));
  }

  private inTurn(work: () => Promise<void>): void {
    this.turn = this.turn.then(work).catch((error) => this.options.onFailed(error as Error));
  }

  private async giveBack(): Promise<void> {
    for (const reading of this.readings.values()) await reading.end();
    const { given } = this;
    this.readings = new Map();
    this.given = [];
    if (given.length > 0) await this.options.onRevoked(given);
  }
}
