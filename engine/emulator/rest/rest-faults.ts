// Faults of REST that a test asks for by name: answers that are errors, come late, or never come. They hold for `/uapi`,
// the masters and the KRX Open API; OAuth stays as it is, and app keys are revoked by a fault of the whole emulator.
import { z } from 'zod';
import { isRestErrorCode, type RestErrorCode } from './answer.ts';

/** `count` is how many requests suffer it (default 1). A silent one is read and never answered. */
export type RestFaultRequest =
  | { readonly type: 'rest_error'; readonly code: RestErrorCode; readonly count?: number }
  | { readonly type: 'rest_delay'; readonly ms: number; readonly count?: number }
  | { readonly type: 'rest_silent'; readonly count?: number };

export const REST_FAULTS: readonly RestFaultRequest['type'][] = ['rest_error', 'rest_delay', 'rest_silent'];
const DELAY_MS_MAX = 60_000;
const COUNT_MAX = 1_000_000;
/** Orders of faults that wait; a further one is refused. */
const PENDING_MAX = 1_000;

export class RestFaults {
  private readonly pending: { readonly fault: RestFaultRequest; remaining: number }[] = [];

  /** Orders that requests have yet to suffer. */
  get waiting(): number {
    return this.pending.length;
  }

  /** Throws a RangeError for one order too many. Faults wait in the order in which they came. */
  add(fault: RestFaultRequest): void {
    if (this.pending.length >= PENDING_MAX) throw new RangeError(`at most ${PENDING_MAX} faults wait`);
    this.pending.push({ fault, remaining: fault.count ?? 1 });
  }

  /** What the next request suffers. */
  take(): RestFaultRequest | undefined {
    const first = this.pending[0];
    if (first === undefined) return undefined;
    first.remaining -= 1;
    if (first.remaining === 0) this.pending.shift();
    return first.fault;
  }
}

const count = z.int().min(1).max(COUNT_MAX).exactOptional();
const request = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('rest_error'),
    code: z.custom<RestErrorCode>(isRestErrorCode, 'code is one of KIS'),
    count,
  }),
  z.strictObject({ type: z.literal('rest_delay'), ms: z.int().min(1).max(DELAY_MS_MAX), count }),
  z.strictObject({ type: z.literal('rest_silent'), count }),
]);

export function isRestFault(type: unknown): boolean {
  return REST_FAULTS.some((known) => known === type);
}

/** The fault, or in words what is wrong with it. */
export function parseRestFault(value: unknown): RestFaultRequest | string {
  const parsed = request.safeParse(value);
  return parsed.success ? parsed.data : parsed.error.issues[0].message;
}
