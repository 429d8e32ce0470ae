// What the client library asks of a WebSocket and of an encoding; JSON comes with it. Runs in browsers, too.
import type { ClientMessage, ServerMessage, Subprotocol } from './protocol.ts';

/** What is used of a WebSocket: the browser's, Node's and the `ws` package's all fit. */
export interface WebSocketLike {
  binaryType: string;
  onopen: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onerror: ((event: never) => unknown) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export interface Codec {
  readonly subprotocol: Subprotocol;
  encode(message: ClientMessage): string | Uint8Array<ArrayBuffer>;
  decode(data: string | ArrayBuffer): ServerMessage;
}

export const JSON_CODEC: Codec = {
  subprotocol: 'kisignal.v1.json',
  encode: (message) => JSON.stringify(message),
  decode: (data) => JSON.parse(data as string) as ServerMessage,
};

/** 3500–3999 and 1009: the same would happen again. Everything else, 3000–3499 above all: come back. */
export function comesBackAfter(code: number): boolean {
  return code !== 1009 && !(code >= 3500 && code <= 3999);
}
