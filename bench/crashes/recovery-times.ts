// How long clients waited after each crash, milliseconds.
const POLL_MS = 2;
const MS_MAX = 60_000;

export class RecoveryTimes {
  readonly ms: number[] = [];

  /**
   * @param recovered tells whether all is as it should be again
   * @param lastWords of everyone who has a part in it, for the error
   * @throws Error where that is not so within a minute
   */
  async measure(recovered: () => boolean, crashedMs: number, what: string, lastWords: () => string): Promise<void> {
    while (!recovered()) {
      if (performance.now() - crashedMs > MS_MAX)
        throw new Error(`not recovered within ${MS_MAX} ms: ${what}\n${lastWords()}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    this.ms.push(performance.now() - crashedMs);
  }

  /** NaN where nothing was measured. */
  quantile(share: number): number {
    const sorted = [...this.ms].sort((one, other) => one - other);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  }
}
