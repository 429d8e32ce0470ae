// For tests: the REST side alone on a socket, over a market that stands still, and a client with all headers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { Credentials } from './credentials.ts';
import { FixedMarket } from './fixed-market.ts';
import { Rest, type RestOptions } from './rest.ts';
import { TRANSACTIONS } from './transactions.ts';

/** 2026-09-22 10:30:30 KST, a Tuesday. */
export const NOW_US = Date.UTC(2026, 8, 22, 1, 30, 30) * 1000;
export const KEYS = { appkey: 'key', appsecret: 'secret' };
const GRANT = { grant_type: 'client_credentials' };

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export class HandClock {
  timeUs = NOW_US;
  nowUs(): number {
    return this.timeUs;
  }
}

export interface TestRest {
  readonly url: string;
  readonly rest: Rest;
  readonly market: FixedMarket;
  readonly clock: HandClock;
  readonly faulted: unknown[];
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  /** A TR with token and keys. */
  ask(trId: string, parameters: Record<string, string>, headers?: Record<string, string>): Promise<Reply>;
}

export async function testRest(
  options: Partial<RestOptions> & { appKeys?: ReadonlyMap<string, string>; recording?: boolean } = {},
): Promise<TestRest> {
  const clock = new HandClock();
  const market = new FixedMarket(NOW_US);
  const faulted: unknown[] = [];
  const { appKeys, recording = false, ...others } = options;
  const rest = new Rest({
    credentials: new Credentials({ clock, ...(appKeys && { appKeys }) }),
    clock,
    market: recording ? undefined : market.market,
    requestsPerSecond: 1_000,
    fault: (request) => faulted.push(request),
    status: () => ({ identity: 'test' }),
    ...others,
  });
  const server = createServer((request, response) => {
    rest.serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reply = async (path: string, init: RequestInit): Promise<Reply> => {
    const response = await fetch(url + path, init);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Reply['body'] };
  };
  const post: TestRest['post'] = (path, body, headers = {}) =>
    reply(path, { method: 'POST', headers, body: JSON.stringify(body) });
  let token: string | undefined;
  return {
    url,
    rest,
    market,
    clock,
    faulted,
    post,
    get: (path, headers = {}) => reply(path, { headers }),
    async ask(trId, parameters, headers = {}) {
      token ??= String((await post('/oauth2/tokenP', { ...GRANT, ...KEYS })).body.access_token);
      const transaction = TRANSACTIONS.get(trId)!;
      const all = { authorization: `Bearer ${token}`, ...KEYS, tr_id: trId, custtype: 'P', ...headers };
      if (transaction.method === 'POST') return post(transaction.path, parameters, all);
      return reply(`${transaction.path}?${new URLSearchParams(parameters)}`, { headers: all });
    },
  };
}

export { GRANT };

/** The list under a name of an answer. */
export function rows({ body }: Reply, name: string): Record<string, string>[] {
  return body[name] as Record<string, string>[];
}

export function row({ body }: Reply, name: string): Record<string, string> {
  return body[name] as Record<string, string>;
}
