// Frames that did not decode, kept for a look: the newest ones, each cut to a bound, and a count by reason of all.
import type { QuarantineReason } from './records.ts';

export interface QuarantinedFrame {
  readonly engineTimeUs: number;
  readonly reason: QuarantineReason;
  /** A copy of the frame, or of as much of it as is kept. */
  readonly bytes: Uint8Array;
  /** Length of the frame itself. */
  readonly byteLength: number;
}

export interface QuarantineOptions {
  /** Frames kept; the oldest makes room for the newest and is counted as dropped. */
  readonly capacity?: number;
  /** Bytes kept of a frame. */
  readonly bytesPerFrameMax?: number;
}

export class Quarantine {
  /** Frames by reason since the start, whether still kept or not; plain data. */
  readonly counts: Partial<Record<QuarantineReason, number>> = {};
  /** Frames that came in. */
  total = 0;
  /** Frames of these that made room for newer ones. */
  dropped = 0;
  private readonly capacity: number;
  private readonly bytesPerFrameMax: number;
  /** The newest frame stands at (total − 1) mod capacity. */
  private readonly ring: QuarantinedFrame[] = [];

  constructor({ capacity = 256, bytesPerFrameMax = 8192 }: QuarantineOptions = {}) {
    if (!(capacity >= 1)) throw new RangeError(`quarantine of ${capacity} frames`);
    this.capacity = capacity;
    this.bytesPerFrameMax = bytesPerFrameMax;
  }

  /** The frame is copied: the caller may go on using its bytes. */
  add(frame: Uint8Array, reason: QuarantineReason, engineTimeUs: number): void {
    const bytes = Uint8Array.prototype.slice.call(frame, 0, this.bytesPerFrameMax);
    if (this.ring.length === this.capacity) this.dropped += 1;
    this.ring[this.total % this.capacity] = { engineTimeUs, reason, bytes, byteLength: frame.length };
    this.total += 1;
    this.counts[reason] = (this.counts[reason] ?? 0) + 1;
  }

  /** What is kept, oldest first. */
  frames(): QuarantinedFrame[] {
    const newest = this.total % this.capacity;
    return [...this.ring.slice(newest), ...this.ring.slice(0, newest)];
  }
}
