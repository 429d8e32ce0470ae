// What one client, one address and all of them together may ask of the gateway. Every queue, rate and wait has its
// bound here; the welcome frame shows those that a client has to know.

export interface GatewayLimits {
  /** A longer client message closes with 1009. */
  messageBytesMax: number;
  /** Client messages a second; more are refused, ten times more close the connection. */
  messagesPerSecondMax: number;
  /** Patterns (channel × instrument × variant) a connection may hold. */
  subscriptionsMax: number;
  connectionsMax: number;
  connectionsPerAddressMax: number;
  /**
   * Bytes that may wait for a client. At the bound updates of delivery `latest` are skipped, and the client is told; one
   * of delivery `all` closes the connection.
   */
  queueBytesMax: number;
  /** A client that is at the bound for longer is closed. */
  drainMsMax: number;
  heartbeatMs: number;
  /** A client from which nothing comes for so long, not even the answer to a ping, is closed. */
  idleMsMax: number;
  /** Streams that a connection may name to resume from, and has not subscribed to yet. */
  positionsMax: number;
}

export const DEFAULT_LIMITS: GatewayLimits = {
  messageBytesMax: 64 * 1024,
  messagesPerSecondMax: 50,
  subscriptionsMax: 8192,
  connectionsMax: 5000,
  connectionsPerAddressMax: 1000,
  queueBytesMax: 1024 * 1024,
  drainMsMax: 10_000,
  heartbeatMs: 5000,
  idleMsMax: 60_000,
  positionsMax: 65_536,
};
