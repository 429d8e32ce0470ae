// How often an instrument speaks, and so for how long it may be silent before records must be missing. Arrivals are
// counted in regular trading only; frames that came at the same time are one arrival.
//
//   limit = max(silentMs, 60 × mean interval, 3 × longest interval so far)
//
// Trading has bursts and lulls: activity at noon is a quarter of that at the open, and a lull is many mean intervals
// long. The limit therefore errs towards patience: a busy symbol is missed after silentMs, a quiet one after an hour.

/** Before so many arrivals the mean says little, and the limit is ten times silentMs at least. */
const ARRIVALS_MIN = 20;
const UNKNOWN_FACTOR = 10;
const MEAN_FACTOR = 60;
const LONGEST_FACTOR = 3;

/** Plain numbers; times in microseconds. */
export interface ActivityState {
  arrivals: number;
  /** Of regular trading between the arrivals. */
  activeUs: number;
  longestUs: number;
  heardUs: number;
  /** Since when it could be heard without a break: registered, and in regular trading. 0: it cannot. */
  sinceUs: number;
  /** Up to when a silence that lasts was found; 0: none. */
  foundUs: number;
}

export class Activity {
  readonly state: ActivityState = { arrivals: 0, activeUs: 0, longestUs: 0, heardUs: 0, sinceUs: 0, foundUs: 0 };
  private readonly silentUs: number;

  constructor(silentMs: number) {
    this.silentUs = silentMs * 1000;
  }

  hear(timeUs: number): void {
    const { state } = this;
    if (timeUs === state.heardUs) return;
    if (state.sinceUs > 0 && state.heardUs >= state.sinceUs && state.foundUs === 0) {
      const interval = timeUs - state.heardUs;
      state.arrivals += 1;
      state.activeUs += interval;
      if (interval > state.longestUs) state.longestUs = interval;
    }
    state.heardUs = timeUs;
    state.foundUs = 0;
  }

  /**
   * Time went on.
   * @param expected whether it is registered and in regular trading
   * @returns microseconds of silence that are to be found now, 0 for none: first what lies behind the last arrival, then
   * what came since it was found
   */
  silence(timeUs: number, expected: boolean): number {
    const { state } = this;
    if (!expected) {
      state.sinceUs = 0;
      state.foundUs = 0;
      return 0;
    }
    if (state.sinceUs === 0) state.sinceUs = timeUs;
    const heardUs = Math.max(state.heardUs, state.sinceUs);
    const due = state.foundUs === 0 ? heardUs + this.limitUs : state.foundUs + this.silentUs;
    if (timeUs <= due) return 0;
    const found = timeUs - Math.max(heardUs, state.foundUs);
    state.foundUs = timeUs;
    return found;
  }

  get limitUs(): number {
    const { arrivals, activeUs, longestUs } = this.state;
    const patienceUs = arrivals < ARRIVALS_MIN ? this.silentUs * UNKNOWN_FACTOR : this.silentUs;
    return Math.max(patienceUs, (MEAN_FACTOR * activeUs) / Math.max(1, arrivals), LONGEST_FACTOR * longestUs);
  }

  /** A new day: what was learnt stays, at half of its weight. */
  openDay(): void {
    const { state } = this;
    state.arrivals /= 2;
    state.activeUs /= 2;
    state.sinceUs = state.foundUs = 0;
  }
}
