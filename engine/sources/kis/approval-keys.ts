// The approval key that every registration carries: fetched over REST, kept until it is too old or refused. Neither
// the key nor the credentials nor KIS's own words about them ever leave this file in an error: only codes do.
import { hostTimeUs } from '../../clock.ts';
import type { Timers } from './timers.ts';

export interface ApprovalKeysOptions {
  readonly restUrl: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly requestTimeoutMs: number;
  readonly maxAgeMs: number;
  readonly timers: Timers;
}

/** Credentials that are missing, wrong, or not allowed to do this: asking again does not mend them. */
const FATAL_CODES: ReadonlySet<string> = new Set([
  'EGW00003',
  'EGW00004',
  'EGW00102',
  'EGW00103',
  'EGW00104',
  'EGW00105',
  'EGW00206',
  'EGW00207',
]);

export class ApprovalError extends Error {
  /** KIS's `error_code`, or `timeout`, `http_503`, `malformed`, or the code of the socket error. */
  readonly code: string;
  readonly fatal: boolean;

  constructor(code: string) {
    super(`no approval key: ${code}`);
    this.name = 'ApprovalError';
    this.code = code;
    this.fatal = FATAL_CODES.has(code);
  }
}

export class ApprovalKeys {
  private readonly options: ApprovalKeysOptions;
  private key: string | undefined;
  private fetchedUs = 0;

  constructor(options: ApprovalKeysOptions) {
    this.options = options;
  }

  /** The key in hand, or a new one. Throws an ApprovalError. */
  async current(): Promise<string> {
    const ageMs = (hostTimeUs() - this.fetchedUs) / 1000;
    if (this.key !== undefined && ageMs < this.options.maxAgeMs) return this.key;
    this.key = await this.fetchKey();
    this.fetchedUs = hostTimeUs();
    return this.key;
  }

  discard(): void {
    this.key = undefined;
  }

  private async fetchKey(): Promise<string> {
    const { restUrl, appKey, appSecret, requestTimeoutMs, timers } = this.options;
    const abort = new AbortController();
    const cancel = timers.after(requestTimeoutMs, () => abort.abort());
    try {
      const response = await fetch(new URL('/oauth2/Approval', restUrl), {
        method: 'POST',
        redirect: 'error',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        // KIS names it `secretkey` in this one call, `appsecret` in all others.
        body: JSON.stringify({ grant_type: 'client_credentials', appkey: appKey, secretkey: appSecret }),
        signal: abort.signal,
      });
      const answer = fields(await response.text());
      if (typeof answer.approval_key === 'string' && answer.approval_key !== '') return answer.approval_key;
      throw new ApprovalError(errorCode(answer) ?? (response.ok ? 'malformed' : `http_${response.status}`));
    } catch (error) {
      if (error instanceof ApprovalError) throw error;
      throw new ApprovalError(abort.signal.aborted ? 'timeout' : socketCode(error));
    } finally {
      cancel();
    }
  }
}

function fields(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function errorCode(answer: Record<string, unknown>): string | undefined {
  const code = answer.error_code ?? answer.msg_cd;
  return typeof code === 'string' && /^[A-Z]{3,4}\d{4,5}$/.test(code) ? code : undefined;
}

/** `fetch` hides the reason (`ECONNREFUSED`) in its error's cause. */
function socketCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null ? (cause as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : 'request_failed';
}
