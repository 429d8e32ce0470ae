// Waiting between attempts on a log that is away: longer each time, up to a bound.
import type { Logger } from 'pino';
import { LogError } from './partitioned-log.ts';

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

/**
 * Tries until the log is there.
 * @param mayWait once it says no, the next failure is thrown
 * @throws LogError where the log refuses, and whatever else goes wrong
 */
export async function patiently<T>(
  work: () => Promise<T>,
  logger: Logger,
  { retry = new RetryDelay(), mayWait = () => true }: { retry?: RetryDelay; mayWait?: () => boolean } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'log_unavailable' || !mayWait()) throw error;
      if (attempt === 1) logger.warn({ err: error }, 'waiting for the log');
      await retry.wait();
    }
  }
}
