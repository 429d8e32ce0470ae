// The one class behind every indicator: it takes back, saves and resets, and leaves the formula to the definition. One
// class and a function in a field, rather than a class for each: then the only call that varies is the call of `step`.
import { type IndicatorDefinition, ringStart, type Step } from './definition.ts';
import type { Drive, Indicator, Sample } from './indicator.ts';

/** Numbers in the state of an indicator. */
export function stateLength(definition: IndicatorDefinition): number {
  return ringStart(definition.frame) + definition.ring;
}

/**
 * A sample that an indicator cannot use (a price that is not finite or not above 0, a negative size, …) counts as none:
 * appended it changes nothing, and what it replaces is gone until the next replace.
 */
export class Fold implements Indicator {
  readonly name: string;
  readonly drive: Drive;
  readonly outputs: readonly string[];
  readonly warmUp: number;
  readonly mendsGaps: boolean;
  readonly state: Float64Array;
  /** The head of the state, seen as an integer: an index that comes from a double costs a conversion an access. */
  private readonly head: Int32Array;
  private readonly frame: number;
  private readonly step: Step;

  /** `state` may be a part of a larger array; it is reset here. */
  constructor(definition: IndicatorDefinition, state: Float64Array = new Float64Array(stateLength(definition))) {
    if (state.length !== stateLength(definition)) throw new RangeError(`${definition.name}: state of a wrong length`);
    this.name = definition.name;
    this.drive = definition.drive;
    this.outputs = definition.outputs;
    this.warmUp = definition.warmUp;
    this.mendsGaps = definition.mendsGaps ?? false;
    this.state = state;
    this.head = new Int32Array(state.buffer, state.byteOffset, 1);
    this.frame = definition.frame;
    this.step = definition.step;
    this.reset();
  }

  update(sample: Sample): void {
    const from = this.head[0];
    const to = this.frame + 2 - from; // 1 and 1 + frame in turn
    this.head[0] = to;
    if (!this.step(this.state, from, to, sample)) this.keep(from, to);
  }

  replace(sample: Sample): void {
    const to = this.head[0];
    const from = this.frame + 2 - to;
    if (!this.step(this.state, from, to, sample)) this.keep(from, to);
  }

  value(i: number): number {
    return this.state[this.head[0] + i];
  }

  reset(): void {
    const { state, frame, outputs } = this;
    state.fill(0);
    state.fill(Number.NaN, 1, 1 + outputs.length);
    state.fill(Number.NaN, 1 + frame, 1 + frame + outputs.length);
    this.head[0] = 1;
  }

  private keep(from: number, to: number): void {
    this.state.copyWithin(to, from, from + this.frame);
  }
}
