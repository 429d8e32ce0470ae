// The clock that all processes of this host share: CLOCK_MONOTONIC, which process.hrtime reads, in microseconds as a
// plain number. An intended time computed in one process may be subtracted from a receipt in another.
import { performance } from 'node:perf_hooks';

/** performance.now() runs on the same clock from another origin, and is cheaper to read than a bigint. */
const offsetUs = Number(process.hrtime.bigint()) / 1000 - performance.now() * 1000;

export function sharedUs(): number {
  return performance.now() * 1000 + offsetUs;
}
