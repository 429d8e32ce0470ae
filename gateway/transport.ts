// The port between the gateway and whatever serves sockets. Two implementations (uWebSockets.js; node:http with ws) pass
// one contract test. A transport knows HTTP and frames; it knows nothing of channels, messages or limits of rate.

export type TransportKind = 'uws' | 'ws';

/** What a transport does for the gateway. */
export interface Transport {
  readonly kind: TransportKind;
  /** The port listened on, which matters where 0 was asked for. */
  readonly port: number;
  /** Refuses what is new from now on; sockets that are open stay. */
  stopListening(): void;
  /** Gives closing sockets so long to end, then cuts what is still open. Resolves once the port is free. */
  close(graceMs: number): Promise<void>;
}

export interface TransportOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** The one path where a WebSocket may be opened. */
  readonly streamPath: string;
  /** Longer messages are not read at all: the connection is cut. */
  readonly payloadBytesMax: number;
  readonly handler: TransportHandler;
}

/** What the gateway does for a transport. */
export interface TransportHandler {
  /** Every HTTP request that is no upgrade at `streamPath`. */
  request(request: HttpRequest): HttpResponse | Promise<HttpResponse>;
  /** A WebSocket handshake: whom to talk to, or why not. */
  upgrade(request: HttpRequest): UpgradeAnswer;
}

export interface HttpRequest {
  /** `GET`, `HEAD` … */
  readonly method: string;
  /** As sent: undecoded, without the query. */
  readonly path: string;
  /** Headers by lower-case name; '' where there is none. */
  header(name: string): string;
  readonly remoteAddress: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export type UpgradeAnswer =
  | { readonly accepted: true; readonly protocol: string; readonly binary: boolean; readonly peer: TransportPeer }
  | { readonly accepted: false; readonly response: HttpResponse };

/** The gateway's end of a connection: what happens on the socket. After `closed` nothing more is told. */
export interface TransportPeer {
  opened(socket: TransportSocket): void;
  /** The bytes are the transport's own and only good until the call returns. */
  message(data: Uint8Array, isBinary: boolean): void;
  pong(): void;
  /** Bytes left the queue; so many remain in it. */
  drained(bufferedBytes: number): void;
  /** The code of whoever closed first; 1006 where the connection just ended. */
  closed(code: number): void;
}

/** The transport's end of a connection. All is ignored once the socket is closed. */
export interface TransportSocket {
  /** Queues the frames, in one system call where the socket takes them; gives the bytes that wait in user space. */
  write(frames: readonly Uint8Array[]): number;
  ping(): void;
  /** A close frame behind all that waits; the transport bounds how long it may take. */
  close(code: number, reason: string): void;
  /** At once and without a close frame. */
  terminate(): void;
}

export type ListenFailure = 'port_in_use' | 'permission_denied' | 'address_unavailable' | 'unknown';

const FAILURE_OF_ERRNO: Record<string, ListenFailure> = {
  EADDRINUSE: 'port_in_use',
  EACCES: 'permission_denied',
  EADDRNOTAVAIL: 'address_unavailable',
  ENOTFOUND: 'address_unavailable',
};

/** The gateway cannot listen; `failure` says why, the message says it to a person. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly failure: ListenFailure;

  constructor(host: string, port: number, errno: string) {
    const failure = FAILURE_OF_ERRNO[errno] ?? 'unknown';
    const reason =
      failure === 'port_in_use'
        ? 'the port is in use by another program'
        : `${failure.replaceAll('_', ' ')} (${errno})`;
    super(`cannot listen on ${host}:${port}: ${reason}`);
    this.failure = failure;
  }
}
