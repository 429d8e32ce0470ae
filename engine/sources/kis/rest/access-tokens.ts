// The access token of one app key: kept until little is left of its day, shared by all who ask at once, and never asked
// for twice in a minute (EGW00133), whatever happens to it. Only codes leave this file in an error.
import type { Clock } from '../../../clock.ts';
import type { Timers } from '../timers.ts';
import { messageCode, parsedObject } from './answer.ts';
import { ExchangeError, exchange } from './http-exchange.ts';
import { KisRestError } from './kis-rest-error.ts';
import type { AccessToken, TokenStore } from './token-store.ts';

export interface AccessTokensOptions {
  readonly restUrl: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly requestTimeoutMs: number;
  /** Where a token outlives the process; null: nowhere. */
  readonly store: TokenStore | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly closing: AbortSignal;
}

const NAME = 'tokenP';
/** KIS gives one token a minute. */
const PAUSE_US = 61_000_000;
/** Asked again while this much of the old one is left: it still serves where no new one is to be had. */
const RENEWAL_US = 3_600_000_000;
const ATTEMPTS_MAX = 3;
const BYTES_MAX = 64 * 1024;
const TOO_SOON = 'EGW00133';

export class AccessTokens {
  /** Tokens that KIS gave, and requests for one that failed. */
  issued = 0;
  failed = 0;
  private readonly options: AccessTokensOptions;
  private token: AccessToken | null;
  private asking: Promise<AccessToken> | null = null;
  private askedUs = Number.NEGATIVE_INFINITY;

  constructor(options: AccessTokensOptions) {
    this.options = options;
    this.token = options.store?.load() ?? null;
  }

  /** @throws KisRestError */
  async current(): Promise<string> {
    const nowUs = this.options.clock.nowUs();
    const held = this.token;
    if (held !== null && held.expiresUs - nowUs > RENEWAL_US) return held.text;
    if (held !== null && held.expiresUs > nowUs) {
      // It still serves: a new one is fetched in passing, at most once a minute, and nobody waits for it.
      if (nowUs - this.askedUs >= PAUSE_US) this.renew().catch(() => {});
      return held.text;
    }
    return (await this.renew()).text;
  }

  /** KIS refused this token (EGW00121, EGW00123). One that was replaced meanwhile is left alone. */
  discard(text: string): void {
    if (this.token?.text === text) this.token = null;
  }

  private renew(): Promise<AccessToken> {
    this.asking ??= this.ask().finally(() => {
      this.asking = null;
    });
    return this.asking;
  }

  private async ask(): Promise<AccessToken> {
    for (let attempt = 1; ; attempt++) {
      await this.minuteAfterLast();
      try {
        const token = await this.fetchToken();
        this.issued += 1;
        this.token = token;
        this.keep(token);
        return token;
      } catch (error) {
        this.failed += 1;
        const tooSoon = error instanceof KisRestError && error.code === TOO_SOON;
        // Another process asked with the same key: within the minute the same question has an answer.
        if (!tooSoon || attempt === ATTEMPTS_MAX) throw error;
      }
    }
  }

  private async minuteAfterLast(): Promise<void> {
    const { clock, timers, closing } = this.options;
    const waitUs = this.askedUs + PAUSE_US - clock.nowUs();
    if (waitUs <= 0) return;
    await new Promise<void>((resolve, reject) => {
      const closed = (): void => {
        cancel();
        reject(new KisRestError('closed', NAME));
      };
      const cancel = timers.after(Math.ceil(waitUs / 1000), () => {
        closing.removeEventListener('abort', closed);
        resolve();
      });
      if (closing.aborted) closed();
      else closing.addEventListener('abort', closed, { once: true });
    });
  }

  private async fetchToken(): Promise<AccessToken> {
    const { restUrl, appKey, appSecret, requestTimeoutMs, timers, closing, clock } = this.options;
    try {
      const { status, bytes } = await exchange({
        url: new URL('/oauth2/tokenP', restUrl),
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({ grant_type: 'client_credentials', appkey: appKey, appsecret: appSecret }),
        timeoutMs: requestTimeoutMs,
        bytesMax: BYTES_MAX,
        timers,
        closing,
      });
      this.askedUs = clock.nowUs();
      const body = parsedObject(bytes) ?? {};
      const { access_token: text, expires_in: seconds } = body;
      if (status === 200 && typeof text === 'string' && text !== '' && typeof seconds === 'number' && seconds > 0)
        return { text, expiresUs: clock.nowUs() + seconds * 1_000_000 };
      throw new KisRestError(messageCode(body) ?? (status === 200 ? 'malformed' : `http_${status}`), NAME);
    } catch (error) {
      throw error instanceof ExchangeError ? new KisRestError(error.code, NAME) : error;
    }
  }

  /** A token that cannot be kept serves all the same. */
  private keep(token: AccessToken): void {
    try {
      this.options.store?.save(token);
    } catch {
      this.failed += 1;
    }
  }
}
