// The gateway: one port for the stream, the page and the HTTP endpoints. It reads the bus and serves; it decides nothing.
//
//   bus ─► FanOut ─► Outbox of each Session ─► Transport (uws | ws) ─► clients
//   clients ─► Transport ─► Session ─► ClientStreams ─► StreamDirectory
import type { Logger } from 'pino';
import type { Bus } from '../engine/bus/bus.ts';
import type { SourceKind } from '../engine/messages.ts';
import { Access } from './access.ts';
import type { ClientStreams, StreamSources } from './client-streams.ts';
import { FanOut } from './fan-out.ts';
import { HttpRoutes } from './http.ts';
import { DEFAULT_LIMITS, type GatewayLimits } from './limits.ts';
import { SUBPROTOCOLS, type Subprotocol } from './protocol.ts';
import { MemorySessionStore, type SessionStore } from './session-store.ts';
import { Sessions } from './sessions.ts';
import { loadStaticFiles, type StaticMount } from './static-files.ts';
import { createGatewayStats, type GatewayStats } from './stats.ts';
import { StreamDirectory } from './stream-directory.ts';
import type { HttpRequest, Transport, TransportKind, TransportOptions, UpgradeAnswer } from './transport.ts';
import { listenWithUws, loadUws } from './transport-uws.ts';
import { listenWithWs } from './transport-ws.ts';

export const STREAM_PATH = '/v1/stream';
/**
 * Messages longer than allowed are read up to here, so that the client can be told: 1009. Beyond, uWebSockets.js cuts
 * the connection without a word. It bounds, too, what one connection can make the server hold.
 */
const OVERSIZE_BYTES_MIN = 2 * 1024 * 1024;
const OVERSIZE_FACTOR = 4;
/** Clients get so long to take their leave before their sockets are cut. */
const CLOSE_MS_MAX = 1000;

export interface GatewayOptions {
  /** All that it serves: filled by an engine in this process, or by whatever reads the outputs of others. */
  readonly bus: StreamSources['bus'] & Pick<Bus, 'subscribe' | 'epoch'>;
  /** `auto` (default): uWebSockets.js where its native binary loads, else ws. */
  readonly transport?: TransportKind | 'auto';
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** 0: any free port. */
  readonly port: number;
  /** Web origins besides the gateway's own that may use it: `https://desk.example.com`. */
  readonly allowedOrigins?: readonly string[];
  /** Names besides the gateway's own and those of the allowed origins that a Host header may carry. */
  readonly allowedHosts?: readonly string[];
  readonly limits?: Partial<GatewayLimits>;
  /** How far back the bus's history reaches, as told to clients. The bus itself is what keeps it. */
  readonly resume?: { readonly windowMs: number };
  /** Where sessions are kept; by default in this process alone. Its owner closes it. */
  readonly sessionStore?: SessionStore;
  /** Asked at each welcome and snapshot, the epoch only while the bus is empty; updates carry what their batch says. */
  readonly origin: () => { readonly epoch: string; readonly source: SourceKind };
  /** Body of /v1/status, as JSON. */
  readonly status: () => unknown;
  /** Body of /v1/quality, as JSON. */
  readonly quality: () => unknown;
  /** Body of /metrics, in the Prometheus text format. */
  readonly metrics: () => string | Promise<string>;
  /** /readyz gives 200 when true, else 503. */
  readonly ready: () => boolean;
  readonly dashboard?: readonly StaticMount[];
  readonly log: Logger;
}

export interface Gateway {
  readonly transport: TransportKind;
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  readonly stats: Readonly<GatewayStats>;
  /** Tells every client, closes them and frees the port, within 2 s. */
  close(reason: string): Promise<void>;
}

/**
 * Listens and serves from now on. Errors: ListenError where the port cannot be had, Error where `uws` is demanded and
 * its binary does not load, and those of reading the dashboard's files.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { bus, host = '127.0.0.1', allowedOrigins = [], allowedHosts = [], log } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const stats = createGatewayStats();
  const directory = new StreamDirectory<ClientStreams>();
  // What is sent is of the numbering that the bus holds, also while the engine has begun another and said nothing in it.
  const origin: StreamSources['origin'] = () => {
    const { epoch, source } = options.origin();
    return { epoch: bus.epoch === '' ? epoch : bus.epoch, source };
  };
  const fanOut = new FanOut({
    bus,
    directory,
    stats,
    epoch: origin().epoch,
    beginEpoch: (epoch, previous) => sessions.beginEpoch(epoch, previous),
  });
  const sources: StreamSources = {
    bus,
    directory,
    stats,
    origin,
    addRetainedStreams: () => fanOut.addRetainedStreams(),
  };
  const access = new Access({ host, allowedOrigins, allowedHosts });
  const files = await loadStaticFiles(options.dashboard ?? []);
  const http = new HttpRoutes({
    ...options,
    access,
    files,
    stats,
    streamPath: STREAM_PATH,
    port: () => transport.port,
  });
  const sessions = new Sessions({
    sources,
    limits,
    store: options.sessionStore ?? new MemorySessionStore(),
    resumeWindowMs: options.resume?.windowMs ?? 0,
    log,
  });

  const upgrade = (request: HttpRequest): UpgradeAnswer => {
    const { remoteAddress } = request;
    const subprotocol = chooseSubprotocol(request.header('sec-websocket-protocol'));
    const reason =
      access.refuses(request, transport.port) ??
      (subprotocol === null ? 'unknown_subprotocol' : null) ??
      sessions.refuses(remoteAddress);
    if (reason !== null) {
      log.info({ reason, remoteAddress }, 'handshake refused');
      return { accepted: false, response: http.refuse(reason) };
    }
    const binary = subprotocol === 'kisignal.v1.msgpack';
    const peer = sessions.create(binary ? 'msgpack' : 'json', remoteAddress);
    return { accepted: true, protocol: subprotocol ?? '', binary, peer };
  };

  const transport = await listen(options.transport ?? 'auto', {
    host,
    port: options.port,
    streamPath: STREAM_PATH,
    payloadBytesMax: Math.max(OVERSIZE_BYTES_MIN, OVERSIZE_FACTOR * limits.messageBytesMax),
    handler: { request: (request) => http.answer(request), upgrade },
  });
  sessions.startHeartbeats();
  const unsubscribe = bus.subscribe((batch) => fanOut.publish(batch));
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${transport.port}`;
  log.info({ url, transport: transport.kind }, 'gateway listening');

  return {
    transport: transport.kind,
    host,
    port: transport.port,
    url,
    stats,
    async close(reason) {
      unsubscribe();
      transport.stopListening();
      sessions.shutDown(reason);
      await transport.close(CLOSE_MS_MAX);
    },
  };
}

async function listen(kind: TransportKind | 'auto', options: TransportOptions): Promise<Transport> {
  const native = kind === 'ws' ? null : loadUws();
  if (native !== null) return listenWithUws(native, options);
  if (kind === 'uws')
    throw new Error(`uWebSockets.js has no binary for Node ${process.version} on ${process.platform}`);
  return listenWithWs(options);
}

/** The first one offered that is known; '' (JSON) where none is offered, null where none is known. */
function chooseSubprotocol(offered: string): Subprotocol | '' | null {
  if (offered === '') return '';
  const names = offered.split(',').map((name) => name.trim());
  return names.find((name): name is Subprotocol => (SUBPROTOCOLS as readonly string[]).includes(name)) ?? null;
}
