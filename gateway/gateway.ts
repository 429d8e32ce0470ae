// The gateway: one port for the stream, the page and the HTTP endpoints. It reads the bus and serves; it decides nothing.
import type { Logger } from 'pino';
import type { Bus } from '../engine/bus/bus.ts';
import type { SourceKind } from '../engine/messages.ts';
import type { GatewayLimits } from './limits.ts';
import type { GatewayStats } from './stats.ts';
import type { TransportKind } from './transport.ts';

/** A file, or a folder with all in it, served under a path; read once at the start. */
export type StaticMount =
  | { readonly path: string; readonly file: string }
  | { readonly path: string; readonly folder: string };

export interface GatewayOptions {
  readonly bus: Pick<Bus, 'subscribe' | 'retained' | 'allStreams'>;
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
  /** Asked at each welcome and snapshot; updates carry what their batch says. */
  readonly origin: () => { readonly epoch: string; readonly source: SourceKind };
  /** Body of /v1/status, as JSON. */
  readonly status: () => unknown;
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

/** Errors: ListenError where the port cannot be had; Error where `uws` is demanded and cannot be loaded. */
export declare function createGateway(options: GatewayOptions): Promise<Gateway>;
