// The faults that need one frame only: what goes out in its place, and what of it is lost. Pure functions of the frame.
import { isOnGrid, nextTickUp, priceLimits } from '../../../config/tick-table.ts';
import type { FaultTypeAt } from './catalogue.ts';
import { type Frame, frameKind, frameText, TRADE } from './frame-record.ts';

/** Those that hold frames back, or know earlier ones. */
export type StatefulType = 'reorder' | 'merge' | 'large' | 'rewind';
export type SpoilerType = Exclude<FaultTypeAt<'frame'>, StatefulType>;

export interface Spoiled {
  readonly messages: readonly string[];
  /** Nothing that decodes is left of it. */
  readonly lost: boolean;
  /** By how much cumulative turnover is higher from this frame on, won. */
  readonly turnoverWon?: number;
}

/** Undefined where the frame offers nothing to spoil in this way. */
type Spoiler = (frame: Frame, text: string) => Spoiled | undefined;

const OVERSIZE_BYTES = 600_000;
const STALE_SECONDS = 10;
const EXTRA_SHARES = 7;
const INDEX_OFF = 0.02;
/** The widest layouts known; a record of another TR has one field more than it has. */
const KNOWN_WIDTHS: Readonly<Record<string, number>> = {
  H0STCNT0: 47,
  H0NXCNT0: 47,
  H0UNCNT0: 47,
  H0STASP0: 63,
  H0NXASP0: 66,
  H0UNASP0: 66,
};

export const SPOILERS: Readonly<Record<SpoilerType, Spoiler>> = {
  drop: () => ({ messages: [], lost: true }),
  duplicate: (_, text) => whole(text, text),
  truncate: (_, text) => lost(text.slice(0, text.length >> 1)),
  split: (_, text) => lost(text.slice(0, text.length >> 1), text.slice(text.length >> 1)),
  unknown_tr: (_, text) => lost(text.replace(/\|[^|]*\|/, '|X0STZZZ0|')),
  miscount: (_, text) => lost(text.replace(/\|(\d{3})\|/, '|997|')),
  empty_fields: (_, text) => lost(text.replace(/\^[^^|]+/g, '^')),
  oversize: (_, text) => lost(text + '^0'.repeat(OVERSIZE_BYTES / 2)),
  null_fields: (frame) => {
    const kind = frameKind(frame.trId);
    if (kind === 'other' || kind === 'further_trade') return undefined;
    return lost(edited(frame, (fields) => put(fields, kind === 'book' ? 3 : TRADE.price, '(null)')));
  },
  wider: (frame) => {
    const width = frame.records[0].length;
    const added = Math.max(1, (KNOWN_WIDTHS[frame.trId] ?? width) + 1 - width);
    return whole(edited(frame, (fields) => [...fields, ...Array<string>(added).fill('9')]));
  },
  off_grid: (frame) => repriced(frame, offGrid),
  beyond_limits: (frame) => repriced(frame, beyondLimits),
  bad_volume: (frame) => {
    if (frameKind(frame.trId) !== 'trade') return undefined;
    return whole(
      editedFirst(frame, (fields) => put(fields, TRADE.volume, String(Number(fields[TRADE.volume]) + EXTRA_SHARES))),
    );
  },
  bad_turnover: (frame, text) => {
    if (frameKind(frame.trId) !== 'trade') return undefined;
    const [fields] = frame.records;
    const turnoverWon = Number(fields[TRADE.price]) * Number(fields[TRADE.volume]);
    return Number.isInteger(turnoverWon) && turnoverWon > 0 ? { ...whole(text), turnoverWon } : undefined;
  },
  crossed_book: (frame) => {
    if (frameKind(frame.trId) !== 'book') return undefined;
    const [ask, bid] = [frame.records[0][3], frame.records[0][13]];
    if (!(Number(ask) > Number(bid) && Number(bid) > 0)) return undefined;
    return whole(editedFirst(frame, (fields) => put(put(fields, 3, bid), 13, ask)));
  },
  stale_time: (frame) => {
    if (frameKind(frame.trId) === 'other' || frameKind(frame.trId) === 'further_trade') return undefined;
    return whole(edited(frame, (fields) => put(fields, TRADE.time, earlier(fields[TRADE.time]))));
  },
  index_off: (frame) => {
    if (frameKind(frame.trId) !== 'index') return undefined;
    return whole(edited(frame, withIndexOff));
  },
};

function whole(...messages: string[]): Spoiled {
  return { messages, lost: false };
}

function lost(...messages: string[]): Spoiled {
  return { messages, lost: true };
}

function edited(frame: Frame, edit: (fields: readonly string[]) => string[]): string {
  return frameText({ ...frame, records: frame.records.map(edit) });
}

function editedFirst(frame: Frame, edit: (fields: readonly string[]) => string[]): string {
  return frameText({ ...frame, records: frame.records.map((fields, at) => (at === 0 ? edit(fields) : fields)) });
}

function put(fields: readonly string[], at: number, text: string): string[] {
  return fields.with(at, text);
}

/** Changes the first price, and all that the exchange derives from it. */
function repriced(frame: Frame, priceFor: (priceWon: number, previousCloseWon: number) => number) {
  if (frameKind(frame.trId) !== 'trade') return undefined;
  const [fields] = frame.records;
  const before = Number(fields[TRADE.price]);
  const previousCloseWon = before - Number(fields[4]);
  const price = priceFor(before, previousCloseWon);
  const turnoverWon = (price - before) * Number(fields[TRADE.volume]);
  // Turnover is whole won on the wire.
  if (!Number.isInteger(turnoverWon)) return undefined;
  const text = editedFirst(frame, (record) => {
    const next = [...record];
    const change = price - previousCloseWon;
    next[TRADE.price] = String(price);
    next[3] = change > 0 ? '2' : change < 0 ? '5' : '3';
    next[4] = String(change);
    next[5] = ((100 * change) / previousCloseWon).toFixed(2);
    next[8] = String(Math.max(Number(next[8]), price));
    // Open, high and low are followed by sign and distance of the price from them, at 24–26, 27–29 and 30–32.
    for (const [at, extreme] of [7, 8, 9].entries()) {
      const distance = price - Number(next[extreme]);
      next[25 + 3 * at] = distance > 0 ? '2' : distance < 0 ? '5' : '3';
      next[26 + 3 * at] = String(distance);
    }
    return next;
  });
  return { ...whole(text), turnoverWon };
}

/** One won aside is on no tick and no midpoint, unless the tick itself is one won. */
function offGrid(priceWon: number): number {
  return isOnGrid(priceWon + 1) ? priceWon + 0.25 : priceWon + 1;
}

function beyondLimits(_: number, previousCloseWon: number): number {
  return nextTickUp(priceLimits(previousCloseWon).upper);
}

function earlier(clock: string): string {
  const seconds = Number(clock.slice(0, 2)) * 3600 + Number(clock.slice(2, 4)) * 60 + Number(clock.slice(4));
  const then = Math.max(0, seconds - STALE_SECONDS);
  return [Math.floor(then / 3600), Math.floor(then / 60) % 60, then % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join('');
}

function withIndexOff(fields: readonly string[]): string[] {
  const level = Number(fields[2]);
  const previousClose = level - Number(fields[4]);
  const off = Number((level * (1 + INDEX_OFF)).toFixed(2));
  const change = off - previousClose;
  const next = [...fields];
  next[2] = off.toFixed(2);
  next[3] = change > 0 ? '2' : change < 0 ? '5' : '3';
  next[4] = change.toFixed(2);
  next[9] = ((100 * change) / previousClose).toFixed(2);
  return next;
}
