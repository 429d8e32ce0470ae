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
  /** Somebody has registered what nobody had, or nobody has it any more. */
  begin(trId: string, trKey: string): void;
  end(trId: string, trKey: string): void;
  /** Plays up to so many microseconds since the start, and hands out what became due, in order. */
  advanceTo(elapsedUs: number): readonly Delivery[];
}

/** What stands behind one registration: frames since the last flush, oldest first. */
export interface Stream {
  flush(): Iterable<string>;
  /** Nobody listens any more. */
  end(): void;
}

export function registrationName(trId: string, trKey: string): string {
  return `${trId}|${trKey}`;
}

export function partsOf(registration: string): [trId: string, trKey: string] {
  const bar = registration.indexOf('|');
  return [registration.slice(0, bar), registration.slice(bar + 1)];
}
