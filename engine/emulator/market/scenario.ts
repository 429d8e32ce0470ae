// What is to happen on a day and at which second, and what follows from it later.
import type { DayPlan } from './day-plan.ts';
import type { MarketEvent, ScheduledEvent } from './simulated-market.ts';

export class Scenario {
  private readonly events: readonly ScheduledEvent[];
  /** Of the day that runs, in order, those done left out. */
  private today: readonly ScheduledEvent[] = [];
  private later: { readonly second: number; readonly action: () => void }[] = [];

  constructor(events: readonly ScheduledEvent[]) {
    this.events = [...events].sort((one, other) => one.second - other.second);
  }

  /** What lies before `second` does not happen. */
  openDay({ businessDate }: DayPlan, second: number): void {
    this.later = [];
    this.today = this.events.filter((event) => (event.date ?? businessDate) === businessDate && event.second >= second);
  }

  /** Does something once the second of this day has come; a day that ends before forgets it. */
  plan(second: number, action: () => void): void {
    this.later.push({ second, action });
  }

  /** Plays what is due by a second. */
  play(second: number, happen: (event: MarketEvent) => void): void {
    while (this.today.length > 0 && this.today[0].second <= second) {
      const [{ event }] = this.today;
      this.today = this.today.slice(1);
      happen(event);
    }
    if (this.later.length === 0) return;
    const due = this.later.filter((one) => one.second <= second);
    this.later = this.later.filter((one) => one.second > second);
    for (const { action } of due) action();
  }
}
