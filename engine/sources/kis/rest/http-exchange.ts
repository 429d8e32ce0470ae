// One HTTP request and its whole answer, bounded in time and bytes. It knows nothing of KIS or KRX; whatever goes wrong
// below HTTP becomes an ExchangeError, whose code is all that is said of it: no address, no header, no body.
import type { Timers } from '../timers.ts';

export interface ExchangeRequest {
  readonly url: URL;
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly bytesMax: number;
  readonly timers: Timers;
  /** Ends the request with `closed`. */
  readonly closing?: AbortSignal;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

export class ExchangeError extends Error {
  /** `timeout`, `closed`, `too_large`, or the code of the socket error (`ECONNREFUSED`). */
  readonly code: string;

  constructor(code: string) {
    super(`no answer: ${code}`);
    this.name = 'ExchangeError';
    this.code = code;
  }
}

/** @throws ExchangeError */
export async function exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
  const { url, method = 'GET', headers = {}, body, timeoutMs, bytesMax, timers, closing } = request;
  const abort = new AbortController();
  let reason = 'timeout';
  const close = (): void => {
    reason = 'closed';
    abort.abort();
  };
  if (closing?.aborted) throw new ExchangeError('closed');
  closing?.addEventListener('abort', close);
  const cancel = timers.after(timeoutMs, () => abort.abort());
  try {
    const response = await fetch(url, {
      method,
      // Credentials travel in headers: they go to the address that was configured and nowhere else.
      redirect: 'error',
      headers,
      signal: abort.signal,
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: response.headers, bytes: await wholeBody(response, bytesMax) };
  } catch (error) {
    if (error instanceof ExchangeError) throw error;
    throw new ExchangeError(abort.signal.aborted ? reason : socketCode(error));
  } finally {
    cancel();
    closing?.removeEventListener('abort', close);
  }
}

async function wholeBody(response: Response, bytesMax: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new ExchangeError('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** `fetch` hides the reason (`ECONNREFUSED`) in its error's cause. */
function socketCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null ? (cause as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : 'request_failed';
}
