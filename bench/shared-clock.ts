// The clock that all processes of this host share: CLOCK_MONOTONIC, which process.hrtime reads, in microseconds as a
// plain number. An intended time computed in one process may be subtracted from a receipt in another.
import { performance } from 'node:perf_hooks';

const READINGS = 50;
/** performance.now() runs on the same clock from another origin, and is cheaper to read than a bigint. */
const offsetUs = originUs();

export function sharedUs(): number {
  return performance.now() * 1000 + offsetUs;
}

/** The tightest of many readings: a process that is interrupted between two clocks would be off by the interruption. */
function originUs(): number {
  let tightestMs = Number.POSITIVE_INFINITY;
  let originUs = 0;
  for (let reading = 0; reading < READINGS; reading++) {
    const before = performance.now();
    const shared = process.hrtime.bigint();
    const after = performance.now();
    if (after - before >= tightestMs) continue;
    tightestMs = after - before;
    originUs = Number(shared) / 1000 - ((before + after) / 2) * 1000;
  }
  return originUs;
}
