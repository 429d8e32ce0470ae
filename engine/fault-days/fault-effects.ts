// What each fault of the emulator does to data quality: the findings that it must raise, on whom, and nothing else. From
// the findings follow the dimensions (quality/findings.ts); the test beside this holds each row against the engine.
import type { FaultType } from '../emulator/faults/catalogue.ts';
import type { FindingKind, FindingStream } from '../quality/findings.ts';

/** How the frames of a session are carried while a fault is on that spoils none of them itself. */
export interface Carriage {
  /** So much later. */
  readonly delayMs?: number;
  /** Not at all for so long; `silently` with the session open, which is then lost and comes back. */
  readonly downMs?: number;
  readonly silently?: boolean;
  /** With other widths of the records. */
  readonly otherLayout?: boolean;
}

/**
 * - `spoiled`: the entry that carries what the fault left of the frame
 * - `next`: the next whole frame of the stream, which shows what lacks in front of it
 * - `time`: no frame of its own: each late one, or the moment in which the absence is noticed
 */
export type Proof = 'spoiled' | 'next' | 'time';

export interface ExpectedFinding {
  readonly kind: FindingKind;
  /** `engine`: whose nobody can tell. */
  readonly stream: FindingStream;
  readonly proof: Proof;
}

export interface FaultEffect {
  readonly trId: 'H0STCNT0' | 'H0STASP0' | 'H0UPCNT0';
  readonly findings: readonly ExpectedFinding[];
  /** Dimensions that a finding lowered and that what came later restored. */
  readonly restores?: boolean;
  /** Why it lowers nothing, or more than one dimension. */
  readonly why?: string;
  /** Frames that the fault takes, where one is not enough. */
  readonly count?: number;
  readonly carriage?: Carriage;
  readonly seconds?: number;
}

const finding = (kind: FindingKind, stream: FindingStream, proof: Proof): ExpectedFinding => ({ kind, stream, proof });
const LOST = finding('gap', 'trades', 'next');
const UNREAD = finding('undecodable', 'trades', 'spoiled');
const UNREAD_BOOK = finding('undecodable', 'books', 'spoiled');
const UNADDRESSED = finding('undecodable', 'engine', 'spoiled');
const trades = (...findings: readonly ExpectedFinding[]): FaultEffect => ({ trId: 'H0STCNT0', findings });
const books = (...findings: readonly ExpectedFinding[]): FaultEffect => ({ trId: 'H0STASP0', findings });
const LEGAL = 'It is legal: all of it is read.';
const CONFLATED = 'Books are conflated: one that is left out is followed by the next.';
const LATE = [finding('late', 'trades', 'time'), finding('late', 'books', 'time')];
const SILENT = [finding('silent', 'trades', 'time'), LOST];

/** By fault; several rows where it does other things to other streams. */
export const FAULT_EFFECTS: Partial<Readonly<Record<FaultType, readonly FaultEffect[]>>> = {
  drop: [trades(LOST), { ...books(), why: CONFLATED }],
  duplicate: [
    trades(finding('duplicate', 'trades', 'spoiled')),
    { ...books(), why: 'The same book again says nothing new, and nothing false.' },
  ],
  truncate: [trades(UNREAD, LOST), books(UNREAD_BOOK)],
  reorder: [
    {
      ...trades(finding('gap', 'trades', 'spoiled'), finding('out_of_order', 'trades', 'spoiled')),
      restores: true,
      why: 'What was missing came: completeness is restored, and the wrong order remains.',
    },
  ],
  merge: [trades(UNREAD, LOST), books(UNREAD_BOOK)],
  split: [
    { ...trades(UNREAD, UNADDRESSED, LOST), why: 'The second half does not say whose it is.' },
    books(UNREAD_BOOK, UNADDRESSED),
  ],
  large: [{ ...trades(), why: LEGAL }],
  rewind: [trades(finding('duplicate', 'trades', 'spoiled'))],
  wider: [
    { ...trades(), why: LEGAL },
    { ...books(), why: LEGAL },
  ],
  unknown_tr: [trades(UNADDRESSED, LOST), books(UNADDRESSED)],
  miscount: [trades(UNREAD, LOST), books(UNREAD_BOOK)],
  empty_fields: [trades(UNREAD, LOST), books(finding('missing_fields', 'books', 'spoiled'))],
  null_fields: [trades(UNREAD, LOST), books(UNREAD_BOOK)],
  oversize: [trades(UNREAD, LOST), books(UNREAD_BOOK)],
  off_grid: [trades(finding('off_grid', 'trades', 'spoiled'))],
  beyond_limits: [
    {
      ...trades(finding('beyond_limits', 'trades', 'spoiled'), finding('trade_outside_book', 'trades', 'spoiled')),
      why: 'So high a price is both: none that the day allows, and far from the book around it.',
    },
  ],
  bad_volume: [trades(finding('bad_volume', 'trades', 'spoiled'))],
  bad_turnover: [trades(finding('bad_turnover', 'trades', 'spoiled'))],
  crossed_book: [books(finding('crossed_book', 'books', 'spoiled'))],
  stale_time: [
    trades(finding('late', 'trades', 'spoiled')),
    { ...books(finding('out_of_order', 'books', 'spoiled')), why: 'A second before that of the book in front of it.' },
  ],
  index_off: [
    {
      trId: 'H0UPCNT0',
      findings: [finding('index_off', 'engine', 'time')],
      count: 30,
      why: "What lasts for ten seconds is found; it is no instrument's.",
    },
  ],
  delay: [{ ...trades(...LATE), carriage: { delayMs: 10_000 } }],
  slow: [{ ...trades(...LATE), carriage: { delayMs: 10_000 } }],
  cut: [{ ...trades(LOST), carriage: { downMs: 500 } }],
  storm: [{ ...trades(LOST), carriage: { downMs: 3000 } }],
  reset: [{ ...trades(LOST), carriage: { downMs: 1000 } }],
  close: [{ ...trades(LOST), carriage: { downMs: 1000 } }],
  stall: [{ ...trades(...SILENT), carriage: { downMs: 90_000, silently: true }, seconds: 180 }],
  mute: [{ ...trades(...SILENT), carriage: { downMs: 90_000, silently: true }, seconds: 180 }],
  switch_layout: [{ ...trades(), carriage: { otherLayout: true }, why: 'The decoder knows the widths of both.' }],
};

/** The faults that have no row, and why no dimension can fall by them. */
export const WITHOUT_EFFECT: Partial<Readonly<Record<FaultType, string>>> = {
  fragment: 'WebSocket puts the fragments together again: the same frame arrives.',
  reject: 'The stream is not registered, so nothing of it is expected; the registrar tries again.',
  no_answer: 'The stream is not registered, so nothing of it is expected; the registrar tries again.',
  no_pingpong: 'Data go on.',
  expire_keys: 'Sessions that run go on; a new one asks for another key, and is lost for so long (see `reset`).',
  revoke_keys: 'Sessions are closed: what is missed shows as with `close`, as soon as another key takes over.',
  clock_back: 'It is announced to clients that asked; the records keep their seconds.',
  notice: 'Execution notices are no market data, and never reach the journal.',
};
