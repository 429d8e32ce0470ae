// How old records are on receipt: exchange time against engine time, with the clocks' difference estimated and taken out.
// Each instrument estimates it from its own records, so that what is found of one never hangs on which others there are.
import { ClockOffset, ClockSteps, type SavedClockOffset, type SavedClockSteps } from './clock-offset.ts';
import type { QualityContext } from './context.ts';
import type { Subject } from './subject.ts';

/** A record of another day is not late by hours: a simulated day ended, or its date is damaged. */
export const ANOTHER_DAY_US = 6 * 3600 * 1_000_000;

/** What the instruments have in common. */
export class FeedTime {
  /** False for recordings: their exchange times are of another day, and tell nothing of this one's receipts. */
  timed = true;
  readonly steps = new ClockSteps();
  private readonly engine: Subject;

  constructor(engine: Subject) {
    this.engine = engine;
  }

  jumped(jumpUs: number, context: QualityContext): void {
    if (!this.steps.isNews(context.timeUs, jumpUs)) return;
    this.engine.find('clock_jump', 'engine', context, Math.abs(jumpUs) / 1000, 0, jumpUs / 1000);
  }

  save(): SavedClockSteps {
    return this.steps.save();
  }

  load(saved: SavedClockSteps): void {
    this.steps.load(saved);
  }
}

export class Receipts {
  private readonly clock = new ClockOffset();
  private readonly feed: FeedTime;

  constructor(feed: FeedTime) {
    this.feed = feed;
  }

  get timed(): boolean {
    return this.feed.timed;
  }

  /** Our clock minus the exchange's, plus the shortest way of a record; microseconds. Null before its first record. */
  get offsetUs(): number | null {
    return this.clock.known ? this.clock.offsetUs : null;
  }

  /** Age of a record beyond the clock offset, microseconds; the exchange's time must be in the context. 0: not known. */
  ageUs(context: QualityContext): number {
    const { clock, feed } = this;
    if (!feed.timed || Math.abs(context.timeUs - context.exchangeTimeUs) > ANOTHER_DAY_US) return 0;
    const jumpUs = clock.observe(context.timeUs, context.exchangeTimeUs, feed.steps);
    if (jumpUs !== 0) feed.jumped(jumpUs, context);
    return context.timeUs - context.exchangeTimeUs - clock.offsetUs;
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
