// Sums that do not drift: a running sum is held as two doubles, the second being what the first has rounded away (about
// 106 bits together). Chosen over summing the window afresh now and then, because the error is bounded at every update
// and not only after the next fresh sum, no update takes longer than another, and nothing depends on when it was done.
// T. J. Dekker, A floating-point technique for extending the available precision (1971); D. E. Knuth, TAOCP 2, 4.2.2.

/** 2^27 + 1 cuts a double into two halves whose products are exact (Veltkamp). */
const SPLITTER = 134_217_729;

/** What a + b, rounded to `sum`, has lost. Exact. */
export function sumError(a: number, b: number, sum: number): number {
  const bRounded = sum - a;
  return a - (sum - bRounded) + (b - bRounded);
}

/** What a · b, rounded to `product`, has lost. Exact while nothing over- or underflows. */
export function productError(a: number, b: number, product: number): number {
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/**
 * Takes the sum in state[from] (what it has lost in state[from + 1]), adds high + low and puts it to state[to] likewise.
 * Returns the sum as a double.
 */
export function accumulate(state: Float64Array, from: number, to: number, high: number, low: number): number {
  const before = state[from];
  const rough = before + high;
  const lost = sumError(before, high, rough) + (state[from + 1] + low);
  const sum = rough + lost;
  state[to] = sum;
  state[to + 1] = lost - (sum - rough);
  return sum;
}

/** Moves a window's sum on: one number enters, one leaves. */
export function slide(state: Float64Array, from: number, to: number, entering: number, leaving: number): number {
  const difference = entering - leaving;
  return accumulate(state, from, to, difference, sumError(entering, -leaving, difference));
}

/** As `slide`, for the sum of squares: entering² − leaving² = (entering − leaving) · (entering + leaving). */
export function slideSquares(state: Float64Array, from: number, to: number, entering: number, leaving: number): number {
  const difference = entering - leaving;
  const sum = entering + leaving;
  const product = difference * sum;
  const differenceLow = sumError(entering, -leaving, difference);
  const low = difference * sumError(entering, leaving, sum) + differenceLow * sum;
  return accumulate(state, from, to, product, productError(difference, sum, product) + low);
}
