// Who flushes when: KIS sends each symbol's trades and books about five times a second, and symbols take turns. Each name
// has its own phase in the period, the same in each run; only what somebody listens to is in the plan.
//
//   0 ms         phase of A            phase of B      200 ms         400 ms
//   ├─────────────┼──────────────────────┼──────────────┼──────────────┤
//                 A trades, A book       B trades …      the same again

interface Slot {
  readonly phaseUs: number;
  readonly name: string;
  readonly flush: () => void;
}

export class FlushPlan {
  private readonly periodUs: number;
  /** By phase, then name. */
  private readonly slots: Slot[] = [];
  /** The slot that comes next in the period that began at `begunUs`. */
  private next = 0;
  private begunUs = 0;
  private elapsedUs = 0;

  constructor(periodUs: number) {
    this.periodUs = periodUs;
  }

  /** Where nobody listens, the next look at the time. */
  get nextDueUs(): number {
    return this.slots.length === 0 ? this.elapsedUs + this.periodUs : this.begunUs + this.slots[this.next].phaseUs;
  }

  /** `offset` parts of `parts` behind the name's phase: a name may have several turns in a period. */
  add(name: string, flush: () => void, offset = 0, parts = 1): void {
    const phaseUs = (phase(name, this.periodUs) + Math.floor((this.periodUs * offset) / parts)) % this.periodUs;
    this.slots.splice(this.rank(phaseUs, name), 0, { phaseUs, name, flush });
    this.place();
  }

  remove(name: string): void {
    for (let at = this.slots.length - 1; at >= 0; at -= 1) if (this.slots[at].name === name) this.slots.splice(at, 1);
    this.place();
  }

  /** Flushes whatever is due up to the time, in order; `play` first brings the market there. */
  advanceTo(elapsedUs: number, play: (elapsedUs: number) => void): void {
    while (this.slots.length > 0 && this.nextDueUs <= elapsedUs) {
      this.elapsedUs = this.nextDueUs;
      play(this.elapsedUs);
      const { flush } = this.slots[this.next];
      this.next += 1;
      this.turnPeriod();
      flush();
    }
    this.elapsedUs = elapsedUs;
    play(elapsedUs);
    if (this.slots.length === 0) this.place();
  }

  /** After a change: the first slot that is not behind us. */
  private place(): void {
    this.begunUs = Math.floor(this.elapsedUs / this.periodUs) * this.periodUs;
    const positionUs = this.elapsedUs - this.begunUs;
    this.next = this.slots.findIndex(({ phaseUs }) => phaseUs > positionUs);
    if (this.next < 0) this.next = this.slots.length;
    this.turnPeriod();
  }

  private turnPeriod(): void {
    if (this.next < this.slots.length) return;
    this.next = 0;
    this.begunUs += this.periodUs;
  }

  private rank(phaseUs: number, name: string): number {
    let [low, high] = [0, this.slots.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const slot = this.slots[middle];
      if (slot.phaseUs < phaseUs || (slot.phaseUs === phaseUs && slot.name < name)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Spreads names over the milliseconds of the period (FNV-1a), the same in each run. */
function phase(name: string, periodUs: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return ((hash >>> 0) % (periodUs / 1000)) * 1000;
}
