// Faults of REST that a test asks for by name: answers that are errors, come late, or never come, and app keys that are
// worth nothing from now on. They hold for `/uapi`, the masters and the KRX Open API; OAuth stays as it is.
import { isRestErrorCode, type RestErrorCode } from './answer.ts';
import type { Credentials } from './credentials.ts';

export type RestFaultRequest =
  | { readonly type: 'rest_error'; readonly code: RestErrorCode; readonly count?: number }
  | { readonly type: 'rest_delay'; readonly ms: number; readonly count?: number }
  /** The request is read and never answered. */
  | { readonly type: 'rest_silent'; readonly count?: number }
  /** At once: of one app key, or of all that are in use. */
  | { readonly type: 'rest_revoke'; readonly appKey?: string };

export const REST_FAULTS = ['rest_error', 'rest_delay', 'rest_silent', 'rest_revoke'] as const;
export const DELAY_MS_MAX = 60_000;
const COUNT_MAX = 1_000_000;
/** Orders of faults that wait; a further one is refused. */
const PENDING_MAX = 1_000;

type Waiting = Exclude<RestFaultRequest, { type: 'rest_revoke' }>;

export class RestFaults {
  private readonly credentials: Credentials;
  private readonly pending: { readonly fault: Waiting; remaining: number }[] = [];

  constructor(credentials: Credentials) {
    this.credentials = credentials;
  }

  /** Orders that requests have yet to suffer. */
  get waiting(): number {
    return this.pending.length;
  }

  /** Throws a RangeError for one order too many. Faults wait in the order in which they came. */
  add(fault: RestFaultRequest): void {
    if (fault.type === 'rest_revoke') {
      if (fault.appKey === undefined) this.credentials.revokeAll();
      else this.credentials.revoke(fault.appKey);
      return;
    }
    if (this.pending.length >= PENDING_MAX) throw new RangeError(`at most ${PENDING_MAX} faults wait`);
    this.pending.push({ fault, remaining: fault.count ?? 1 });
  }

  /** What the next request suffers. */
  take(): Waiting | undefined {
    const first = this.pending[0];
    if (first === undefined) return undefined;
    first.remaining -= 1;
    if (first.remaining === 0) this.pending.shift();
    return first.fault;
  }
}

/** The fault that a body asks for, or why it is none; undefined where its type is none of REST. */
export function parseRestFault(body: Readonly<Record<string, unknown>>): RestFaultRequest | string | undefined {
  const { type, code, ms, count = 1, appKey } = body;
  if (!REST_FAULTS.some((known) => known === type)) return undefined;
  if (!(Number.isInteger(count) && Number(count) > 0 && Number(count) <= COUNT_MAX))
    return `count is 1 to ${COUNT_MAX}`;
  switch (type) {
    case 'rest_error':
      return isRestErrorCode(code) ? { type, code, count: Number(count) } : 'code is one of KIS, for rest_error';
    case 'rest_delay':
      if (!(Number.isInteger(ms) && Number(ms) > 0 && Number(ms) <= DELAY_MS_MAX)) return `ms is 1 to ${DELAY_MS_MAX}`;
      return { type, ms: Number(ms), count: Number(count) };
    case 'rest_silent':
      return { type, count: Number(count) };
    default:
      if (appKey === undefined) return { type: 'rest_revoke' };
      return typeof appKey === 'string' ? { type: 'rest_revoke', appKey } : 'appKey is a text';
  }
}
