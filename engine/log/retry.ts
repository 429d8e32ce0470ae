// Waiting between attempts on a log that is away: longer each time, up to a bound.
const FIRST_MS = 50;
const MS_MAX = 2000;

export class RetryDelay {
  private ms = FIRST_MS;
  private timer: NodeJS.Timeout | undefined;
  private resolve: (() => void) | null = null;

  reset(): void {
    this.ms = FIRST_MS;
  }

  wait(): Promise<void> {
    const { ms } = this;
    this.ms = Math.min(2 * ms, MS_MAX);
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.timer = setTimeout(resolve, ms);
    });
  }

  /** Whoever waits goes on at once. */
  cut(): void {
    clearTimeout(this.timer);
    this.resolve?.();
  }
}
