// Exponential smoothing with the seed that TA-Lib and Wilder use: the plain mean of the first `period` values. Errors of
// rounding fade by the same weight as the past does, so nothing builds up.

/** Below this a mean is 0: subnormal numbers are slow, and a decay in them stops short of 0. */
const NEGLIGIBLE = 1e-300;

/** Weight of the count-th value (from 1): a running mean until the seed is whole, then the constant weight. */
export function smoothingWeight(count: number, period: number, weight: number): number {
  return count <= period ? 1 / count : weight;
}

/** mean + weight · (x − mean): in this form a constant input keeps its exact value. */
export function smoothed(mean: number, x: number, weight: number): number {
  const next = mean + weight * (x - mean);
  return next < NEGLIGIBLE && next > -NEGLIGIBLE ? 0 : next;
}
