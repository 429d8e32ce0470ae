// Counters of the gateway, plain numbers that only grow (but for `connections`): telemetry reads them when it is
// scraped, so that nothing on the sending path knows of metrics.
import { CHANNELS, type Channel } from '../engine/messages.ts';

export interface GatewayStats {
  /** Open now. */
  connections: number;
  connectionsTotal: number;
  /** Messages delivered to clients, and left out at the bound of a client's queue (not frames: messages). */
  readonly messages: Readonly<Record<Channel, { sent: number; skipped: number }>>;
  bytesSent: number;
  /** Streams that clients resumed, by whether all that they missed could be given. */
  readonly streamsResumed: { recovered: number; notRecovered: number };
  /** Messages of type `warning`, by slug. */
  readonly warnings: Map<string, number>;
  /** Kept sessions: those that a client came back to, and what the store could not do. */
  readonly sessions: { restored: number; storeFailures: number };
  /** Connections by close code: 3001 gave up on delivery `latest`, 3003 on `all`. */
  readonly closed: Map<number, number>;
  /** Answers of type `error`, by slug. */
  readonly errors: Map<string, number>;
  /** Handshakes and requests refused, by slug. */
  readonly refused: Map<string, number>;
}

export function createGatewayStats(): GatewayStats {
  const messages = Object.fromEntries(CHANNELS.map((channel) => [channel, { sent: 0, skipped: 0 }]));
  return {
    connections: 0,
    connectionsTotal: 0,
    messages: messages as Record<Channel, { sent: number; skipped: number }>,
    bytesSent: 0,
    streamsResumed: { recovered: 0, notRecovered: 0 },
    warnings: new Map(),
    sessions: { restored: 0, storeFailures: 0 },
    closed: new Map(),
    errors: new Map(),
    refused: new Map(),
  };
}

export function count<K>(counters: Map<K, number>, key: K): void {
  counters.set(key, (counters.get(key) ?? 0) + 1);
}
