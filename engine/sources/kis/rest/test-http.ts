// For tests: a small HTTP server that answers as a function says, and a clock that moves with timers by hand.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type Clock, hostTimeUs } from '../../../clock.ts';
import { HandTimers } from '../test-timers.ts';

export interface Asked {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes and text go out as they are, the rest as JSON; null: the connection is cut. */
  readonly body: unknown;
}

export interface AnsweringServer {
  readonly url: string;
  /** In order. */
  readonly asked: Asked[];
}

export async function answeringServer(
  answer: (asked: Asked, index: number) => Reply | Promise<Reply>,
): Promise<AnsweringServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const url = new URL(request.url ?? '/', 'http://server');
    const text = Buffer.concat(chunks).toString();
    const one: Asked = {
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text === '' ? {} : JSON.parse(text),
    };
    asked.push(one);
    const { status = 200, headers = {}, body } = await answer(one, asked.length - 1);
    if (body === null) return void request.socket.destroy();
    response.writeHead(status, headers);
    response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** What KIS answers when all is well. */
export function done(fields: Readonly<Record<string, unknown>>, trCont = ''): Reply {
  return {
    headers: { tr_cont: trCont },
    body: { rt_cd: '0', msg_cd: 'MCA00000', msg1: '정상처리 되었습니다.', ...fields },
  };
}

export function refused(code: string, status = 500): Reply {
  return { status, body: { rt_cd: '1', msg_cd: code, msg1: 'refused' } };
}

export const TOKEN: Reply = {
  body: { access_token: 'token-of-the-test', token_type: 'Bearer', expires_in: 86_400 },
};

/** Gives tokens, and leaves everything else to the function. */
export function kisServer(answer: (asked: Asked, index: number) => Reply | Promise<Reply>): Promise<AnsweringServer> {
  let index = 0;
  return answeringServer((asked) => (asked.path === '/oauth2/tokenP' ? TOKEN : answer(asked, index++)));
}

/** Requests but those for a token. */
export function questions({ asked }: AnsweringServer): Asked[] {
  return asked.filter(({ path }) => path !== '/oauth2/tokenP');
}

/** Host time, so many times as fast: what `HastyTimers` shorten is over by this clock as well. */
export class FastClock implements Clock {
  private readonly originUs = hostTimeUs();
  private readonly speed: number;

  constructor(speed = 1000) {
    this.speed = speed;
  }

  nowUs(): number {
    return this.originUs + (hostTimeUs() - this.originUs) * this.speed;
  }
}

/** Time that passes when it is told to; its timers fire on the way. */
export class HandClock implements Clock {
  readonly timers = new HandTimers();
  private us: number;

  constructor(startUs = Date.UTC(2026, 8, 22, 1) * 1000) {
    this.us = startUs;
  }

  nowUs(): number {
    return this.us;
  }

  advance(durationMs: number): void {
    for (let passed = 0; passed < durationMs; passed++) {
      this.us += 1000;
      this.timers.advance(1);
    }
  }

  /** Lets time run, as fast as the sockets do, until the promise settles. */
  async until<T>(promise: Promise<T>, stepMs = 100): Promise<T> {
    let settled = false;
    const end = (): void => {
      settled = true;
    };
    promise.then(end, end);
    while (!settled) {
      await new Promise((resolve) => setImmediate(resolve));
      this.advance(stepMs);
    }
    return promise;
  }
}
