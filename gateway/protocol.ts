// The wire of /v1/stream, version 1. Subprotocols: `kisignal.v1.json` (text frames, the default) and
// `kisignal.v1.msgpack` (binary frames, plain maps). Client messages carry an `id` that the answer echoes.
//
//   client                                server
//                                    ◄──  welcome
//   subscribe {id, channels, …}      ──►
//                                    ◄──  subscribed {id, streams}      one answer for a request
//                                    ◄──  snapshot {…, seq}             one per stream that has data
//                                    ◄──  update {…, prevSeq, seq}      prevSeq of the first = the snapshot's seq
//   unsubscribe {id, …}, ping {id}   ──►
//                                    ◄──  unsubscribed {id}, pong {id}, error {id, code, slug, …}
//                                    ◄──  heartbeat {counter, lastSeq}  at an interval, with each stream's last seq
//                                    ◄──  skipped {stream, …}           at the bound of the client's queue
//                                    ◄──  shutdown {reconnectAfterMs}   before the server ends
import type { BatchTimes, Channel, Message, SourceKind } from '../engine/messages.ts';

export const SUBPROTOCOLS = ['kisignal.v1.json', 'kisignal.v1.msgpack'] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];
export type Encoding = 'json' | 'msgpack';

/** A pattern for instruments: codes with venue (`005930.KRX`), bare codes (any venue), or `*`. */
export interface SubscribeRequest {
  type: 'subscribe';
  id: string | number;
  channels: Channel[];
  /** Left out: `*`. */
  instruments?: string[];
  /** Left out: all variants. */
  variants?: string[];
}

export interface UnsubscribeRequest {
  type: 'unsubscribe';
  id: string | number;
  channels: Channel[];
  instruments?: string[];
  variants?: string[];
}

export interface PingRequest {
  type: 'ping';
  id: string | number;
}

export interface ListRequest {
  type: 'list';
  id: string | number;
}

export type ClientMessage = SubscribeRequest | UnsubscribeRequest | PingRequest | ListRequest;

export interface WelcomeMessage {
  type: 'welcome';
  version: 1;
  /** Server time, UTC microseconds. */
  serverTimeUs: number;
  epoch: string;
  source: SourceKind;
  connection: string;
  channels: readonly Channel[];
  limits: {
    messageBytesMax: number;
    messagesPerSecondMax: number;
    subscriptionsMax: number;
    queueBytesMax: number;
    heartbeatMs: number;
  };
}

/** Answer to subscribe and unsubscribe: the patterns now held, and the streams that exist and match. */
export interface SubscribedMessage {
  type: 'subscribed' | 'unsubscribed';
  id: string | number;
  streams: string[];
}

export interface SnapshotMessage {
  type: 'snapshot';
  stream: string;
  channel: Channel;
  instrument: string;
  variant: string;
  epoch: string;
  source: SourceKind;
  /** Seq of the last message of the snapshot: the next update's prevSeq. */
  seq: number;
  messages: readonly Message[];
}

/** Messages of one stream; their `seq` run from prevSeq + 1 to seq. times = [t0, d1 … d5], microseconds. */
export interface UpdateMessage {
  type: 'update';
  stream: string;
  channel: Channel;
  instrument: string;
  variant: string;
  epoch: string;
  source: SourceKind;
  prevSeq: number;
  seq: number;
  times: BatchTimes;
  messages: readonly Message[];
}

export interface HeartbeatMessage {
  type: 'heartbeat';
  counter: number;
  serverTimeUs: number;
  lastSeq: Record<string, number>;
}

/** The queue was full: messages of these streams were left out, from the seq after `fromSeq` to `toSeq`. */
export interface SkippedMessage {
  type: 'skipped';
  streams: { stream: string; fromSeq: number; toSeq: number }[];
}

export interface ListMessage {
  type: 'list';
  id: string | number;
  streams: string[];
}

export interface PongMessage {
  type: 'pong';
  id: string | number;
  serverTimeUs: number;
}

export interface ErrorMessage {
  type: 'error';
  id: string | number | null;
  code: number;
  slug: string;
  text: string;
  temporary: boolean;
  retryAfterMs: number | null;
}

export interface ShutdownMessage {
  type: 'shutdown';
  reason: string;
  reconnectAfterMs: number;
}

export type ServerMessage =
  | WelcomeMessage
  | SubscribedMessage
  | SnapshotMessage
  | UpdateMessage
  | HeartbeatMessage
  | SkippedMessage
  | ListMessage
  | PongMessage
  | ErrorMessage
  | ShutdownMessage;
