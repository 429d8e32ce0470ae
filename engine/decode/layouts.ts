// The layouts of the KIS data frames that are decoded, as tables. A record is a run of `^`-separated fields; KIS appends
// fields at a record's end without a version, so a layout demands its oldest known width and tolerates an unknown tail.
import {
  BOOK_LEVELS,
  type BookColumns,
  type ForeignTradeColumns,
  type FuturesBookColumns,
  type FuturesTradeColumns,
  type IndexColumns,
  type RecordKind,
  type TradeColumns,
  type Venue,
} from './records.ts';

/**
 * How a field reads. An empty one is 0, except a code and a feed, which must be there.
 * - `code`: 1–7 digits and capitals
 * - `feed`: four characters of `overseas-feeds.ts` and whatever follows, to these four bytes, first one lowest
 * - `time`: HHMMSS to seconds
 * - `date`: YYYYMMDD to that number
 * - `price`: at most two decimals, to hundredths; `change`: the same with a sign
 * - `finePrice`, `fineChange`: at most four decimals, to 1/10,000
 * - `count`: digits
 * - `letter`: one digit or capital to its character code
 * - `flag`: Y or N to 1 or 0
 */
export type FieldType =
  | 'code'
  | 'feed'
  | 'time'
  | 'date'
  | 'price'
  | 'change'
  | 'finePrice'
  | 'fineChange'
  | 'count'
  | 'letter'
  | 'flag';

/** `levels` fields stand side by side and fill as many of the `cells` that a record has in its column. */
export interface Field {
  readonly column: string;
  readonly index: number;
  readonly type: FieldType;
  readonly levels: number;
  readonly cells: number;
}

type ColumnOf<Columns> = Exclude<keyof Columns, 'count' | 'code'> & string;

function field<Columns>(column: ColumnOf<Columns>, index: number, type: FieldType, levels = 1, cells = levels): Field {
  return { column, index, type, levels, cells };
}

function codeAt(index: number): Field {
  return { column: 'code', index, type: 'code', levels: 1, cells: 1 };
}

const CODE = codeAt(0);

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
  trade('sellVolume', 19, 'count'),
  trade('buyVolume', 20, 'count'),
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

/** RSYM names the feed, and SYMB behind it is the code. */
const foreign = field<ForeignTradeColumns>;
const FOREIGN_TRADE_FIELDS: readonly Field[] = [
  foreign('feed', 0, 'feed'),
  codeAt(1),
  foreign('decimals', 2, 'count'),
  foreign('businessDate', 3, 'date'),
  foreign('localDate', 4, 'date'),
  foreign('localSeconds', 5, 'time'),
  foreign('koreanDate', 6, 'date'),
  foreign('timeSeconds', 7, 'time'),
  foreign('open', 8, 'finePrice'),
  foreign('high', 9, 'finePrice'),
  foreign('low', 10, 'finePrice'),
  foreign('price', 11, 'finePrice'),
  foreign('changeSign', 12, 'count'),
  foreign('change', 13, 'fineChange'),
  foreign('bidPrice', 15, 'finePrice'),
  foreign('askPrice', 16, 'finePrice'),
  foreign('bidSize', 17, 'count'),
  foreign('askSize', 18, 'count'),
  foreign('volume', 19, 'count'),
  foreign('accumulatedVolume', 20, 'count'),
  foreign('accumulatedTurnover', 21, 'price'),
  foreign('sellVolume', 22, 'count'),
  foreign('buyVolume', 23, 'count'),
  foreign('marketType', 25, 'letter'),
];

const FUTURES_LEVELS = 5;
const futures = field<FuturesTradeColumns>;
const FUTURES_TRADE_FIELDS: readonly Field[] = [
  CODE,
  futures('timeSeconds', 1, 'time'),
  futures('change', 2, 'change'),
  futures('price', 5, 'price'),
  futures('open', 6, 'price'),
  futures('high', 7, 'price'),
  futures('low', 8, 'price'),
  futures('volume', 9, 'count'),
  futures('accumulatedVolume', 10, 'count'),
  futures('accumulatedTurnover', 11, 'count'),
  futures('theoreticalPrice', 12, 'price'),
  futures('openInterest', 18, 'count'),
  futures('askPrice', 34, 'price'),
  futures('bidPrice', 35, 'price'),
  futures('askSize', 36, 'count'),
  futures('bidSize', 37, 'count'),
  futures('sellTrades', 38, 'count'),
  futures('buyTrades', 39, 'count'),
  futures('sellVolume', 41, 'count'),
  futures('buyVolume', 42, 'count'),
  futures('upperLimit', 47, 'price'),
  futures('lowerLimit', 48, 'price'),
];

