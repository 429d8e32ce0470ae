// Contract between the state machine and a model: rows of features in, probabilities out, in one synchronous call.

export interface Model {
  /** Name for the stream's variant and for metrics. */
  readonly name: string;
  /** SHA-256 of the artifact. */
  readonly hash: string;
  readonly featureNames: readonly string[];
  /**
   * Row r of `rows` is [r * width, (r + 1) * width), width = featureNames.length; writes the calibrated probability
   * that the next move of the mid is up to `up[r]`. A row's bits do not depend on the batch it stands in.
   * @throws where the backend fails; the engine then abstains
   */
  predict(rows: Float32Array, count: number, up: Float32Array): void;
  dispose(): void;
}
