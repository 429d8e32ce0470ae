// Time as an input: entries at a steady pace, so that bars close and signals are scored without a trade. What time does
// is thereby journaled, and a replay does it at the same place.
import { filter, interval, map, type Observable } from 'rxjs';
import { type Clock, hostTimeUs } from '../clock.ts';
import type { InputBatch } from '../input.ts';

export interface ClockSourceOptions {
  readonly clock: Clock;
  /** False while the clock does not know the time yet (an emulated feed that has not announced it). */
  readonly ready: () => boolean;
  readonly periodMs: number;
}

/** One clock entry a period, none while time stands still. */
export function clockSource({ clock, ready, periodMs }: ClockSourceOptions): Observable<InputBatch> {
  let lastUs = 0;
  return interval(periodMs).pipe(
    filter(ready),
    map(() => clock.nowUs()),
    filter((nowUs) => nowUs > lastUs),
    map((nowUs) => {
      lastUs = nowUs;
      return { receivedUs: hostTimeUs(), inputs: [{ kind: 'clock', engineTimeUs: nowUs }] };
    }),
  );
}
