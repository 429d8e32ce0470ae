// What a successor's feed delivers while the journal is still another's: kept for the moment in which the journal is its
// own. Session events are kept all; of the frames those that the old ingest may not have recorded, and a little more,
// whose trades are dropped as duplicates.
import type { Observable, Subscription } from 'rxjs';
import type { InputBatch } from '../input.ts';

/** Frames that two sessions receive apart by less are not taken for lost. */
const OVERLAP_US = 100_000;
const BATCHES_MAX = 50_000;

export class Overlap {
  /** Batches with frames that had no room: the oldest. */
  dropped = 0;
  private batches: InputBatch[] = [];
  private readonly subscription: Subscription;

  constructor(feed: Observable<InputBatch>) {
    this.subscription = feed.subscribe((batch) => {
      this.batches.push(batch);
      if (this.batches.length > BATCHES_MAX) this.halve();
    });
  }

  /** Ends the keeping. @param lastFrameUs host time of the last frame that the old ingest recorded */
  take(lastFrameUs: number): InputBatch[] {
    this.subscription.unsubscribe();
    return this.batches.flatMap((batch) => {
      if (batch.receivedUs >= lastFrameUs - OVERLAP_US) return [batch];
      const inputs = batch.inputs.filter(({ kind }) => kind === 'session');
      return inputs.length === 0 ? [] : [{ ...batch, inputs }];
    });
  }

  private halve(): void {
    const older = this.batches.slice(0, BATCHES_MAX / 2);
    const events = older.filter(({ inputs }) => inputs.some(({ kind }) => kind === 'session'));
    this.dropped += older.length - events.length;
    this.batches = [...events, ...this.batches.slice(BATCHES_MAX / 2)];
  }
}
