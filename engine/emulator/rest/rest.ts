// The REST side of the emulator: OAuth, the TRs of `/uapi`, the symbol masters, the KRX Open API, and the emulator's own
// paths. This is the way of one request through it; what stands behind each path is in files of its own.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type CalendarOverrides, NO_OVERRIDES } from '../../../config/calendar.ts';
import type { Clock } from '../../clock.ts';
import type { SimulatedMarket } from '../market/simulated-market.ts';
import { Account } from './account.ts';
import { Refusal, type RestAnswer, restError } from './answer.ts';
import { answerControl, type EmulatorControls } from './control.ts';
import type { Credentials } from './credentials.ts';
import { KrxOpenApi } from './krx.ts';
import { Listings } from './listings.ts';
import { Masters } from './masters.ts';
import { RateLimit, REQUESTS_PER_SECOND } from './rate-limit.ts';
import { RestFaults } from './rest-faults.ts';
import { checkParameters, type TransactionAnswer, type World } from './transaction.ts';
import { TRANSACTION_PATHS, TRANSACTIONS } from './transactions.ts';

export interface RestOptions extends EmulatorControls {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Undefined (a recording is played): TRs and masters have nothing to answer from. */
  readonly market?: SimulatedMarket | undefined;
  /** Whose TRs are served, and whose limits hold. Default: live. */
  readonly environment?: 'live' | 'paper' | undefined;
  /** Requests to `/uapi` of one app key in one second. Default: 18 live, 1 paper; new customers have 3. */
  readonly requestsPerSecond?: number | undefined;
  /** Shared with what fills it. Default: one without positions. */
  readonly account?: Account | undefined;
  /** Days that KIS says are open or closed against our own calendar. */
  readonly calendar?: CalendarOverrides | undefined;
  /** Keys that the KRX Open API takes. Default: any that is not empty. */
  readonly krxKeys?: ReadonlySet<string> | undefined;
  /** Default: 10,000. */
  readonly krxRequestsPerDay?: number | undefined;
}

interface Received {
  readonly request: IncomingMessage;
  readonly url: URL;
  /** An empty object for a body that is empty or no JSON object. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

const BODY_BYTES_MAX = 64 * 1024;
const EMPTY_HEADERS = {};

export class Rest {
  /** Undefined where there is no market. */
  readonly listings: Listings | undefined;
  readonly account: Account;
  readonly faults: RestFaults;
  readonly credentials: Credentials;
  private readonly options: RestOptions;
  private readonly rateLimit: RateLimit;
  private readonly world: World | undefined;
  private readonly masters: Masters | undefined;
  private readonly krx: KrxOpenApi | undefined;

