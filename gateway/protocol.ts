// The wire of /v1/stream, version 1. Subprotocols: `kisignal.v1.json` (text frames, the default) and
// `kisignal.v1.msgpack` (binary frames, plain maps). Client messages carry an `id` that the answer echoes.
//
//   client                                server
//                                    ◄──  welcome
//   subscribe {id, channels, …}      ──►
//                                    ◄──  subscribed {id, recovered, …} one answer for a request
//                                    ◄──  snapshot {…, seq}             one per stream that has data
//                                    ◄──  update {…, prevSeq, seq}      prevSeq of the first = the snapshot's seq
//   unsubscribe {id, …}, ping {id}   ──►
//                                    ◄──  unsubscribed {id}, pong {id}, error {id, code, slug, …}
//                                    ◄──  heartbeat {counter, lastSeq}  at an interval, with each stream's last seq
//                                    ◄──  skipped {stream, …}           at the bound of the client's queue
//                                    ◄──  epoch {epoch, previous}       from here on all is numbered anew
//                                    ◄──  shutdown {reconnectAfterMs}   before the server ends
import type { BatchTimes, Channel, Message, SourceKind } from '../engine/messages.ts';

export const SUBPROTOCOLS = ['kisignal.v1.json', 'kisignal.v1.msgpack'] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];
export type Encoding = 'json' | 'msgpack';

/**
 * Subscribes to every stream, of today and to come, that matches one of the channels, one of the instruments and one of
 * the variants. All of it is taken or, with an error, nothing. A stream that is subscribed already gets no second
 * snapshot.
 */
export interface SubscribeRequest {
  type: 'subscribe';
  /** A string of at most 64 characters, or an integer. */
  id: string | number;
  channels: Channel[];
  /** Codes with venue (`005930.KRX`), bare codes (any venue), or `*`. Left out: `*`. */
  instruments?: string[];
  /** Names, '' (streams without a variant) or `*`. Left out: `*`. */
  variants?: string[];
  /** The numbering that a client that comes back knows from before: the answer says whether it still holds. */
  epoch?: string;
}

/** Gives up the patterns that the same request subscribed to; a stream ends when no other pattern stands for it. */
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

/** Answer to subscribe: the streams that exist and match. */
export interface SubscribedMessage {
  type: 'subscribed';
  id: string | number;
  streams: string[];
  /**
   * The `epoch` of the request still holds, so what the client has and the snapshots that follow bear numbers of one
   * count (but for `status` and `latency`, which each process of the server counts anew). False where it does not, and
   * where the request named none: what the client has belongs to nothing here.
   */
  recovered: boolean;
}

/** Answer to unsubscribe: the streams that end. */
export interface UnsubscribedMessage {
  type: 'unsubscribed';
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
  /**
   * [t0, d1 … d5] of the batch that made the last message, as in its update; but d5 once that had been written to every
   * client. Null where a recovery brought the message back and its times are not known.
   */
  times: BatchTimes | null;
  messages: readonly Message[];
}

/**
 * Messages of one stream. `prevSeq` is the last seq of the stream that this client received, so the messages run from
 * prevSeq + 1 to seq, or, behind a `skipped`, from its `toSeq` + 1. Streams of `status` and `latency` are numbered by
 * the process: after a reconnect they may go back to lower numbers within the same epoch, which is neither a hole nor a
 * doubled message. times = [t0, d1 … d5], microseconds; d5 is when the batch was handed to encoding: a message cannot
 * carry the time of its own sending. What encoding and writing took is in the stage `publish` of the channel `latency`.
 */
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

/**
 * `lastSeq` holds the last seq published of subscribed streams, at most 200 in one heartbeat; the next ones go on with
 * the others. Whoever has received or been told of less has lost something.
 */
export interface HeartbeatMessage {
  type: 'heartbeat';
  counter: number;
  serverTimeUs: number;
  lastSeq: Record<string, number>;
}

/**
 * The client's queue was full: messages of these streams were left out, from the seq after `fromSeq`, the last that it
 * received, to `toSeq`. Comes once the queue has drained; a queue that stays full is closed with 3001.
 */
export interface SkippedMessage {
  type: 'skipped';
  streams: { stream: string; fromSeq: number; toSeq: number }[];
}

/**
 * Another numbering begins, and with it every stream at seq 1: a subscribed stream goes on with an update of prevSeq 0
 * and needs no snapshot. What the client had not received of `previous` will not come. Sent to every client before the
 * first message of the new epoch.
 */
export interface EpochMessage {
  type: 'epoch';
  epoch: string;
  previous: string;
  recovered: false;
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
  | UnsubscribedMessage
  | SnapshotMessage
  | UpdateMessage
  | HeartbeatMessage
  | SkippedMessage
  | EpochMessage
  | ListMessage
  | PongMessage
  | ErrorMessage
  | ShutdownMessage;
