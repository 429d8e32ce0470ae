// A group of the simulated log: who shares partitions under which term. Each sharing takes back what was given, waits for
// those who answer, and goes on without those who do not: these hold what is another's, until they find out.
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A member that is silent for longer is taken for dead. */
export const SESSION_MS = 600;
const REBALANCE_MS_MAX = 1200;

export interface Member {
  readonly name: string;
  /**
   * Nothing of what was given is under way any more once `done` is called. By the time that it hears of it the sharing may
   * be over: what it has then was given by a later one.
   */
  revoke(done: () => void, isOver: () => boolean): void;
  assign(partitions: readonly number[], term: number): void;
  /** The group went on without it. */
  fenced(): void;
}

export interface SimulatedGroupOptions {
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly partitions: number;
  readonly count: (what: string) => void;
}

export class SimulatedGroup {
  private term = 0;
  /** Sharings begun; what belongs to an earlier one comes too late. */
  private round = 0;
  private readonly members = new Set<Member>();
  private ready = new Set<Member>();
  private readonly options: SimulatedGroupOptions;

  constructor(options: SimulatedGroupOptions) {
    this.options = options;
  }

  has(member: Member): boolean {
    return this.members.has(member);
  }

  join(member: Member): void {
    this.members.add(member);
    this.share();
  }

  leave(member: Member): void {
    if (this.members.delete(member)) this.share();
  }

  private share(): void {
    const { time, count } = this.options;
    this.round += 1;
    const { round } = this;
    this.ready = new Set();
    count('rebalances');
    const isOver = (): boolean => round !== this.round;
    for (const member of this.members)
      member.revoke(() => {
        if (isOver() || !this.members.has(member)) return;
        this.ready.add(member);
        if (this.ready.size === this.members.size) this.give(round);
      }, isOver);
    time.after(REBALANCE_MS_MAX, () => this.give(round), '');
  }

  private give(round: number): void {
    if (round !== this.round) return;
    const { trace, partitions } = this.options;
    this.round += 1;
    this.term += 1;
    const there = [...this.ready];
    for (const member of this.members) {
      if (this.ready.has(member)) continue;
      trace.note(`${member.name} is put out of the group`);
      this.members.delete(member);
      member.fenced();
    }
    for (const [i, member] of there.entries()) {
      const given = Array.from({ length: partitions }, (_, partition) => partition).filter(
        (partition) => (partition + this.term) % there.length === i,
      );
      trace.note(`${member.name} is given ${given.join(',')} under term ${this.term}`);
      member.assign(given, this.term);
    }
  }
}
