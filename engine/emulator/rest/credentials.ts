// Approval keys and access tokens, issued, checked and revoked as KIS does it. Any app key is taken unless a list says
// which; a secret is then the one that the key's token was issued for.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../clock.ts';
import { koreanDateTime } from '../wire.ts';
import { oauthError, type RestAnswer, type RestErrorCode } from './answer.ts';

export interface CredentialsOptions {
  /** Secret by app key; any non-empty pair is taken where it is not given. */
  readonly appKeys?: ReadonlyMap<string, string>;
  readonly clock: Clock;
}

interface Token {
  readonly text: string;
  readonly appKey: string;
  readonly appSecret: string;
  readonly issuedUs: number;
}

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
/** Within it the same token is given again. */
const REISSUE_US = 6 * 3_600 * SECOND_US;
/** After a new token, any request within it is refused. */
const ISSUE_PAUSE_US = 60 * SECOND_US;
/** The oldest approval key, the oldest token, is forgotten beyond it. */
const APPROVAL_KEYS_MAX = 1_000;
const TOKENS_MAX = 1_000;

export class Credentials {
  private readonly options: CredentialsOptions;
  private readonly approvals = new Map<string, { appKey: string; issuedUs: number }>();
  private readonly tokens = new Map<string, Token>();
  private readonly tokenOfKey = new Map<string, Token>();
  private readonly revoked = new Set<string>();

  constructor(options: CredentialsOptions) {
    this.options = options;
  }

  issueApprovalKey(body: Readonly<Record<string, unknown>>): RestAnswer {
    const refusal = grantRefusal(body) ?? this.pairRefusal(body.appkey, body.secretkey);
    if (refusal !== undefined) return oauthError(refusal);
    const approvalKey = randomUUID();
    this.approvals.set(approvalKey, { appKey: String(body.appkey), issuedUs: this.options.clock.nowUs() });
    forgetOldest(this.approvals, APPROVAL_KEYS_MAX);
    return { status: 200, body: { approval_key: approvalKey } };
  }

  /** Undefined for a key that is unknown, older than a day, or of an app key that was revoked. */
  appKeyOf(approvalKey: unknown): string | undefined {
    const approval = typeof approvalKey === 'string' ? this.approvals.get(approvalKey) : undefined;
    if (approval === undefined || this.revoked.has(approval.appKey)) return undefined;
    return this.options.clock.nowUs() - approval.issuedUs < DAY_US ? approval.appKey : undefined;
  }

  forgetApprovalKeys(): void {
    this.approvals.clear();
  }

  issueToken(body: Readonly<Record<string, unknown>>): RestAnswer {
    const refusal = grantRefusal(body) ?? this.pairRefusal(body.appkey, body.appsecret);
    if (refusal !== undefined) return oauthError(refusal);
    const nowUs = this.options.clock.nowUs();
    const appKey = String(body.appkey);
    const known = this.tokenOfKey.get(appKey);
    const ageUs = known === undefined ? Number.POSITIVE_INFINITY : nowUs - known.issuedUs;
    if (ageUs < ISSUE_PAUSE_US) return oauthError('EGW00133');
    const token = ageUs < REISSUE_US ? known! : this.newToken(appKey, String(body.appsecret), nowUs);
    const expiresUs = token.issuedUs + DAY_US;
    return {
      status: 200,
      body: {
        access_token: token.text,
        access_token_token_expired: readable(koreanDateTime(expiresUs)),
        token_type: 'Bearer',
        expires_in: Math.floor((expiresUs - nowUs) / SECOND_US),
      },
    };
  }

  revokeToken(body: Readonly<Record<string, unknown>>): RestAnswer {
    const refusal = this.pairRefusal(body.appkey, body.appsecret);
    if (refusal !== undefined) return oauthError(refusal);
    const token = this.tokens.get(String(body.token));
    if (token?.appKey !== body.appkey) return oauthError('EGW00121');
    this.forget(token!);
    return { status: 200, body: { code: 200, message: '접근토큰 폐기에 성공하였습니다' } };
  }

