// How old records are on receipt: exchange time against engine time, with the clocks' difference estimated and taken out.
import { ClockOffset, type SavedClockOffset } from './clock-offset.ts';
import type { QualityContext } from './context.ts';
import type { Subject } from './subject.ts';

/** A record of another day is not late by hours: a simulated day ended, or its date is damaged. */
export const ANOTHER_DAY_US = 6 * 3600 * 1_000_000;

export class Receipts {
  /** False for recordings: their exchange times are of another day, and tell nothing of this one's receipts. */
  timed = true;
  private readonly clock = new ClockOffset();
  private readonly engine: Subject;

  constructor(engine: Subject) {
    this.engine = engine;
  }

  /** Our clock minus the exchange's, plus the shortest way of a record; microseconds. */
  get offsetUs(): number {
    return this.clock.offsetUs;
  }

  /** Age of a record beyond the clock offset, microseconds; the exchange's time must be in the context. 0: not known. */
  ageUs(context: QualityContext): number {
    if (!this.timed || Math.abs(context.timeUs - context.exchangeTimeUs) > ANOTHER_DAY_US) return 0;
    const jumpUs = this.clock.observe(context.timeUs, context.exchangeTimeUs);
    if (jumpUs !== 0) this.engine.find('clock_jump', 'engine', context, Math.abs(jumpUs) / 1000, 0, jumpUs / 1000);
    return context.timeUs - context.exchangeTimeUs - this.clock.offsetUs;
  }

  /** Each entry of the journal. `still`: no trading was to be expected since the one before. */
  advance(timeUs: number, still: boolean): void {
    this.clock.advance(timeUs, still);
  }

  reset(): void {
    this.clock.reset();
  }

  save(): SavedClockOffset {
    return this.clock.save();
  }

  load(saved: SavedClockOffset): void {
    this.clock.load(saved);
  }
}
