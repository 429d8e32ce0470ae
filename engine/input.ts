// The inputs of the state machine: all that may be journaled, and nothing that can be derived. One batch is what one
// session delivered in one turn of the event loop; its entries share the batch's number.

import type { Venue } from './decode/records.ts';
import type { SourceKind } from './messages.ts';
import type { ReferenceKind } from './reference/reference.ts';

/** A raw KIS data frame (`0|H0STCNT0|001|…`) as it came off the wire. Never an execution notice: those are personal. */
export interface FrameInput {
  readonly kind: 'frame';
  readonly engineTimeUs: number;
  readonly bytes: Uint8Array;
}

/** Something happened to a feed session. Acknowledgements are entered without their AES key and iv. */
export interface SessionInput {
  readonly kind: 'session';
  readonly engineTimeUs: number;
  readonly session: string;
  readonly event: 'connected' | 'lost' | 'registered' | 'unregistered' | 'rejected';
  readonly trId?: string;
  readonly trKey?: string;
  /** KIS message code (`OPSP0000`) or the reason of the loss. */
  readonly code?: string;
}

/** Time went on: bars close, data grow stale, signals reach their horizon. */
export interface ClockInput {
  readonly kind: 'clock';
  readonly engineTimeUs: number;
}

/** Start of a run, and the commands of an operator. Contents are named by the SHA-256 under which they are stored. */
export interface ControlInput {
  readonly kind: 'control';
  readonly engineTimeUs: number;
  readonly command: ControlCommand;
}

/** One symbol that an operator asked for at run time. */
export interface Subscription {
  readonly code: string;
  readonly venue: Venue;
  readonly streams: readonly ('trades' | 'books' | 'expected' | 'status')[];
  /** 0 is most important; the symbols of the configured universe have 100. */
  readonly priority: number;
}

export type ControlCommand =
  | {
      readonly type: 'start';
      readonly epoch: string;
      readonly source: SourceKind;
      /** Identity of the feed: cumulative numbers continue within one feed only. */
      readonly feed: string;
      readonly configHash: string;
      readonly modelHash: string;
      readonly calendarHash: string;
      readonly versions: { readonly kisignal: string; readonly node: string; readonly backend: 'wasm' | 'plain' };
    }
  | { readonly type: 'stop'; readonly reason: string }
  /** The journal cannot be written: signals halt and numbers begin anew. Of its nature the one input never journaled. */
  | { readonly type: 'journal_unavailable'; readonly epoch: string }
  | { readonly type: 'kill_switch'; readonly on: boolean; readonly reason: string }
  /** What the operator wants registered besides the universe, from here on: the whole list, most important first. */
  | { readonly type: 'subscriptions'; readonly wanted: readonly Subscription[] }
  /** An answer of a REST source came in; `hash` names its content (`reference/reference.ts`). */
  | { readonly type: 'reference'; readonly kind: ReferenceKind; readonly hash: string }
  /** The model failed in the batch right before: the engine abstains in that batch and from there on until a start. */
  | { readonly type: 'model_failed'; readonly modelHash: string; readonly reason: string };

export type Input = FrameInput | SessionInput | ClockInput | ControlInput;

/** `receivedUs` is host time (UTC microseconds) of the batch's first input; it is measured, not journaled. */
export interface InputBatch {
  readonly receivedUs: number;
  readonly inputs: readonly Input[];
}
