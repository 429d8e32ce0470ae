// Whom a raw frame speaks of, by its head alone and without decoding it: TR, number of records and the key of each.
import { LAYOUTS } from '../decode/layouts.ts';
import { overseasKey } from '../decode/overseas-feeds.ts';

const HEAD_BYTES = 48;
const HEAD = /^[01]\|([0-9A-Z]{8})\|(\d{1,3})\|([0-9A-Z]{1,16})(?=\^)/;
const MARKET_WIDE = new Set(
  LAYOUTS.filter(({ kind }) => kind === 'marketStatus' || kind === 'index').map(({ trId }) => trId),
);
const OVERSEAS = new Set(LAYOUTS.filter(({ kind }) => kind === 'foreignTrade').map(({ trId }) => trId));
const text = new TextDecoder('latin1');

/** Codes of its records, each once; `all` where it says something of a whole market; none where its head cannot be read. */
export function codesOf(frame: Uint8Array): readonly string[] | 'all' {
  const [, trId, records, code] = HEAD.exec(text.decode(frame.subarray(0, HEAD_BYTES))) ?? [];
  if (trId === undefined) return [];
  if (MARKET_WIDE.has(trId)) return 'all';
  const keys = Number(records) > 1 ? keysOf(frame, Number(records)) : [code];
  return OVERSEAS.has(trId) ? keys.map((key) => overseasKey(key)?.code ?? key) : keys;
}

/** KIS has never been seen to join codes in a frame, and its documents do not forbid it. */
function keysOf(frame: Uint8Array, records: number): string[] {
  const fields = text.decode(frame).split('|').slice(3).join('|').split('^');
  const width = Math.floor(fields.length / records);
  return [...new Set(Array.from({ length: records }, (_, i) => fields[i * width] ?? ''))];
}
