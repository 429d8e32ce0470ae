// Logistic regression by Newton's method, for the baselines: calibrated imbalance, persistence, and all features.

/** Log-odds of a row: weights · row. Rows carry their own constant where one is wanted. */
export interface LogisticRegression {
  readonly weights: Float64Array;
}

const STEPS_MAX = 30;
const STEP_TOLERANCE = 1e-9;

/**
 * @param rows [count × width]
 * @param ridge L2 penalty a row, on every weight
 */
export function fitLogistic(
  rows: ArrayLike<number>,
  width: number,
  up: ArrayLike<number>,
  ridge: number,
): LogisticRegression {
  const count = up.length;
  const weights = new Float64Array(width);
  for (let step = 0; step < STEPS_MAX; step++) {
    const gradient = new Float64Array(width);
    const hessian = new Float64Array(width * width);
    for (let r = 0; r < count; r++) {
      const p = probability(weights, rows, r * width);
      const slope = p * (1 - p);
      for (let i = 0; i < width; i++) {
        const value = rows[r * width + i];
        if (value === 0) continue;
        gradient[i] += (p - up[r]) * value;
        for (let j = 0; j <= i; j++) hessian[i * width + j] += slope * value * rows[r * width + j];
      }
    }
    for (let i = 0; i < width; i++) {
      gradient[i] += ridge * count * weights[i];
      hessian[i * width + i] += ridge * count + 1e-9;
    }
    const change = solvePositiveDefinite(hessian, gradient);
    let largest = 0;
    for (let i = 0; i < width; i++) {
      weights[i] -= change[i];
      largest = Math.max(largest, Math.abs(change[i]));
    }
    if (largest < STEP_TOLERANCE) break;
  }
  return { weights };
}

export function probability(weights: Float64Array, rows: ArrayLike<number>, offset: number): number {
  let logOdds = 0;
  for (let i = 0; i < weights.length; i++) logOdds += weights[i] * rows[offset + i];
  return 1 / (1 + Math.exp(-logOdds));
}

/** Cholesky; reads the lower triangle of `matrix` and overwrites it. */
function solvePositiveDefinite(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j];
      for (let k = 0; k < j; k++) sum -= matrix[i * n + k] * matrix[j * n + k];
      matrix[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-300)) : sum / matrix[j * n + j];
    }
  }
  const solution = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) solution[i] -= matrix[i * n + k] * solution[k];
    solution[i] /= matrix[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) solution[i] -= matrix[k * n + i] * solution[k];
    solution[i] /= matrix[i * n + i];
  }
  return solution;
}
