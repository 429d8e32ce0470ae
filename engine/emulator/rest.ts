// The REST side of the emulator: OAuth, the current price, and the emulator's own two paths (`/emulator/…`), which KIS
// does not have. All values of KIS answers are strings.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import type { Credentials } from './credentials.ts';
import { FAULT_COUNT_MAX, type FaultRequest, FRAME_FAULTS, IMMEDIATE_FAULTS, REGISTRATION_FAULTS } from './fault.ts';
import type { Quote } from './market/market.ts';
import { isWireCode } from './wire.ts';

export interface RestAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

export interface RestOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Requests to `/uapi` in one second over all app keys; beyond it EGW00201. */
  readonly requestsPerSecond: number;
  /** Undefined where there is no such code, or no market. */
  readonly quote: (code: string) => Quote | undefined;
  readonly fault: (request: FaultRequest) => void;
  readonly status: () => Record<string, unknown>;
}

const BODY_BYTES_MAX = 64 * 1024;
const FAULT_TYPES: ReadonlySet<unknown> = new Set([...IMMEDIATE_FAULTS, ...FRAME_FAULTS, ...REGISTRATION_FAULTS]);

export class Rest {
  private readonly options: RestOptions;
  private windowUs = 0;
  private requestsInWindow = 0;

  constructor(options: RestOptions) {
    this.options = options;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    const answer = body === undefined ? gatewayError(413, 'EGW00204', 'request too large') : this.answer(request, body);
    const text = JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': 'application/json; charset=utf-8' });
    response.end(text);
  }

  private answer(request: IncomingMessage, body: Record<string, unknown>): RestAnswer {
    const url = new URL(request.url ?? '/', 'http://emulator');
    switch (`${request.method} ${url.pathname}`) {
      case 'POST /oauth2/Approval':
        return this.options.credentials.issueApprovalKey(body);
      case 'POST /oauth2/tokenP':
        return this.options.credentials.issueToken(body);
      case 'GET /uapi/domestic-stock/v1/quotations/inquire-price':
        return this.inquirePrice(request, url);
      case 'GET /emulator/status':
        return { status: 200, body: this.options.status() };
      case 'POST /emulator/fault':
        return this.fault(request, body);
      default:
        return gatewayError(404, 'EGW00202', 'GW라우팅 중 오류가 발생했습니다.');
    }
  }

  private inquirePrice(request: IncomingMessage, url: URL): RestAnswer {
    const tokenError = this.options.credentials.tokenError(request.headers.authorization);
    if (tokenError !== undefined) return gatewayError(500, tokenError, '유효하지 않은 token 입니다.');
    if (!this.withinRate()) return gatewayError(500, 'EGW00201', '초당 거래건수를 초과하였습니다.');
    const market = url.searchParams.get('FID_COND_MRKT_DIV_CODE') ?? '';
    if (!['J', 'NX', 'UN'].includes(market))
      return gatewayError(200, 'OPSQ2001', 'ERROR INVALID FID_COND_MRKT_DIV_CODE');
    const quote = this.options.quote(url.searchParams.get('FID_INPUT_ISCD') ?? '');
    if (quote === undefined) return gatewayError(200, 'OPSQ2002', 'ERROR INVALID INPUT_FILED_SIZE');
    const head = { rt_cd: '0', msg_cd: 'MCA00000', msg1: '정상처리 되었습니다.' };
    return { status: 200, body: { ...head, output: currentPrice(quote) } };
  }

  private withinRate(): boolean {
    const nowUs = this.options.clock.nowUs();
    if (nowUs - this.windowUs >= 1_000_000) {
      this.windowUs = nowUs;
      this.requestsInWindow = 0;
    }
    this.requestsInWindow += 1;
    return this.requestsInWindow <= this.options.requestsPerSecond;
  }

  private fault(request: IncomingMessage, { type, count, code }: Record<string, unknown>): RestAnswer {
    // A web page that the user happens to visit can post here, but not without saying where it comes from.
    if (request.headers.origin !== undefined) return refused('requests of web pages are refused');
    if (!FAULT_TYPES.has(type)) return refused(`type is one of ${[...FAULT_TYPES].join(', ')}`);
    if (count !== undefined && !(Number.isInteger(count) && Number(count) > 0 && Number(count) <= FAULT_COUNT_MAX)) {
      return refused(`count is 1 to ${FAULT_COUNT_MAX}`);
    }
    if (type === 'reject' ? !isWireCode(code) : code !== undefined) return refused('code is an OPSP code, for reject');
    this.options.fault({ type, count, code } as FaultRequest);
    return { status: 200, body: { type } };
  }
}

function currentPrice(quote: Quote): Record<string, string> {
  const change = quote.priceWon - quote.previousCloseWon;
  const output: Record<string, string | number> = {
    stck_shrn_iscd: quote.code,
    stck_prpr: quote.priceWon,
    prdy_vrss: change,
    prdy_vrss_sign: change > 0 ? 2 : change < 0 ? 5 : 3,
    prdy_ctrt: ((100 * change) / quote.previousCloseWon).toFixed(2),
    acml_vol: quote.volume,
    acml_tr_pbmn: quote.turnoverWon,
    stck_oprc: quote.openWon,
    stck_hgpr: quote.highWon,
    stck_lwpr: quote.lowWon,
    stck_mxpr: quote.upperLimitWon,
    stck_llam: quote.lowerLimitWon,
    stck_sdpr: quote.previousCloseWon,
    aspr_unit: quote.tickSizeWon,
    iscd_stat_cls_code: '55',
    temp_stop_yn: 'N',
    vi_cls_code: 'N',
  };
  return Object.fromEntries(Object.entries(output).map(([name, value]) => [name, String(value)]));
}

function gatewayError(status: number, code: string, message: string): RestAnswer {
  return { status, body: { rt_cd: '1', msg_cd: code, msg1: message } };
}

function refused(reason: string): RestAnswer {
  return { status: 400, body: { error: reason } };
}

/** An empty object for a body that is empty or no JSON object; undefined for one that is too large. */
async function readBody(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
