// The transport on uWebSockets.js. Its package falls back, with a warning on the console, to a JavaScript imitation that
// lacks features where no native binary fits the running Node; so the binary itself is loaded here, or nothing.

import type * as UWebSockets from 'uWebSockets.js';
import { existsSync } from 'node:fs';
import { STATUS_CODES } from 'node:http';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import {
  type HttpRequest,
  type HttpResponse,
  ListenError,
  type Transport,
  type TransportOptions,
  type TransportPeer,
  type TransportSocket,
} from './transport.ts';

const EXCLUSIVE_PORT = 1;
/** The gateway pings and judges idleness; uWebSockets.js only ends what even that has left hanging. Seconds. */
const IDLE_SECONDS_MAX = 960;

type Native = typeof UWebSockets;
type NativeSocket = UWebSockets.WebSocket<Connection>;

interface Connection {
  readonly peer: TransportPeer;
  readonly binary: boolean;
  socket: UwsSocket | null;
}

/** The native module where its binary for this platform and Node exists and loads, else null. */
export function loadUws(): Native | null {
  const require = createRequire(import.meta.url);
  const binary = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
  try {
    const folder = dirname(require.resolve('uWebSockets.js/package.json'));
    // The package on the registry keeps its binaries in a folder, the maintainer's own at its root.
    const path = [join(folder, 'binaries', binary), join(folder, binary)].find((candidate) => existsSync(candidate));
    return path === undefined ? null : (require(path) as Native);
  } catch {
    // Not installed, or built for another C library: the same to us.
    return null;
  }
}

export async function listenWithUws(native: Native, options: TransportOptions): Promise<Transport> {
  const { host, handler, streamPath } = options;
  const open = new Set<UwsSocket>();
  const decoder = new TextDecoder();

  const app = native.App();
  app.ws<Connection>(streamPath, {
    compression: native.DISABLED,
    maxPayloadLength: options.payloadBytesMax,
    // The gateway bounds each queue itself and says so to the client; a silent drop here would be a hole.
    maxBackpressure: 0,
    idleTimeout: IDLE_SECONDS_MAX,
    sendPingsAutomatically: false,
    upgrade(res, req, context) {
      const answer = handler.upgrade(requestOf(req, res, decoder));
      if (!answer.accepted) {
        respond(res, answer.response, false);
        return;
      }
      const connection: Connection = { peer: answer.peer, binary: answer.binary, socket: null };
      const key = req.getHeader('sec-websocket-key');
      res.upgrade(connection, key, answer.protocol, '', context);
    },
    open(ws) {
      const connection = ws.getUserData();
      connection.socket = new UwsSocket(ws, connection.binary);
      open.add(connection.socket);
      connection.peer.opened(connection.socket);
    },
    message: (ws, data, isBinary) => ws.getUserData().peer.message(new Uint8Array(data), isBinary),
    pong: (ws) => ws.getUserData().peer.pong(),
    drain: (ws) => ws.getUserData().peer.drained(ws.getBufferedAmount()),
    close(ws, code) {
      const { socket, peer } = ws.getUserData();
      if (socket === null) return;
      open.delete(socket);
      socket.ended = true;
      peer.closed(socket.closeCode || code);
    },
  });
  app.any('/*', (res, req) => {
    let aborted = false;
    res.onAborted(() => {
      aborted = true;
    });
    const request = requestOf(req, res, decoder);
    const answer = handler.request(request);
    const headOnly = request.method === 'HEAD';
    if (!(answer instanceof Promise)) respond(res, answer, headOnly);
    else void answer.then((response) => aborted || res.cork(() => respond(res, response, headOnly)));
  });

  let listening: UWebSockets.us_listen_socket | null = await listen(app, host, options.port);
  const port = native.us_socket_local_port(listening as UWebSockets.us_socket);
  const stopListening = () => {
    if (listening !== null) native.us_listen_socket_close(listening);
    listening = null;
  };
  return {
    kind: 'uws',
    port,
    stopListening,
    async close() {
      stopListening();
      // Sockets that the gateway closed are the native library's alone by now; it ends them by its own timeout.
      for (const socket of open) socket.terminate();
    },
  };
}

class UwsSocket implements TransportSocket {
  ended = false;
  closeCode = 0;
  private readonly native: NativeSocket;
  private readonly binary: boolean;
  private frames: readonly Uint8Array[] = [];
  /** Made once: a closure for each write would be garbage at every batch. */
  private readonly sendAll = () => {
    for (const frame of this.frames) this.native.send(frame, this.binary, false);
  };

  constructor(native: NativeSocket, binary: boolean) {
    this.native = native;
    this.binary = binary;
  }

  write(frames: readonly Uint8Array[]): number {
    if (this.ended) return 0;
    // A single frame leaves in one system call by itself.
    if (frames.length === 1) this.native.send(frames[0]!, this.binary, false);
    else {
      this.frames = frames;
      this.native.cork(this.sendAll);
    }
    return this.ended ? 0 : this.native.getBufferedAmount();
  }

  ping(): void {
    if (!this.ended) this.native.ping();
  }

  close(code: number, reason: string): void {
    if (this.ended) return;
    this.closeCode = code;
    this.native.end(code, reason);
  }

  terminate(): void {
    if (!this.ended) this.native.close();
  }
}

async function listen(
  app: UWebSockets.TemplatedApp,
  host: string,
  port: number,
): Promise<UWebSockets.us_listen_socket> {
  // The typings lack the form with host, port and options; without EXCLUSIVE_PORT two servers would share one port.
  const listenOn = app.listen as unknown as (
    host: string,
    port: number,
    options: number,
    done: (socket: UWebSockets.us_listen_socket | false) => void,
  ) => void;
  const socket = await new Promise<UWebSockets.us_listen_socket | false>((resolve) => {
    listenOn.call(app, host, port, EXCLUSIVE_PORT, resolve);
  });
  if (socket === false) throw new ListenError(host, port, await listenErrno(host, port));
  return socket;
}

/** uWebSockets.js says only that it failed; node:net, asked for the same address, names the reason. */
function listenErrno(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    probe.listen(port, host, () => probe.close(() => resolve('')));
  });
}

/** The native request lives for this call only, and HTTP answers may take longer: what is needed is copied. */
function requestOf(req: UWebSockets.HttpRequest, res: UWebSockets.HttpResponse, decoder: TextDecoder): HttpRequest {
  const headers = new Map<string, string>();
  req.forEach((name, value) => {
    headers.set(name, value);
  });
  return {
    method: req.getMethod().toUpperCase(),
    path: req.getUrl(),
    header: (name) => headers.get(name) ?? '',
    remoteAddress: decoder.decode(res.getRemoteAddressAsText()).replace(/^(0000:){5}ffff:/, ''),
  };
}

function respond(res: UWebSockets.HttpResponse, { status, headers, body }: HttpResponse, headOnly: boolean): void {
  res.writeStatus(`${status} ${STATUS_CODES[status] ?? ''}`);
  for (const [name, value] of Object.entries(headers)) res.writeHeader(name, value);
  // Kept-alive connections cannot be closed from here, and would hold the process at its end.
  if (headOnly) res.endWithoutBody(Buffer.byteLength(body), true);
  else res.end(body, true);
}
