// Who has something to do by time alone, earliest first: a binary heap, so that an instrument that is due costs the
// logarithm of their number, not a look at all of them. Among those due at one time the lower number comes first, so
// that the order depends on nothing but the state.

export class DueQueue {
  /** Heap order: an entry is not later than those at 2i + 1 and 2i + 2. */
  private readonly times: number[] = [];
  private readonly numbers: number[] = [];
  /** By number: the entry that counts; others of the same number are outdated. Infinity where none does. */
  private readonly current: number[] = [];

  /** Time of the first; Infinity where nobody is due. It may be outdated, and is then too early, never too late. */
  get nextUs(): number {
    return this.times.length === 0 ? Number.POSITIVE_INFINITY : this.times[0];
  }

  /** From here on, this is when the number is due; Infinity: not at all. */
  expect(number: number, timeUs: number): void {
    if (this.current[number] === timeUs) return;
    this.current[number] = timeUs;
    if (timeUs !== Number.POSITIVE_INFINITY) this.push(timeUs, number);
  }

  /** Takes out the first that is due at the time; −1 where none is. */
  take(timeUs: number): number {
    while (this.nextUs <= timeUs) {
      const dueUs = this.times[0];
      const number = this.numbers[0];
      this.pop();
      if (this.current[number] !== dueUs) continue;
      this.current[number] = Number.POSITIVE_INFINITY;
      return number;
    }
    return -1;
  }

  clear(): void {
    this.times.length = this.numbers.length = this.current.length = 0;
  }

  private push(timeUs: number, number: number): void {
    const { times, numbers } = this;
    let at = times.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(timeUs, number, parent)) break;
      times[at] = times[parent];
      numbers[at] = numbers[parent];
      at = parent;
    }
    times[at] = timeUs;
    numbers[at] = number;
  }

  private pop(): void {
    const { times, numbers } = this;
    const timeUs = times.pop()!;
    const number = numbers.pop()!;
    const { length } = times;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.isBefore(times[child + 1], numbers[child + 1], child)) child += 1;
      if (this.isBefore(timeUs, number, child)) break;
      times[at] = times[child];
      numbers[at] = numbers[child];
      at = child;
    }
    times[at] = timeUs;
    numbers[at] = number;
  }

  private isBefore(timeUs: number, number: number, at: number): boolean {
    const other = this.times[at];
    return timeUs < other || (timeUs === other && number < this.numbers[at]);
  }
}
