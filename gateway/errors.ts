// Everything the gateway can refuse, in tables: answers to client messages, answers to HTTP requests and
// handshakes, and close codes. Numbers and slugs are public and never change their meaning.
import type { HttpResponse } from './transport.ts';

interface ErrorKind {
  readonly code: number;
  readonly text: string;
  /** The same message may succeed later. */
  readonly temporary: boolean;
  readonly retryAfterMs: number | null;
}

/** Answers of type `error`. The connection stays open. */
export const ERRORS = {
  wrong_encoding: permanent(100, 'text frames carry JSON, binary frames MessagePack: as the subprotocol says'),
  not_parsable: permanent(101, 'the message cannot be parsed'),
  not_an_object: permanent(102, 'the message is not an object'),
  missing_id: permanent(103, 'the message has no id (a string of at most 64 characters, or an integer)'),
  unknown_type: permanent(104, 'the type is not known'),
  unknown_channel: permanent(105, 'a channel is not known'),
  invalid_message: permanent(106, 'a field is missing, not known or out of bounds'),
  too_many_subscriptions: permanent(107, 'the connection would hold more subscriptions than it may'),
  too_many_positions: permanent(108, 'the connection would hold more positions to resume from than it may'),
  unknown_session: permanent(109, 'no session of this token is kept: subscribe anew'),
  too_many_messages: temporary(200, 'more messages a second than allowed; those left in this second are dropped', 1000),
  sessions_unavailable: temporary(201, 'kept sessions cannot be read now: subscribe anew', 1000),
} as const satisfies Record<string, ErrorKind>;
export type ErrorSlug = keyof typeof ERRORS;

/** Messages of type `warning`. */
export const WARNINGS = {
  queue_half_full: { code: 300, text: 'half of the queue is taken: at its bound the connection is closed' },
} as const;
export type WarningSlug = keyof typeof WARNINGS;

interface RefusalKind {
  readonly status: number;
  readonly text: string;
}

/** Answers to HTTP requests and to handshakes, as JSON. */
export const REFUSALS = {
  unknown_subprotocol: { status: 400, text: 'subprotocols: kisignal.v1.json, kisignal.v1.msgpack' },
  foreign_host: { status: 403, text: 'the Host header names another server' },
  foreign_origin: { status: 403, text: 'pages of this origin may not use this server' },
  not_found: { status: 404, text: 'nothing is served under this path' },
  method_not_allowed: { status: 405, text: 'GET and HEAD only' },
  upgrade_required: { status: 426, text: 'this path speaks WebSocket' },
  too_many_connections_of_address: { status: 429, text: 'too many connections from this address' },
  failed: { status: 500, text: 'the answer could not be made' },
  too_many_connections: { status: 503, text: 'too many connections' },
  ending: { status: 503, text: 'the server is about to end' },
} as const satisfies Record<string, RefusalKind>;
export type RefusalSlug = keyof typeof REFUSALS;

interface CloseKind {
  readonly code: number;
  readonly text: string;
  /** What a client should do: 3000–3499 come back, 3500–3999 do not (1009 neither, the message would be the same). */
  readonly reconnect: boolean;
}

export const CLOSES = {
  message_too_big: { code: 1009, text: 'message too big', reconnect: false },
  shutdown: { code: 3000, text: 'the server ends', reconnect: true },
  slow_consumer: { code: 3001, text: 'the queue was full for too long', reconnect: true },
  idle: { code: 3002, text: 'nothing heard, pings unanswered', reconnect: true },
  queue_overflow: { code: 3003, text: 'the queue was full and nothing may be left out', reconnect: true },
  message_flood: { code: 3500, text: 'far more messages a second than allowed', reconnect: false },
} as const satisfies Record<string, CloseKind>;
export type CloseSlug = keyof typeof CLOSES;

export function refusal(slug: RefusalSlug): HttpResponse {
  const { status, text } = REFUSALS[slug];
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: JSON.stringify({ error: { slug, text } }),
  };
}

function permanent<const C extends number>(code: C, text: string) {
  return { code, text, temporary: false, retryAfterMs: null };
}

function temporary<const C extends number>(code: C, text: string, retryAfterMs: number) {
  return { code, text, temporary: true, retryAfterMs };
}
