// What the gateway counts, as Prometheus reads it.
import { type Figure, rows } from './figures.ts';

/** What the gateway counts: by channel, and by close code. */
export interface GatewayFigures {
  readonly connections: number;
  readonly messages: Readonly<Record<string, { readonly sent: number; readonly skipped: number }>>;
  readonly closed: ReadonlyMap<number, number>;
  /** Answers of type `error`, and handshakes and requests refused, each by slug. */
  readonly errors: ReadonlyMap<string, number>;
  readonly refused: ReadonlyMap<string, number>;
  readonly streamsResumed?: { readonly recovered: number; readonly notRecovered: number };
  readonly warnings?: ReadonlyMap<string, number>;
  readonly sessions?: { readonly restored: number; readonly storeFailures: number };
}

export const NO_GATEWAY: GatewayFigures = {
  connections: 0,
  messages: {},
  closed: new Map(),
  errors: new Map(),
  refused: new Map(),
};

export function gatewayFigures(gateway: () => GatewayFigures): Figure[] {
  const messages = (): [string, { readonly sent: number; readonly skipped: number }][] =>
    Object.entries(gateway().messages);
  return [
    {
      name: 'kisignal_gateway_messages_total',
      help: 'Messages sent to clients.',
      labels: ['channel', 'delivery'],
      read: () => messages().map(([channel, { sent }]) => [{ channel, delivery: 'all' }, sent]),
    },
    {
      name: 'kisignal_gateway_skipped_total',
      help: 'Messages left out at the bound of a client’s queue.',
      labels: ['channel'],
      read: () => messages().map(([channel, { skipped }]) => [{ channel }, skipped]),
    },
    {
      name: 'kisignal_gateway_closed_total',
      help: 'Connections closed, by code.',
      labels: ['code'],
      read: () => [...gateway().closed].map(([code, count]) => [{ code: String(code) }, count]),
    },
    {
      name: 'kisignal_gateway_errors_total',
      help: 'Answers of type `error`, by slug.',
      labels: ['slug'],
      read: () => rows(Object.fromEntries(gateway().errors), 'slug'),
    },
    {
      name: 'kisignal_gateway_refused_total',
      help: 'Handshakes and requests refused, by slug.',
      labels: ['slug'],
      read: () => rows(Object.fromEntries(gateway().refused), 'slug'),
    },
    {
      name: 'kisignal_gateway_streams_resumed_total',
      help: 'Streams that clients resumed, by whether all that they missed could be given.',
      labels: ['result'],
      read: () => rows(gateway().streamsResumed ?? {}, 'result'),
    },
    {
      name: 'kisignal_gateway_warnings_total',
      help: 'Warnings to clients, by slug.',
      labels: ['slug'],
      read: () => rows(Object.fromEntries(gateway().warnings ?? []), 'slug'),
    },
    {
      name: 'kisignal_gateway_sessions_total',
      help: 'Kept sessions that a client came back to, and failures of what keeps them.',
      labels: ['result'],
      read: () => rows(gateway().sessions ?? {}, 'result'),
    },
    { name: 'kisignal_gateway_connections', help: 'Open connections.', read: () => gateway().connections },
  ];
}
