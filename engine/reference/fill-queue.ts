// Gaps that wait for their minute bars. A feed that was away tears one in every instrument at once: so there is one entry
// an instrument and day, which grows; the most important comes first, and of equals the one that ended last; beyond the
// capacity the least important is dropped and counted.
import { kstDate } from '../../config/calendar.ts';
import type { SessionVenue } from '../../config/sessions.ts';

export interface GapToFill {
  readonly code: string;
  readonly venue: SessionVenue;
  /** UTC: records of [fromUs, toUs) are missing, or some of them. */
  readonly fromUs: number;
  readonly toUs: number;
  /** 0 is most important; 100 where it is not given, as the symbols of the configured universe have. */
  readonly priority?: number;
}

export interface WaitingFill extends Required<GapToFill> {
  readonly attempts: number;
}

const MINUTE_US = 60_000_000;
const PRIORITY = 100;

export class FillQueue {
  /** Gaps that joined a waiting one, and gaps that were dropped because the queue was full. */
  merged = 0;
  dropped = 0;
  private readonly capacity: number;
  private readonly waiting = new Map<string, WaitingFill>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.waiting.size;
  }

  add(gap: GapToFill, attempts = 0): void {
    // Bars are whole minutes: what is torn is every minute that the gap touches.
    const fromUs = Math.floor(gap.fromUs / MINUTE_US) * MINUTE_US;
    const toUs = Math.max(fromUs + MINUTE_US, Math.ceil(gap.toUs / MINUTE_US) * MINUTE_US);
    const { code, venue, priority = PRIORITY } = gap;
    const key = `${code}.${venue} ${kstDate(fromUs)}`;
    const known = this.waiting.get(key);
    if (known === undefined) {
      this.waiting.set(key, { code, venue, fromUs, toUs, priority, attempts });
      if (this.waiting.size > this.capacity) this.drop();
      return;
    }
    this.merged += 1;
    this.waiting.set(key, {
      ...known,
      fromUs: Math.min(known.fromUs, fromUs),
      toUs: Math.max(known.toUs, toUs),
      priority: Math.min(known.priority, priority),
      attempts: Math.max(known.attempts, attempts),
    });
  }

  /** Takes the first of those whose last minute ended before the time; undefined where there is none. */
  take(endedUs: number): WaitingFill | undefined {
    let first: WaitingFill | undefined;
    let firstKey = '';
    for (const [key, fill] of this.waiting) {
      if (fill.toUs > endedUs || (first !== undefined && !precedes(fill, first))) continue;
      first = fill;
      firstKey = key;
    }
    this.waiting.delete(firstKey);
    return first;
  }

  private drop(): void {
    let last: WaitingFill | undefined;
    let lastKey = '';
    for (const [key, fill] of this.waiting) {
      if (last !== undefined && precedes(fill, last)) continue;
      last = fill;
      lastKey = key;
    }
    this.waiting.delete(lastKey);
    this.dropped += 1;
  }
}

function precedes(one: WaitingFill, other: WaitingFill): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  return one.toUs !== other.toUs ? one.toUs > other.toUs : one.code < other.code;
}
