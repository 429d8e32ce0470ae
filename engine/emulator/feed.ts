// What the server needs of a feed: time moves on, and frames fall out. The simulated market is one, a recording another.

/** One frame for all who registered its TR and key. */
export interface Delivery {
  /** `registrationName(trId, trKey)`. */
  readonly registration: string;
  readonly frame: string;
}

export interface Feed {
  /** Simulated time, UTC microseconds. */
  readonly timeUs: number;
  /** When the next frame may be due: microseconds of feed time since the start; Infinity after the last one. */
  readonly nextDueUs: number;
  /** Whether there is such a key under the TR. */
  offers(trId: string, trKey: string): boolean;
  /** Plays up to so many microseconds since the start, and hands out what became due, in order. */
  advanceTo(elapsedUs: number): readonly Delivery[];
}

export function registrationName(trId: string, trKey: string): string {
  return `${trId}|${trKey}`;
}
