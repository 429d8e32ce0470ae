// The layouts of the KIS data frames that are decoded, as tables. A record is a run of `^`-separated fields; KIS appends
// fields at a record's end without a version, so a layout demands its oldest known width and tolerates an unknown tail.
import {
  BOOK_LEVELS,
  type BookColumns,
  type IndexColumns,
  type RecordKind,
  type TradeColumns,
  type Venue,
} from './records.ts';

/**
 * How a field reads. An empty one is 0, except a code, which must be there.
 * - `code`: 1–7 digits and capitals
 * - `time`: HHMMSS to seconds
 * - `date`: YYYYMMDD to that number
 * - `price`: at most two decimals, to hundredths; `change`: the same with a sign
 * - `count`: digits
 * - `letter`: one digit or capital to its character code
 * - `flag`: Y or N to 1 or 0
 */
export type FieldType = 'code' | 'time' | 'date' | 'price' | 'change' | 'count' | 'letter' | 'flag';

/** `levels` fields stand side by side and fill as many cells a record. */
export interface Field {
  readonly column: string;
  readonly index: number;
  readonly type: FieldType;
  readonly levels: number;
}

type ColumnOf<Columns> = Exclude<keyof Columns, 'count' | 'code'> & string;

function field<Columns>(column: ColumnOf<Columns>, index: number, type: FieldType, levels = 1): Field {
  return { column, index, type, levels };
}

const CODE: Field = { column: 'code', index: 0, type: 'code', levels: 1 };

const trade = field<TradeColumns>;
const TRADE_FIELDS: readonly Field[] = [
  CODE,
  trade('timeSeconds', 1, 'time'),
  trade('price', 2, 'price'),
  trade('change', 4, 'change'),
  trade('open', 7, 'price'),
  trade('high', 8, 'price'),
  trade('low', 9, 'price'),
  trade('askPrice', 10, 'price'),
  trade('bidPrice', 11, 'price'),
  trade('volume', 12, 'count'),
  trade('accumulatedVolume', 13, 'count'),
  trade('accumulatedTurnover', 14, 'count'),
  trade('sellTrades', 15, 'count'),
  trade('buyTrades', 16, 'count'),
  trade('side', 21, 'count'),
  trade('businessDate', 33, 'date'),
  trade('marketOperation', 34, 'count'),
  trade('halted', 35, 'flag'),
  trade('askSize', 36, 'count'),
  trade('bidSize', 37, 'count'),
  trade('hourClass', 43, 'letter'),
];
const TRADE_VI_REFERENCE = trade('viReferencePrice', 45, 'price');

const book = field<BookColumns>;
const BOOK_FIELDS: readonly Field[] = [
  CODE,
  book('timeSeconds', 1, 'time'),
  book('hourClass', 2, 'letter'),
  book('askPrice', 3, 'price', BOOK_LEVELS),
  book('bidPrice', 13, 'price', BOOK_LEVELS),
  book('askSize', 23, 'count', BOOK_LEVELS),
  book('bidSize', 33, 'count', BOOK_LEVELS),
  book('totalAskSize', 43, 'count'),
  book('totalBidSize', 44, 'count'),
  book('expectedPrice', 47, 'price'),
  book('expectedVolume', 48, 'count'),
  book('accumulatedVolume', 53, 'count'),
];

const index = field<IndexColumns>;
const INDEX_FIELDS: readonly Field[] = [
  CODE,
  index('timeSeconds', 1, 'time'),
  index('level', 2, 'price'),
  index('change', 4, 'change'),
  index('accumulatedVolume', 5, 'count'),
  index('accumulatedTurnover', 6, 'count'),
];

/** Kinds whose records are read into columns, with the fields of each. An expected execution has no field 45 of old. */
export const COLUMN_FIELDS = {
  trade: [...TRADE_FIELDS, TRADE_VI_REFERENCE],
  book: BOOK_FIELDS,
  expected: TRADE_FIELDS,
  index: INDEX_FIELDS,
  expectedIndex: INDEX_FIELDS,
} as const satisfies Partial<Record<RecordKind, readonly Field[]>>;

export type ColumnKind = keyof typeof COLUMN_FIELDS;
export const COLUMN_KINDS = Object.keys(COLUMN_FIELDS) as ColumnKind[];

export interface Layout {
  readonly trId: string;
  readonly kind: RecordKind;
  readonly venue: Venue;
  /** Fields of the oldest known layout; the newer ones are listed in `widths`, newest last. */
  readonly widthMin: number;
  readonly widths: readonly number[];
  /** At twice the minimum a record is two records whose count is wrong, unless that width is a known one. */
  readonly widthMax: number;
}

function layout(trId: string, kind: RecordKind, venue: Venue, ...widths: number[]): Layout {
  const widthMin = widths[0];
  return { trId, kind, venue, widthMin, widths, widthMax: Math.max(2 * widthMin - 1, ...widths) };
}

/** Most frequent first, because they are looked up in this order. */
export const LAYOUTS: readonly Layout[] = [
  layout('H0STCNT0', 'trade', 'KRX', 46, 47),
  layout('H0STASP0', 'book', 'KRX', 59, 62, 63),
  layout('H0UNCNT0', 'trade', 'UN', 46, 47),
  layout('H0UNASP0', 'book', 'UN', 59, 65, 66),
  layout('H0NXCNT0', 'trade', 'NXT', 46, 47),
  layout('H0NXASP0', 'book', 'NXT', 59, 62, 65),
  layout('H0STANC0', 'expected', 'KRX', 45, 46, 47),
  layout('H0UNANC0', 'expected', 'UN', 45, 46, 47),
  layout('H0NXANC0', 'expected', 'NXT', 45, 46, 47),
  layout('H0UPCNT0', 'index', 'KRX', 30),
  layout('H0UPANC0', 'expectedIndex', 'KRX', 15, 30),
  layout('H0STMKO0', 'marketStatus', 'KRX', 10, 11),
  layout('H0UNMKO0', 'marketStatus', 'UN', 10, 11),
  layout('H0NXMKO0', 'marketStatus', 'NXT', 10, 11),
  layout('H0STCNI0', 'notice', 'KRX', 23, 26),
  layout('H0STCNI9', 'notice', 'KRX', 23, 26),
  layout('K0STCNI0', 'notice', 'KRX', 23, 26),
  layout('K0STCNI9', 'notice', 'KRX', 23, 26),
];
