// The HTTP side: the page, /v1/status, /v1/quality, /metrics, /healthz and /readyz. GET and HEAD only; what it says comes
// from callbacks, because the gateway knows nothing of the engine.
import type { Logger } from 'pino';
import type { Access } from './access.ts';
import { type RefusalSlug, refusal } from './errors.ts';
import type { GatewayOptions } from './gateway.ts';
import type { StaticFile } from './static-files.ts';
import { count, type GatewayStats } from './stats.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';

/** All of the page is files of this server: no inline script, no inline style, no other host. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
} as const;

export interface HttpRoutesOptions extends Pick<GatewayOptions, 'status' | 'quality' | 'metrics' | 'ready'> {
  readonly access: Access;
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly streamPath: string;
  readonly stats: GatewayStats;
  readonly log: Logger;
  /** The port of the gateway itself, known once it listens. */
  readonly port: () => number;
}

export class HttpRoutes {
  private readonly options: HttpRoutesOptions;

  constructor(options: HttpRoutesOptions) {
    this.options = options;
  }

  /** Never throws or rejects: what a callback throws is a 500 and a line in the log. */
  async answer(request: HttpRequest): Promise<HttpResponse> {
    const { access, port, log } = this.options;
    const reason = access.refuses(request, port());
    if (reason !== null) return this.refuse(reason);
    if (request.method !== 'GET' && request.method !== 'HEAD') return this.refuse('method_not_allowed');
    try {
      return await this.route(request);
    } catch (error) {
      log.error({ err: error, path: request.path }, 'an HTTP answer could not be made');
      return this.refuse('failed');
    }
  }

  refuse(slug: RefusalSlug): HttpResponse {
    count(this.options.stats.refused, slug);
    return refusal(slug);
  }

  private async route(request: HttpRequest): Promise<HttpResponse> {
    const { status, quality, metrics, ready, files, streamPath } = this.options;
    switch (request.path) {
      case streamPath:
        return this.refuse('upgrade_required');
      case '/healthz':
        return text(200, 'ok');
      case '/readyz':
        return ready() ? text(200, 'ready') : text(503, 'not ready');
      case '/v1/status':
        return json(status());
      case '/v1/quality':
        return json(quality());
      case '/metrics':
        return answer(200, 'text/plain; version=0.0.4; charset=utf-8', await metrics());
    }
    const file = files.get(request.path);
    return file === undefined ? this.refuse('not_found') : fileAnswer(file, request.header('if-none-match'));
  }
}

function json(body: unknown): HttpResponse {
  return answer(200, 'application/json; charset=utf-8', JSON.stringify(body));
}

function text(status: number, body: string): HttpResponse {
  return answer(status, 'text/plain; charset=utf-8', `${body}\n`);
}

function answer(status: number, contentType: string, body: string): HttpResponse {
  return { status, headers: { 'content-type': contentType, 'cache-control': 'no-store', ...SECURITY_HEADERS }, body };
}

function fileAnswer({ body, contentType, etag }: StaticFile, knownEtag: string): HttpResponse {
  const headers = {
    'content-type': contentType,
    'cache-control': 'no-cache',
    etag,
    'content-security-policy': CONTENT_SECURITY_POLICY,
    ...SECURITY_HEADERS,
  };
  return knownEtag === etag ? { status: 304, headers, body: '' } : { status: 200, headers, body };
}
