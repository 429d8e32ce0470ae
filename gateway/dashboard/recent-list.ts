// The last `capacity` items, oldest first: the page may stay open for days and never grows.
// Overflow drops the oldest; it is trimmed in bulk, so that a full list does not shift at every push.

export class RecentList<T> {
  readonly capacity: number;
  private kept: T[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return Math.min(this.kept.length, this.capacity);
  }

  get last(): T | undefined {
    return this.kept[this.kept.length - 1];
  }

  push(item: T): void {
    this.kept.push(item);
    if (this.kept.length >= 2 * this.capacity) this.kept = this.toArray();
  }

  /** Starts anew with these, as a snapshot does. */
  replace(items: readonly T[]): void {
    this.kept = items.slice(-this.capacity);
  }

  toArray(): T[] {
    return this.kept.slice(-this.capacity);
  }
}
