// Who may talk to the gateway at all. A web page can make the browser of whoever opens it connect to 127.0.0.1; two
// headers that no page can forge tell such a visit from our own page: Origin says where the page came from, and Host,
// by which name the browser came (a foreign name that now points to 127.0.0.1 is DNS rebinding).
import { isIP } from 'node:net';
import type { RefusalSlug } from './errors.ts';
import type { HttpRequest } from './transport.ts';

export interface AccessOptions {
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARDS = ['0.0.0.0', '::'];

export class Access {
  private readonly hostNames: ReadonlySet<string>;
  private readonly origins: ReadonlySet<string>;
  private readonly acceptsAddresses: boolean;

  /** Errors: TypeError where an allowed origin is no URL. */
  constructor({ host, allowedOrigins, allowedHosts }: AccessOptions) {
    const urls = allowedOrigins.map((origin) => new URL(origin));
    const names = [...LOOPBACK_NAMES, bracketed(host), ...allowedHosts, ...urls.map((url) => url.hostname)];
    this.hostNames = new Set(names.map((name) => name.toLowerCase()));
    this.origins = new Set(urls.map((url) => url.origin));
    // Rebinding needs a name. Whoever binds to every address wants to be reached by each of them.
    this.acceptsAddresses = WILDCARDS.includes(host);
  }

  /** The reason to refuse, or null. */
  refuses(request: HttpRequest, port: number): RefusalSlug | null {
    const host = request.header('host').toLowerCase();
    if (!this.acceptsHost(host)) return 'foreign_host';
    const origin = request.header('origin').toLowerCase();
    // Programs that are no browser send none.
    if (origin === '') return null;
    // Its own page, also where a port is mapped in between; then its other names; then what the owner allows.
    if (origin === `http://${host}` || origin === `https://${host}`) return null;
    if (LOOPBACK_NAMES.some((name) => origin === `http://${name}:${port}`)) return null;
    return this.origins.has(origin) ? null : 'foreign_origin';
  }

  private acceptsHost(host: string): boolean {
    const name = host.replace(/:\d+$/, '');
    return this.hostNames.has(name) || (this.acceptsAddresses && isIP(name.replace(/^\[|\]$/g, '')) !== 0);
  }
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
