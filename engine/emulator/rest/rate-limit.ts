// Requests of one app key in one second: the limit of KIS's gateway. Windows begin with a key's first request.
import type { Clock } from '../../clock.ts';

/** Of one app key. `newCustomer` holds for the first three days. */
export const REQUESTS_PER_SECOND = { live: 18, paper: 1, newCustomer: 3 } as const;
const SECOND_US = 1_000_000;
/** The key that has asked least recently is forgotten beyond it. */
const KEYS_MAX = 1_000;

export class RateLimit {
  readonly requestsPerSecond: number;
  private readonly clock: Clock;
  private readonly windows = new Map<string, { startUs: number; requests: number }>();

  constructor(requestsPerSecond: number, clock: Clock) {
    this.requestsPerSecond = requestsPerSecond;
    this.clock = clock;
  }

  /** Counts the request; false for one too many. */
  take(appKey: string): boolean {
    const nowUs = this.clock.nowUs();
    const known = this.windows.get(appKey);
    const window = known && nowUs - known.startUs < SECOND_US ? known : { startUs: nowUs, requests: 0 };
    window.requests += 1;
    this.windows.delete(appKey);
    this.windows.set(appKey, window);
    if (this.windows.size > KEYS_MAX) this.windows.delete(this.windows.keys().next().value!);
    return window.requests <= this.requestsPerSecond;
  }
}
