// KIS's REST side for one app key: token, pace, retries, pages, and an error with a code for whatever goes wrong. What a
// transaction means stands in the files beside it.
import type { Clock } from '../../../clock.ts';
import { hostClock, monotonicUs } from '../../../clock.ts';
import { Backoff } from '../backoff.ts';
import { systemTimers, type Timers } from '../timers.ts';
import { AccessTokens } from './access-tokens.ts';
import { type KisAnswer, messageCode, parsedObject } from './answer.ts';
import { ExchangeError, exchange } from './http-exchange.ts';
import { KisRestError } from './kis-rest-error.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { TokenStore } from './token-store.ts';
import type { KisTransaction } from './transactions.ts';

export interface KisRestClientOptions {
  /** `https://openapi.koreainvestment.com:9443` or the emulator's, without a path. */
  readonly restUrl: string;
  readonly appKey: string;
  readonly appSecret: string;
  /** What `paper` does not answer is not asked. */
  readonly environment: 'live' | 'paper';
  /** Live 18, paper 1, a new customer 3. */
  readonly requestsPerSecond: number;
  readonly customerType?: 'P' | 'B';
  /** Default 10,000. */
  readonly requestTimeoutMs?: number;
  /** Requests that may wait for their turn (default 256); a further one fails with `queue_full`. */
  readonly queueMax?: number;
  /** How often one request goes out (default 4) before its error is told. */
  readonly attemptsMax?: number;
  readonly tokenStore?: TokenStore | null;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Uniform in [0, 1); for jitter only. */
  readonly random?: () => number;
  /** Time from sending to the whole answer, of each request that was answered at all. */
  readonly onLatency?: (trId: string, seconds: number) => void;
}

export interface KisRestCounters {
  requests: number;
  retries: number;
  /** EGW00201: KIS found that there were too many. */
  rateRefusals: number;
  tokensRefused: number;
  /** By code, of requests that failed for good. */
  failures: Record<string, number>;
}

/** Query parameters that name the next page, with the fields of the answer that fill them. */
export type Continuation = Readonly<Record<string, string>>;

const BYTES_MAX = 4 * 1024 * 1024;
/** Far more than any list that is asked for: the stocks of one account are fifty a page. */
const PAGES_MAX = 40;
const RATE_EXCEEDED = 'EGW00201';
const TOKEN_REFUSED: ReadonlySet<string> = new Set(['EGW00121', 'EGW00123']);
/** Codes below HTTP, and of a gateway that stumbles: the same request may well be answered next time. */
const PASSING = /^(timeout|E[A-Z]+|UND_ERR_\w+|request_failed|http_5\d\d|EGW0000[12]|EGW0030[01])$/;
const NEVER_AGAIN: ReadonlySet<string> = new Set(['closed', 'queue_full']);

export class KisRestClient {
  readonly environment: 'live' | 'paper';
  readonly counters: KisRestCounters = { requests: 0, retries: 0, rateRefusals: 0, tokensRefused: 0, failures: {} };
  readonly tokens: AccessTokens;
  private readonly options: KisRestClientOptions;
  private readonly timers: Timers;
  private readonly limiter: RateLimiter;
  private readonly closing = new AbortController();

  constructor(options: KisRestClientOptions) {
    const { restUrl, appKey, appSecret, environment, requestsPerSecond, queueMax = 256, tokenStore = null } = options;
    const { requestTimeoutMs = 10_000, timers = systemTimers, clock = hostClock } = options;
    this.options = options;
    this.environment = environment;
    this.timers = timers;
    this.limiter = new RateLimiter({ perSecond: requestsPerSecond, queueMax, clock, timers });
    const closing = this.closing.signal;
    this.tokens = new AccessTokens({
      restUrl,
      appKey,
      appSecret,
      requestTimeoutMs,
      store: tokenStore,
      clock,
      timers,
      closing,
    });
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return this.limiter.waiting;
  }

  /** Whether the environment answers this at all. */
  offers({ paperTrId }: KisTransaction): boolean {
    return this.environment === 'live' || paperTrId !== null;
  }

  /** One answer with `rt_cd` 0. @throws KisRestError */
  ask(transaction: KisTransaction, params: Readonly<Record<string, string>>): Promise<KisAnswer> {
    return this.askPage(transaction, params, '');
  }

