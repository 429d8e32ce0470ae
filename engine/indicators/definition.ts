// An indicator as data: its names, how much it remembers, and one pure step. Undoing the last step, saving and resetting
// are the same for all of them and stand in fold.ts; a file of the family holds its formula and nothing else.
import type { Drive, Sample } from './indicator.ts';

/**
 * The state of every indicator. A frame holds the outputs and then the registers. The head, an int32 in the place of a
 * double, says where the newer frame begins; the other one is as it was before the last sample.
 *
 *     head │ frame │ frame │ ring ──►
 *     0      1       1 + frame
 *
 * Frames take turns, so that nothing is copied for the sake of a replace. The ring needs no undo: it has a slot more
 * than the window, so the slot that a step writes is none that it reads, and a step taken again writes it again.
 */
export interface IndicatorDefinition {
  readonly name: string;
  readonly drive: Drive;
  readonly outputs: readonly string[];
  /** Usable samples until the first output is a number. */
  readonly warmUp: number;
  /** Numbers in a frame: outputs, which begin as NaN, and registers, which begin as 0. */
  readonly frame: number;
  /** Numbers in the ring, which begin as 0; none where no window is remembered. */
  readonly ring: number;
  /**
   * True where lost trades can be made good by one sample of their shares at their mean price, which the gap tells. All
   * others that trades drive begin anew after a gap.
   */
  readonly mendsGaps?: true;
  readonly step: Step;
}

/**
 * Reads the frame that begins at `from`, writes all of the frame that begins at `to`. Where the sample is of no use it
 * writes nothing and returns false.
 */
export type Step = (state: Float64Array, from: number, to: number, sample: Sample) => boolean;

/** Where the ring begins behind frames of that length. */
export function ringStart(frame: number): number {
  return 1 + 2 * frame;
}

/** Window of a moving indicator, in samples. */
export interface PeriodParameters {
  readonly period: number;
}

/** @throws RangeError where the period is no positive integer. */
export function requirePeriod(period: number, name = 'period'): number {
  if (!Number.isSafeInteger(period) || period < 1)
    throw new RangeError(`${name} must be an integer from 1, is ${period}`);
  return period;
}

/** A price counts when it is finite and above 0: KIS writes 0 where there is none, and a return needs a quotient. */
export function isPrice(x: number): boolean {
  return x > 0 && x < Number.POSITIVE_INFINITY;
}

/** A size or a volume counts when it is finite and not negative. */
export function isSize(x: number): boolean {
  return x >= 0 && x < Number.POSITIVE_INFINITY;
}
