// What one subject (a stream of an instrument, or the engine) has lost in points: of the day, which only add up, and of
// the last five minutes, which pass. Plain numbers in one array, which is its saved state as well.
//
//   ┌ points of the day ┬ minute ┬ points of 5 minutes ─────────────┬ findings of the day ┐
//   │ by dimension      │ newest │ by minute mod 5, then dimension  │ by kind             │
import { DIMENSION_NUMBER, DIMENSIONS, FINDING_KINDS, type FindingKind, KIND_NUMBER } from './findings.ts';

const MINUTE_US = 60_000_000;
const MINUTES = 5;
const DIMENSION_COUNT = DIMENSIONS.length;
const MINUTE = DIMENSION_COUNT;
const RECENT = MINUTE + 1;
const COUNTS = RECENT + MINUTES * DIMENSION_COUNT;
const LENGTH = COUNTS + FINDING_KINDS.length;

export class Ledger {
  readonly state = new Float64Array(LENGTH);

  /** Takes points off the kind's dimension. */
  deduct(kind: FindingKind, points: number, timeUs: number): void {
    const { state } = this;
    this.passTo(timeUs);
    state[COUNTS + KIND_NUMBER[kind]] += 1;
    state[DIMENSION_NUMBER[kind]] += points;
    state[this.bucket(state[MINUTE]) + DIMENSION_NUMBER[kind]] += points;
  }

  /** What was missing came after all: points of it are given back. The finding stays counted. */
  restore(kind: FindingKind, points: number, timeUs: number): void {
    const { state } = this;
    this.passTo(timeUs);
    const dimension = DIMENSION_NUMBER[kind];
    state[dimension] = Math.max(0, state[dimension] - points);
    let left = points;
    for (let minute = 0; minute < MINUTES && left > 0; minute++) {
      const at = this.bucket(state[MINUTE] - minute) + dimension;
      const given = Math.min(left, state[at]);
      state[at] -= given;
      left -= given;
    }
  }

  /** Points of the day so far, by number of the dimension. */
  points(dimension: number): number {
    return this.state[dimension];
  }

  /** Points of the last five minutes, the one that runs among them. */
  recentPoints(dimension: number, timeUs: number): number {
    const { state } = this;
    const behind = Math.floor(timeUs / MINUTE_US) - state[MINUTE];
    let points = 0;
    for (let minute = 0; minute < MINUTES - behind; minute++) {
      points += state[this.bucket(state[MINUTE] - minute) + dimension];
    }
    return points;
  }

  count(kind: FindingKind): number {
    return this.state[COUNTS + KIND_NUMBER[kind]];
  }

  /** A new day: its evidence begins anew. The last minutes pass by themselves. */
  openDay(): void {
    this.state.fill(0, 0, DIMENSION_COUNT);
    this.state.fill(0, COUNTS);
  }

  private bucket(minute: number): number {
    return RECENT + (minute % MINUTES) * DIMENSION_COUNT;
  }

  private passTo(timeUs: number): void {
    const { state } = this;
    const minute = Math.floor(timeUs / MINUTE_US);
    const first = Math.max(state[MINUTE] + 1, minute - MINUTES + 1);
    for (let passed = first; passed <= minute; passed++) {
      const at = this.bucket(passed);
      state.fill(0, at, at + DIMENSION_COUNT);
    }
    state[MINUTE] = Math.max(state[MINUTE], minute);
  }
}
