// Approval keys and access tokens, issued and checked as KIS does it. Any app key is taken unless a list says which.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { RestAnswer } from './rest.ts';
import { koreanDateTime } from './wire.ts';

export interface CredentialsOptions {
  /** Secret by app key; any non-empty pair is taken where it is not given. */
  readonly appKeys?: ReadonlyMap<string, string>;
  readonly clock: Clock;
}

interface Token {
  readonly text: string;
  readonly issuedUs: number;
}

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
/** Within it the same token is given again. */
const REISSUE_US = 6 * 3_600 * SECOND_US;
/** After a new token, any request within it is refused. */
const ISSUE_PAUSE_US = 60 * SECOND_US;
/** The oldest approval key is forgotten beyond it. */
const APPROVAL_KEYS_MAX = 1_000;

export class Credentials {
  private readonly options: CredentialsOptions;
  private readonly approvals = new Map<string, { appKey: string; issuedUs: number }>();
  private readonly tokens = new Map<string, Token>();

  constructor(options: CredentialsOptions) {
    this.options = options;
  }

  issueApprovalKey(body: Record<string, unknown>): RestAnswer {
    const refusal = this.refusal(body, body.secretkey);
    if (refusal !== undefined) return refusal;
    const approvalKey = randomUUID();
    this.approvals.set(approvalKey, { appKey: String(body.appkey), issuedUs: this.options.clock.nowUs() });
    if (this.approvals.size > APPROVAL_KEYS_MAX) this.approvals.delete(this.approvals.keys().next().value!);
    return { status: 200, body: { approval_key: approvalKey } };
  }

  /** Undefined for a key that is unknown or older than a day. */
  appKeyOf(approvalKey: unknown): string | undefined {
    const approval = typeof approvalKey === 'string' ? this.approvals.get(approvalKey) : undefined;
    if (approval === undefined) return undefined;
    return this.options.clock.nowUs() - approval.issuedUs < DAY_US ? approval.appKey : undefined;
  }

  forgetApprovalKeys(): void {
    this.approvals.clear();
  }

  issueToken(body: Record<string, unknown>): RestAnswer {
    const refusal = this.refusal(body, body.appsecret);
    if (refusal !== undefined) return refusal;
    const nowUs = this.options.clock.nowUs();
    const appKey = String(body.appkey);
    const known = this.tokens.get(appKey);
    const ageUs = known === undefined ? Number.POSITIVE_INFINITY : nowUs - known.issuedUs;
    if (ageUs < ISSUE_PAUSE_US) return oauthError('EGW00133', '접근토큰 발급 잠시 후 다시 시도하세요(1분당 1회)');
    const token = ageUs < REISSUE_US ? known! : { text: randomBytes(128).toString('base64url'), issuedUs: nowUs };
    this.tokens.set(appKey, token);
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

  /** The error code of a request's token, or undefined where it is good. */
  tokenError(authorization: string | undefined): 'EGW00121' | 'EGW00122' | 'EGW00123' | undefined {
    const text = /^Bearer (.+)$/.exec(authorization ?? '')?.[1];
    if (text === undefined) return 'EGW00122';
    for (const token of this.tokens.values()) {
      if (token.text !== text) continue;
      return this.options.clock.nowUs() - token.issuedUs < DAY_US ? undefined : 'EGW00123';
    }
    return 'EGW00121';
  }

  private refusal(body: Record<string, unknown>, secret: unknown): RestAnswer | undefined {
    if (body.grant_type === undefined) return oauthError('EGW00115', 'grant_type은 필수입니다.');
    if (body.grant_type !== 'client_credentials') return oauthError('EGW00116', '지원하지 않는 grant_type 입니다.');
    if (typeof body.appkey !== 'string' || body.appkey === '') return oauthError('EGW00102', 'AppKey는 필수입니다.');
    if (typeof secret !== 'string' || secret === '') return oauthError('EGW00104', 'AppSecret은 필수입니다.');
    const { appKeys } = this.options;
    if (appKeys === undefined) return undefined;
    if (!appKeys.has(body.appkey)) return oauthError('EGW00103', '유효하지 않은 AppKey입니다.');
    return appKeys.get(body.appkey) === secret ? undefined : oauthError('EGW00105', '유효하지 않은 AppSecret입니다.');
  }
}

function oauthError(code: string, description: string): RestAnswer {
  return { status: 403, body: { error_code: code, error_description: description } };
}

/** `2026-09-22 09:00:00` of `20260922090000`. */
function readable(dateTime: string): string {
  return dateTime.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3 $4:$5:$6');
}