const futuresBook = field<FuturesBookColumns>;
const FUTURES_BOOK_FIELDS: readonly Field[] = [
  CODE,
  futuresBook('timeSeconds', 1, 'time'),
  futuresBook('askPrice', 2, 'price', FUTURES_LEVELS, BOOK_LEVELS),
  futuresBook('bidPrice', 7, 'price', FUTURES_LEVELS, BOOK_LEVELS),
  futuresBook('askOrders', 12, 'count', FUTURES_LEVELS, BOOK_LEVELS),
  futuresBook('bidOrders', 17, 'count', FUTURES_LEVELS, BOOK_LEVELS),
  futuresBook('askSize', 22, 'count', FUTURES_LEVELS, BOOK_LEVELS),
  futuresBook('bidSize', 27, 'count', FUTURES_LEVELS, BOOK_LEVELS),
  futuresBook('totalAskOrders', 32, 'count'),
  futuresBook('totalBidOrders', 33, 'count'),
  futuresBook('totalAskSize', 34, 'count'),
  futuresBook('totalBidSize', 35, 'count'),
];

/** Kinds whose records are read into columns, with the fields of each. An expected execution has no field 45 of old. */
export const COLUMN_FIELDS = {
  trade: [...TRADE_FIELDS, TRADE_VI_REFERENCE],
  book: BOOK_FIELDS,
  expected: TRADE_FIELDS,
  index: INDEX_FIELDS,
  expectedIndex: INDEX_FIELDS,
  foreignTrade: FOREIGN_TRADE_FIELDS,
  futuresTrade: FUTURES_TRADE_FIELDS,
  futuresBook: FUTURES_BOOK_FIELDS,
} as const satisfies Partial<Record<RecordKind, readonly Field[]>>;

export type ColumnKind = keyof typeof COLUMN_FIELDS;
export const COLUMN_KINDS = Object.keys(COLUMN_FIELDS) as ColumnKind[];
export const isColumnKind = (kind: RecordKind): kind is ColumnKind => kind in COLUMN_FIELDS;

export interface Layout {
  readonly trId: string;
  readonly kind: RecordKind;
  /** Of overseas trades each record says its own. */
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

/**
 * TRs of KIS that are valid and hold nothing that is used: brokers, programme trading, net asset values, after-hours
 * single prices (abolished on 2026-09-14), ELWs, overseas books, bonds, options, night and commodity futures.
 */
const IGNORED_TR_IDS =
  'H0STMBC0 H0NXMBC0 H0UNMBC0 H0STPGM0 H0NXPGM0 H0UNPGM0 H0UPPGM0 H0STNAV0 H0STOAA0 H0STOUP0 H0STOAC0 ' +
  'H0EWCNT0 H0EWASP0 H0EWANC0 HDFSASP0 HDFSASP1 HDFFF010 HDFFF020 H0BJCNT0 H0BJASP0 H0BICNT0 H0IOCNT0 H0IOASP0 ' +
  'H0CFCNT0 H0CFASP0 H0MFCNT0 H0MFASP0 H0EUCNT0 H0EUASP0 H0EUANC0 H0ZFCNT0 H0ZFASP0 H0ZFANC0 H0ZOCNT0 H0ZOASP0 H0ZOANC0';

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
  layout('HDFSCNT0', 'foreignTrade', 'NAS', 26),
  layout('H0IFCNT0', 'futuresTrade', 'KFE', 50),
  layout('H0IFASP0', 'futuresBook', 'KFE', 38),
  layout('H0STMKO0', 'marketStatus', 'KRX', 10, 11),
  layout('H0UNMKO0', 'marketStatus', 'UN', 10, 11),
  layout('H0NXMKO0', 'marketStatus', 'NXT', 10, 11),
  layout('H0STCNI0', 'notice', 'KRX', 23, 26),
  layout('H0STCNI9', 'notice', 'KRX', 23, 26),
  layout('K0STCNI0', 'notice', 'KRX', 23, 26),
  layout('K0STCNI9', 'notice', 'KRX', 23, 26),
  ...IGNORED_TR_IDS.split(' ').map((trId) => layout(trId, 'ignored', 'KRX', 1)),
];