  /** A digest of the body as it came; KIS asks for it with orders, where it is optional. */
  hashKey(headers: IncomingHttpHeaders, text: string): RestAnswer {
    const refusal = this.pairRefusal(headers.appkey, headers.appsecret);
    if (refusal !== undefined) return oauthError(refusal);
    return { status: 200, body: { BODY: text, HASH: createHash('sha256').update(text).digest('hex') } };
  }

  /** The app key of a request to `/uapi`, or the code of what is wrong with its headers. */
  authorize(headers: IncomingHttpHeaders): { readonly appKey: string } | { readonly refusal: RestErrorCode } {
    const refusal = this.pairRefusal(headers.appkey, headers.appsecret) ?? this.tokenRefusal(headers);
    if (refusal !== undefined) return { refusal };
    const customer = headers.custtype;
    // Many clients leave it out for quotations, and KIS lets them.
    if (customer !== undefined && customer !== 'P' && customer !== 'B') return { refusal: 'EGW00208' };
    return { appKey: String(headers.appkey) };
  }

  /** From now on the app key is as if it had never been, and what was issued for it is worth nothing. */
  revoke(appKey: string): void {
    this.revoked.add(appKey);
    const token = this.tokenOfKey.get(appKey);
    if (token !== undefined) this.forget(token);
  }

  /** All app keys that hold a token or an approval key. */
  revokeAll(): void {
    const approved = [...this.approvals.values()].map(({ appKey }) => appKey);
    for (const appKey of [...this.tokenOfKey.keys(), ...approved]) this.revoke(appKey);
  }

  /** Takes a revocation back; tokens have to be asked for again. */
  restore(appKey: string): void {
    this.revoked.delete(appKey);
  }

  private newToken(appKey: string, appSecret: string, issuedUs: number): Token {
    const token = { text: randomBytes(128).toString('base64url'), appKey, appSecret, issuedUs };
    this.tokens.set(token.text, token);
    this.tokenOfKey.set(appKey, token);
    forgetOldest(this.tokens, TOKENS_MAX);
    forgetOldest(this.tokenOfKey, TOKENS_MAX);
    return token;
  }

  private forget(token: Token): void {
    this.tokens.delete(token.text);
    this.tokenOfKey.delete(token.appKey);
  }

  private pairRefusal(appKey: unknown, secret: unknown): RestErrorCode | undefined {
    if (typeof appKey !== 'string' || appKey === '') return 'EGW00102';
    if (typeof secret !== 'string' || secret === '') return 'EGW00104';
    const { appKeys } = this.options;
    if (this.revoked.has(appKey) || appKeys?.has(appKey) === false) return 'EGW00103';
    return appKeys === undefined || appKeys.get(appKey) === secret ? undefined : 'EGW00105';
  }

  private tokenRefusal({ authorization, appkey, appsecret }: IncomingHttpHeaders): RestErrorCode | undefined {
    const text = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (text === undefined) return 'EGW00122';
    const token = this.tokens.get(text);
    if (token?.appKey !== appkey) return 'EGW00121';
    if (token!.appSecret !== appsecret) return 'EGW00105';
    return this.options.clock.nowUs() - token!.issuedUs < DAY_US ? undefined : 'EGW00123';
  }
}

function grantRefusal({ grant_type }: Readonly<Record<string, unknown>>): RestErrorCode | undefined {
  if (grant_type === undefined) return 'EGW00115';
  return grant_type === 'client_credentials' ? undefined : 'EGW00116';
}

function forgetOldest(map: Map<string, unknown>, entriesMax: number): void {
  if (map.size > entriesMax) map.delete(map.keys().next().value!);
}

/** `2026-09-22 09:00:00` of `20260922090000`. */
function readable(dateTime: string): string {
  return dateTime.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3 $4:$5:$6');
}
