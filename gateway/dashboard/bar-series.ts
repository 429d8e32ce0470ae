// Closed bars of one interval, keyed by their start and in its order. A later message of the same start stands for the
// earlier: so a bar that was filled by REST takes the place of the torn one. Overflow drops the oldest.
import type { BarMessage } from '../../engine/messages.ts';

export class BarSeries {
  readonly capacity: number;
  /** Grows whenever a bar that had newer ones behind it changed: whoever has drawn the past draws it anew. */
  pastRevision = 0;
  private kept: BarMessage[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get last(): BarMessage | undefined {
    return this.kept[this.kept.length - 1];
  }

  put(bar: BarMessage): void {
    const index = this.indexOf(bar.startUs);
    const replaced = this.kept[index]?.startUs === bar.startUs ? 1 : 0;
    if (index + replaced < this.kept.length) this.pastRevision += 1;
    this.kept.splice(index, replaced, bar);
    // In bulk, so that a full series does not shift at every bar.
    if (this.kept.length >= 2 * this.capacity) this.kept = this.toArray();
  }

  clear(): void {
    this.kept = [];
    this.pastRevision += 1;
  }

  /** Oldest first. */
  toArray(): BarMessage[] {
    return this.kept.slice(-this.capacity);
  }

  /** Where a bar of this start stands or would stand. Searched from the end: nearly every bar is the newest. */
  private indexOf(startUs: number): number {
    let index = this.kept.length;
    while (index > 0 && (this.kept[index - 1] as BarMessage).startUs >= startUs) index -= 1;
    return index;
  }
}