  /**
   * All pages, first to last, or those up to one that is enough.
   * @throws KisRestError, `pages_max` where KIS does not come to an end
   */
  async askAll(
    transaction: KisTransaction,
    params: Readonly<Record<string, string>>,
    continuation: Continuation,
    enough: (page: KisAnswer) => boolean = () => false,
  ): Promise<KisAnswer[]> {
    const pages: KisAnswer[] = [];
    let keys = Object.fromEntries(Object.keys(continuation).map((name) => [name, '']));
    for (;;) {
      const page = await this.askPage(transaction, { ...params, ...keys }, pages.length === 0 ? '' : 'N');
      pages.push(page);
      if (!page.more || enough(page)) return pages;
      if (pages.length === PAGES_MAX) throw this.failure(new KisRestError('pages_max', transaction.trId));
      keys = Object.fromEntries(
        Object.entries(continuation).map(([name, field]) => [name, String(page.body[field] ?? '').trim()]),
      );
    }
  }

  /** Ends what is under way and what waits with `closed`. */
  close(): void {
    this.closing.abort();
    this.limiter.close();
  }

  private async askPage(
    transaction: KisTransaction,
    params: Readonly<Record<string, string>>,
    continued: '' | 'N',
  ): Promise<KisAnswer> {
    const trId = this.environment === 'paper' ? transaction.paperTrId : transaction.trId;
    if (trId === null)
      throw this.failure(new KisRestError('not_on_paper', transaction.trId, 'paper trading does not offer it'));
    const { attemptsMax = 4, random = Math.random } = this.options;
    const backoff = new Backoff({ firstMs: 1000, maxMs: 8000, random });
    let tokenRefused = false;
    for (let attempt = 1; ; attempt++) {
      let token: string | undefined;
      try {
        token = await this.tokens.current();
        await this.turn(trId);
        return await this.send({ ...transaction, trId }, params, continued, token);
      } catch (error) {
        if (!(error instanceof KisRestError)) throw error;
        if (TOKEN_REFUSED.has(error.code) && token !== undefined && !tokenRefused) {
          tokenRefused = true;
          this.counters.tokensRefused += 1;
          this.tokens.discard(token);
        } else if (attempt >= attemptsMax || token === undefined || !this.mayPass(error, backoff)) {
          throw this.failure(error);
        }
        this.counters.retries += 1;
      }
    }
  }

  /** Whether the same request may go out once more; it then waits in the limiter with all the others. */
  private mayPass({ code }: KisRestError, backoff: Backoff): boolean {
    if (code === RATE_EXCEEDED) this.counters.rateRefusals += 1;
    else if (NEVER_AGAIN.has(code) || !PASSING.test(code)) return false;
    this.limiter.pause(backoff.nextMs());
    return true;
  }

  private async turn(trId: string): Promise<void> {
    try {
      await this.limiter.turn();
    } catch (refusal) {
      throw new KisRestError(String(refusal), trId);
    }
  }

  private async send(
    { trId, path }: { trId: string; path: string },
    params: Readonly<Record<string, string>>,
    continued: string,
    token: string,
  ): Promise<KisAnswer> {
    const { restUrl, appKey, appSecret, customerType = 'P', requestTimeoutMs = 10_000, onLatency } = this.options;
    const url = new URL(path, restUrl);
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    this.counters.requests += 1;
    const sentUs = monotonicUs();
    try {
      const { status, headers, bytes } = await exchange({
        url,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          authorization: `Bearer ${token}`,
          appkey: appKey,
          appsecret: appSecret,
          tr_id: trId,
          custtype: customerType,
          tr_cont: continued,
        },
        timeoutMs: requestTimeoutMs,
        bytesMax: BYTES_MAX,
        timers: this.timers,
        closing: this.closing.signal,
      });
      onLatency?.(trId, (monotonicUs() - sentUs) / 1_000_000);
      const body = parsedObject(bytes);
      // Errors of the gateway come as HTTP 500 with a code, errors of the business as HTTP 200 with `rt_cd` 1.
      if (body === undefined) throw new KisRestError(status === 200 ? 'malformed' : `http_${status}`, trId);
      if (status !== 200 || body.rt_cd !== '0') {
        const code = messageCode(body) ?? (status === 200 ? 'malformed' : `http_${status}`);
        throw new KisRestError(code, trId, typeof body.msg1 === 'string' ? body.msg1 : '');
      }
      return { trId, body, more: ['M', 'F'].includes(headers.get('tr_cont') ?? '') };
    } catch (error) {
      throw error instanceof ExchangeError ? new KisRestError(error.code, trId) : error;
    }
  }

  private failure(error: KisRestError): KisRestError {
    const { failures } = this.counters;
    failures[error.code] = (failures[error.code] ?? 0) + 1;
    return error;
  }
}
