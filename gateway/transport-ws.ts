// The transport on node:http and the ws package: it runs wherever Node does.
import { createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type HttpRequest,
  type HttpResponse,
  ListenError,
  type Transport,
  type TransportOptions,
  type TransportPeer,
  type TransportSocket,
} from './transport.ts';

/** How long a close frame may wait behind a queue that the client does not read. */
const CLOSE_MS_MAX = 10_000;

export async function listenWithWs(options: TransportOptions): Promise<Transport> {
  const { host, handler, streamPath } = options;
  const protocolOf = new WeakMap<IncomingMessage, string>();
  // A constant of its own, because the typings do not know `closeTimeout` yet.
  const webSocketOptions = {
    noServer: true,
    maxPayload: options.payloadBytesMax,
    closeTimeout: CLOSE_MS_MAX,
    handleProtocols: (_offered: Set<string>, message: IncomingMessage) => protocolOf.get(message) || false,
  } as const;
  const webSockets = new WebSocketServer(webSocketOptions);

  const server = createServer(async (message, response) => {
    const request = requestOf(message);
    answer(response, await handler.request(request), request.method === 'HEAD');
  });

  server.on('upgrade', (message, socket, head) => {
    const request = requestOf(message);
    if (request.path !== streamPath) {
      void Promise.resolve(handler.request(request)).then((response) => refuse(socket, response));
      return;
    }
    const upgrade = handler.upgrade(request);
    if (!upgrade.accepted) {
      refuse(socket, upgrade.response);
      return;
    }
    protocolOf.set(message, upgrade.protocol);
    // A handshake that the protocol itself forbids is answered by ws, and the peer never hears of it.
    webSockets.handleUpgrade(message, socket, head, (webSocket) => {
      attach(webSocket, socket, upgrade.binary, upgrade.peer);
    });
  });

  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(new ListenError(host, options.port, error.code ?? ''));
    server.once('error', failed);
    server.listen(options.port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });

  let ended: Promise<void> | undefined;
  const stopListening = () => {
    ended ??= new Promise((resolve) => server.close(() => resolve()));
  };
  return {
    kind: 'ws',
    port: (server.address() as AddressInfo).port,
    stopListening,
    async close(graceMs) {
      stopListening();
      const cut = setTimeout(() => {
        for (const webSocket of webSockets.clients) webSocket.terminate();
        server.closeAllConnections();
      }, graceMs);
      server.closeIdleConnections();
      await ended;
      clearTimeout(cut);
    },
  };
}

function attach(webSocket: WebSocket, stream: Duplex, binary: boolean, peer: TransportPeer): void {
  let closeCode = 0;
  let queuedBytes = 0;
  const options = { binary };
  // The stream's `drain` tells only of a queue above its high-water mark, and what waits may be less.
  const written = (error?: Error | null) => {
    if (error || queuedBytes === 0) return;
    queuedBytes = webSocket.bufferedAmount;
    peer.drained(queuedBytes);
  };
  const socket: TransportSocket = {
    write(frames) {
      stream.cork();
      for (let n = 0; n < frames.length - 1; n++) webSocket.send(frames[n]!, options);
      webSocket.send(frames[frames.length - 1]!, options, written);
      stream.uncork();
      queuedBytes = webSocket.bufferedAmount;
      return queuedBytes;
    },
    ping: () => webSocket.ping(),
    close(code, reason) {
      closeCode = code;
      webSocket.close(code, reason);
    },
    terminate: () => webSocket.terminate(),
  };
  // ws reports what breaks the protocol as an error and then closes by itself: `closed` says it all.
  webSocket.on('error', () => {});
  webSocket.on('message', (data: Buffer, isBinary) => peer.message(data, isBinary));
  webSocket.on('pong', () => peer.pong());
  webSocket.on('close', (code) => peer.closed(closeCode || code));
  peer.opened(socket);
}

function requestOf(message: IncomingMessage): HttpRequest {
  const url = message.url ?? '/';
  const query = url.indexOf('?');
  return {
    method: message.method ?? 'GET',
    path: query === -1 ? url : url.slice(0, query),
    header(name) {
      const value = message.headers[name];
      return Array.isArray(value) ? value.join(', ') : (value ?? '');
    },
    // A socket on :: names an IPv4 client as a mapped address.
    remoteAddress: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
  };
}

function answer(response: ServerResponse, { status, headers, body }: HttpResponse, headOnly: boolean): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(headOnly ? undefined : body);
}

/** A refused handshake gets a whole HTTP answer; nothing else can be said before there is a WebSocket. */
function refuse(socket: Duplex, { status, headers, body }: HttpResponse): void {
  socket.on('error', () => {});
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  lines.push(`content-length: ${Buffer.byteLength(body)}`, 'connection: close', '', '');
  socket.end(Buffer.concat([Buffer.from(lines.join('\r\n')), Buffer.from(body)]), () => socket.destroy());
}
