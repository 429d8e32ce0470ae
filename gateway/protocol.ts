// The wire of /v1/stream, version 1. Subprotocols: `kisignal.v1.json` (text frames, the default) and
// `kisignal.v1.msgpack` (binary frames, plain maps). Client messages carry an `id` that the answer echoes.
//
//   client                                server
//                                    ◄──  welcome
//   resume {id, epoch, streams}      ──►                               where it stands, if it was here before
//                                    ◄──  resumed {id}
//   subscribe {id, channels, …}      ──►
//                                    ◄──  subscribed {id, recovered, …} one answer for a request
//                                    ◄──  snapshot {…, seq}             one per stream that has data, or, resumed:
//                                    ◄──  update {…, prevSeq, seq}      what was missed, then what is new
//                                    ◄──  update {…, prevSeq, seq}      prevSeq of the first = the snapshot's seq
//   unsubscribe {id, …}, ping {id}   ──►
//                                    ◄──  unsubscribed {id}, pong {id}, error {id, code, slug, …}
//                                    ◄──  heartbeat {counter, lastSeq}  at an interval, with each stream's last seq
//                                    ◄──  skipped {stream, …}           `latest`: at the bound of the client's queue
//                                    ◄──  warning {slug, …}             `all`: at half of it; at the bound comes 3003
//                                    ◄──  epoch {epoch, previous}       from here on all is numbered anew
//                                    ◄──  shutdown {reconnectAfterMs}   before the server ends
import type { BatchTimes, Channel, Message, SourceKind } from '../engine/messages.ts';

export const SUBPROTOCOLS = ['kisignal.v1.json', 'kisignal.v1.msgpack'] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];
export type Encoding = 'json' | 'msgpack';

/**
 * What happens where a client reads more slowly than streams publish. `latest`: at the bound of its queue messages are
 * left out and said to be (`skipped`); once it has drained, the last one of each stream follows. `all`: nothing is ever
 * left out; at half of the bound comes `warning`, at the bound the connection is closed with 3003, and the client comes
 * back and resumes.
 */
export type Delivery = 'all' | 'latest';

/** Patterns by delivery, each a channel, an instrument and a variant, parted by line feeds. */
export interface KeptSubscriptions {
  readonly all: readonly string[];
  readonly latest: readonly string[];
}

/** Where a client stands: by stream the seq of the last message that it has, 0 for none, counted in `epoch`. */
export interface ResumePosition {
  epoch: string;
  streams: Record<string, number>;
}

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
  /** Of a stream that several requests stand for, `all` where one of them says so. Left out: `latest`. */
  delivery?: Delivery;
  /** The numbering that a client that comes back knows from before: the answer says whether it still holds. */
  epoch?: string;
  /**
   * Instead of snapshots, what was published since: exactly the missing messages as updates, then what is new. Streams
   * that match and are not named, here or in a `resume` before, have begun since then: they are given from seq 1. Of
   * a stream that cannot be given whole any more there is a snapshot, and `notRecovered` names it. At most 4,096.
   */
  resume?: ResumePosition;
}

/**
 * Where the client stands, ahead of the requests that subscribe: for what does not fit into one message. Several add up,
 * to `positionsMax`. With `session`, the token of an earlier connection, to this gateway or to another one that shares
 * its sessions, what that one had subscribed to is subscribed to again: with delivery `all` as if it had been asked for
 * with `resume`, with `latest` from the positions that are named, else from snapshots. The answer is then `subscribed`,
 * and says what that was, because a connection may end before its last request is kept. Errors: `unknown_session`,
 * `sessions_unavailable`: subscribe anew.
 */
export interface ResumeRequest extends ResumePosition {
  type: 'resume';
  id: string | number;
  session?: string;
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

export type ClientMessage = SubscribeRequest | UnsubscribeRequest | ResumeRequest | PingRequest | ListRequest;

export interface WelcomeMessage {
  type: 'welcome';
  version: 1;
  /** Server time, UTC microseconds. */
  serverTimeUs: number;
  epoch: string;
  source: SourceKind;
  connection: string;
  /** Whoever knows it can resume this session, here or elsewhere: for the client's eyes only. */
  session: string;
  /** What was published in the last while can be given again; 0 where only snapshots can. */
  resumeWindowMs: number;
  channels: readonly Channel[];
  limits: {
    messageBytesMax: number;
    messagesPerSecondMax: number;
    subscriptionsMax: number;
    queueBytesMax: number;
    heartbeatMs: number;
    positionsMax: number;
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
  /** Of a request that resumes: the streams of which something is missing for good. Each begins with a snapshot. */
  notRecovered: string[];
  /** Answer to a session's token: what it had subscribed to. */
  subscriptions?: KeptSubscriptions;
}

/** Answer to resume without a session: positions that wait for requests that subscribe. */
export interface ResumedMessage {
  type: 'resumed';
  id: string | number;
  positions: number;
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
 * prevSeq + 1 to seq, or, behind a `skipped`, from its `toSeq` + 1. Equal numbers of an epoch are equal messages, so a
 * client that gets one twice drops it. Streams of `status` and `latency` are numbered by
 * the process: after a reconnect they may go back to lower numbers within the same epoch, which is neither a hole nor a
 * doubled message. times = [t0, d1 … d5], microseconds; d5 is when the batch was handed to encoding: a message cannot
 * carry the time of its own sending. What encoding and writing took is in the stage `publish` of the channel `latency`.
 * Of what is given again, because it was missed or left out, times are null.
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
  times: BatchTimes | null;
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
 * The client's queue was full: messages of these streams, of delivery `latest`, were left out, from the seq after
 * `fromSeq`, the last that it received, to `toSeq`. Comes once the queue has drained, in front of the last message of
 * each stream; a queue that stays full is closed with 3001.
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

/** More than half of the queue is taken, and it holds streams of delivery `all`. Once, until it has drained. */
export interface WarningMessage {
  type: 'warning';
  code: number;
  slug: string;
  text: string;
  queuedBytes: number;
  queueBytesMax: number;
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
  | ResumedMessage
  | SnapshotMessage
  | UpdateMessage
  | HeartbeatMessage
  | SkippedMessage
  | EpochMessage
  | ListMessage
  | PongMessage
  | ErrorMessage
  | WarningMessage
  | ShutdownMessage;
