// The decoder as one would write it first, with `split` and regular expressions: the reference of the tests, and the
// baseline of the bench for the same work. It shares the tables of the layouts with the decoder, and nothing else.
import { COLUMN_FIELDS, type ColumnKind, type FieldType, LAYOUTS } from './layouts.ts';
import type { QuarantineReason } from './records.ts';

export type NaiveOutcome =
  | { readonly reason: QuarantineReason }
  | { readonly reason: null; readonly kind: 'ignored' }
  | {
      readonly reason: null;
      readonly kind: ColumnKind;
      readonly width: number;
      readonly codes: string[];
      /** Cells of each column, record by record. */
      readonly columns: Record<string, number[]>;
    };

const ENVELOPE = /^([01])\|([^|]*)\|([^|]*)\|(.*)$/s;

/** Frames of whatever is read into columns, as text of one character a byte. */
export function naiveDecode(frame: string): NaiveOutcome {
  if (frame === '') return { reason: 'empty' };
  const envelope = ENVELOPE.exec(frame);
  if (envelope === null) return { reason: 'envelope' };
  const [, encrypted, trId, countText, payload] = envelope;
  const layout = LAYOUTS.find((candidate) => candidate.trId === trId);
  if (layout === undefined) return { reason: 'unknown_tr' };
  const count = /^\d{1,4}$/.test(countText) ? Number(countText) : 0;
  if (count < 1 || count > 1024) return { reason: 'record_count' };
  if (encrypted === '1' || layout.kind === 'notice') return { reason: 'encrypted_without_key' };
  if (layout.kind === 'ignored') return { reason: null, kind: layout.kind };
  const fields = payload.split('^');
  const width = fields.length / count;
  if (!Number.isInteger(width)) return { reason: 'width_not_integer' };
  if (width < layout.widthMin) return { reason: 'width_too_small' };
  if (width > layout.widthMax) return { reason: 'record_count' };
  const kind = layout.kind as ColumnKind;
  const codes: string[] = [];
  const columns: Record<string, number[]> = {};
  for (let start = 0; start < fields.length; start += width) {
    for (const { column, index, type, levels, cells } of COLUMN_FIELDS[kind]) {
      if (type === 'code') {
        if (!/^[0-9A-Z]{1,7}$/.test(fields[start + index])) return { reason: 'field' };
        codes.push(fields[start + index]);
        continue;
      }
      columns[column] ??= [];
      for (let cell = 0; cell < cells; cell++) {
        const value = cell < levels ? naiveField(type, fields[start + index + cell]) : 0;
        if (Number.isNaN(value)) return { reason: 'field' };
        columns[column].push(value);
      }
    }
    const { change, changeSign } = columns;
    if (kind === 'foreignTrade' && changeSign.at(-1)! >= 4) change.push(-Math.abs(change.pop()!));
  }
  return { reason: null, kind, width, codes, columns };
}

const GRAMMAR: Readonly<Record<Exclude<FieldType, 'code'>, RegExp>> = {
  feed: /^([DR](NAS|NYS|AMS|HKS|TSE|SHS|SZS|HNX|HSX)|RBA[QYA])/,
  time: /^([01]\d|2[0-3])[0-5]\d[0-5]\d$/,
  date: /^\d{8}$/,
  price: /^\d+(\.\d{1,2})?$/,
  change: /^-?\d+(\.\d{1,2})?$/,
  finePrice: /^\d+(\.\d{1,4})?$/,
  fineChange: /^-?\d+(\.\d{1,4})?$/,
  count: /^\d+$/,
  letter: /^[0-9A-Z]$/,
  flag: /^[YN]$/,
};

/** NaN where the text is none of the type. */
export function naiveField(type: Exclude<FieldType, 'code'>, text: string): number {
  if (text === '' && type !== 'feed') return 0;
  if (!GRAMMAR[type].test(text)) return Number.NaN;
  switch (type) {
    case 'time':
      return Number(text.slice(0, 2)) * 3600 + Number(text.slice(2, 4)) * 60 + Number(text.slice(4));
    case 'letter':
      return text.charCodeAt(0);
    case 'flag':
      return text === 'Y' ? 1 : 0;
    case 'feed':
      return Buffer.from(text, 'latin1').readUInt32LE();
    case 'price':
    case 'change':
      return fixedPoint(text, 2);
    case 'finePrice':
    case 'fineChange':
      return fixedPoint(text, 4);
    default:
      return exact(BigInt(text));
  }
}

function fixedPoint(text: string, places: number): number {
  const [whole, decimals = ''] = text.replace('-', '').split('.');
  const value = exact(BigInt(whole + decimals.padEnd(places, '0')));
  return text.startsWith('-') ? 0 - value : value;
}

function exact(value: bigint): number {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN;
}
