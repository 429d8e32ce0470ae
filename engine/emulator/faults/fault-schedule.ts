// Faults at random times of the feed, drawn from a seed: equal seeds and equal feed time give equal faults, whatever the
// host's clock does. Arrivals are a Poisson process, types equally likely.
import { Random } from '../market/random.ts';
import { FAULT_TYPES, FAULTS, type FaultType } from './catalogue.ts';
import type { FaultRequest } from './request.ts';

export interface FaultScheduleOptions {
  /** Any integer. */
  readonly seed: number;
  /** In feed time; 0 gives none. */
  readonly faultsPerMinute: number;
  /** By default those of SCHEDULED_TYPES. */
  readonly types?: readonly FaultType[];
}

/** What a client may meet on a bad day, again and again, without anybody's help; keys that stay refused are no such thing. */
const UNSCHEDULED: ReadonlySet<FaultType> = new Set(['mute', 'revoke_keys', 'notice', 'reject', 'no_answer', 'storm']);
export const SCHEDULED_TYPES: readonly FaultType[] = FAULT_TYPES.filter((type) => !UNSCHEDULED.has(type));

const MINUTE_US = 60_000_000;
/** Apart from the market's streams. */
const STREAM = 0x0fa017;
/** Faults of one step of time; more would only wait in the queue. */
const STEP_FAULTS_MAX = 1_000;

export class FaultSchedule {
  private readonly types: readonly FaultType[];
  private readonly meanUs: number;
  private readonly random: Random;
  private nextUs: number;

  constructor({ seed, faultsPerMinute, types = SCHEDULED_TYPES }: FaultScheduleOptions) {
    this.types = types;
    this.meanUs = faultsPerMinute > 0 && types.length > 0 ? MINUTE_US / faultsPerMinute : Number.POSITIVE_INFINITY;
    this.random = new Random(seed, STREAM);
    this.nextUs = this.pauseUs();
  }

  /** Microseconds of feed time since the start; Infinity where none ever comes. */
  get nextDueUs(): number {
    return this.nextUs;
  }

  /** What became due up to so many microseconds of feed time since the start, oldest first. */
  advanceTo(elapsedUs: number): readonly FaultRequest[] {
    const due: FaultRequest[] = [];
    while (this.nextUs <= elapsedUs && due.length < STEP_FAULTS_MAX) {
      due.push(this.draw());
      this.nextUs += this.pauseUs();
    }
    return due;
  }

  private draw(): FaultRequest {
    const type = this.types[this.random.below(this.types.length)];
    const count = FAULTS[type].place === 'frame' ? 1 + this.random.below(3) : 1;
    return { type, count };
  }

  private pauseUs(): number {
    return this.meanUs * this.random.exponential();
  }
}