  constructor(options: RestOptions) {
    const { credentials, clock, market, environment = 'live', calendar = NO_OVERRIDES } = options;
    const { krxKeys, krxRequestsPerDay } = options;
    this.options = options;
    this.credentials = credentials;
    this.account = options.account ?? new Account();
    this.faults = new RestFaults();
    this.rateLimit = new RateLimit(options.requestsPerSecond ?? REQUESTS_PER_SECOND[environment], clock);
    if (market === undefined) return;
    this.listings = new Listings(market);
    this.world = { market, listings: this.listings, account: this.account, environment, calendar };
    this.masters = new Masters(market, this.listings);
    this.krx = new KrxOpenApi({
      market,
      listings: this.listings,
      clock,
      ...(krxKeys && { keys: krxKeys }),
      ...(krxRequestsPerDay && { requestsPerDay: krxRequestsPerDay }),
    });
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    // Some clients send `//uapi/…`, which KIS takes as well, or a slash at the end.
    const url = new URL((request.url ?? '').replace(/^\/*/, '/').replace(/\/+(?=\?|$)/, ''), 'http://emulator');
    if (text === undefined) return send(response, restError('EGW00204'));
    const fault = isFaulty(url.pathname) ? this.faults.take() : undefined;
    if (fault?.type === 'rest_silent') return;
    if (fault?.type === 'rest_delay') await delay(response, fault.ms);
    if (response.destroyed) return;
    const received = { request, url, text, body: parsed(text) };
    send(response, fault?.type === 'rest_error' ? restError(fault.code) : this.answer(received));
  }

  private answer(received: Received): RestAnswer {
    const { request, url, body, text } = received;
    const { credentials } = this;
    const route = `${request.method} ${url.pathname}`;
    switch (route) {
      case 'POST /oauth2/Approval':
        return credentials.issueApprovalKey(body);
      case 'POST /oauth2/tokenP':
        return credentials.issueToken(body);
      case 'POST /oauth2/revokeP':
        return credentials.revokeToken(body);
      case 'POST /uapi/hashkey':
        return credentials.hashKey(request.headers, text);
    }
    if (TRANSACTION_PATHS.has(route)) return this.transaction(received);
    const control = { listings: this.listings, restFaults: this.faults, controls: this.options };
    return (
      answerControl(route, request.headers, body, control) ??
      (request.method === 'GET' ? this.file(received) : undefined) ??
      restError('EGW00202')
    );
  }

  /** Masters and the KRX Open API: neither is KIS's gateway. */
  private file({ request, url }: Received): RestAnswer | undefined {
    return this.masters?.answer(url.pathname) ?? this.krx?.answer(url, request.headers);
  }

  private transaction({ request, url, body }: Received): RestAnswer {
    const authorized = this.credentials.authorize(request.headers);
    if ('refusal' in authorized) return restError(authorized.refusal);
    if (!this.rateLimit.take(authorized.appKey)) return restError('EGW00201');
    const trId = String(request.headers.tr_id ?? '');
    const transaction = TRANSACTIONS.get(trId);
    if (transaction === undefined) return restError('OPSQ0002');
    const { environment = 'live' } = this.options;
    if (!transaction.environments.includes(environment)) {
      return restError(environment === 'live' ? 'EGW02004' : 'EGW02006');
    }
    if (transaction.path !== url.pathname || transaction.method !== request.method) return restError('EGW00203');
    if (this.world === undefined) return restError('OPSQ1002');
    const pairs = request.method === 'GET' ? [...url.searchParams] : Object.entries(body);
    const asked = {
      parameters: new Map(pairs.map(([name, value]) => [name.toUpperCase(), String(value)])),
      continued: request.headers.tr_cont === 'N',
    };
    try {
      checkParameters(asked, transaction.parameters);
      return succeeded(trId, transaction.answer(asked, this.world));
    } catch (error) {
      if (error instanceof Refusal) return { ...restError(error.code, error.message), headers: gatewayHeaders(trId) };
      throw error;
    }
  }
}

function succeeded(trId: string, { body, trCont }: TransactionAnswer): RestAnswer {
  return {
    status: 200,
    headers: gatewayHeaders(trId, trCont),
    body: { ...body, rt_cd: '0', msg_cd: 'MCA00000', msg1: '정상처리 되었습니다.' },
  };
}

function gatewayHeaders(trId: string, trCont = ''): Readonly<Record<string, string>> {
  return { tr_id: trId, tr_cont: trCont, gt_uid: randomBytes(16).toString('hex') };
}

/** Faults are for data; keys have codes of their own, and the emulator's own paths always work. */
function isFaulty(path: string): boolean {
  return /^\/(uapi|common|svc)\//.test(path) && path !== '/uapi/hashkey';
}

/** Ends early where the client goes away. */
function delay(response: ServerResponse, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * `Content-Type` is written in capitals as KIS does: the official samples read all headers in small letters as names of
 * fields, which one with a hyphen cannot be.
 */
function send(response: ServerResponse, { status, body, headers = EMPTY_HEADERS }: RestAnswer): void {
  if (body instanceof Uint8Array) {
    response.writeHead(status, { 'Content-Type': 'application/octet-stream', ...headers });
    response.end(body);
    return;
  }
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}

/** Undefined for a body that is too large. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
