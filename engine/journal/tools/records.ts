// The tables that a journal is exported as: their columns, and the rows that an entry gives. Trades and books are decoded
// as the engine decodes them; what does not decode has no row.
import { kstDate, kstSecond, kstToUtcUs } from '../../../config/calendar.ts';
import { turnoverScaleOf } from '../../../config/venues.ts';
import { Decoder } from '../../decode/decoder.ts';
import {
  BOOK_LEVELS,
  type BookColumns,
  type ForeignTradeColumns,
  priceScaleOf,
  type RecordKind,
  SIDE_AUCTION,
  SIDE_BUY,
  SIDE_SELL,
  type TradeColumns,
  VENUES,
} from '../../decode/records.ts';
import type { FrameInput } from '../../input.ts';
import type { JournalEntry } from '../reader.ts';
import { contentText } from './entry-text.ts';

/** Whole numbers, doubles, text in UTF-8, and UTC microseconds that are shown as a time. */
export type ColumnType = 'integer' | 'double' | 'text' | 'time';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

/** Values in the order of the columns. */
export type Row = readonly (number | string)[];

export interface Table {
  readonly columns: readonly Column[];
  /** Rows of an entry; none where it holds nothing of this table. */
  rows(entry: JournalEntry): Row[];
}

export const TABLE_NAMES = ['entries', 'trades', 'books'] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** `codes`: only records of these symbols; undefined is all. The table of entries has no symbols. */
export function tableOf(name: TableName, codes?: ReadonlySet<string>): Table {
  switch (name) {
    case 'entries':
      return { columns: ENTRY_COLUMNS, rows: entryRow };
    case 'trades':
      return { columns: [...RECORD_COLUMNS, ...TRADE_COLUMNS], rows: recordRows(tradesOf, codes) };
    case 'books':
      return { columns: [...RECORD_COLUMNS, ...BOOK_COLUMNS], rows: recordRows(booksOf, codes) };
  }
}

const ENTRY_COLUMNS: readonly Column[] = [
  { name: 'journal_offset', type: 'integer' },
  { name: 'batch', type: 'integer' },
  { name: 'engine_time_us', type: 'integer' },
  { name: 'kind', type: 'text' },
  { name: 'content', type: 'text' },
];

function entryRow({ offset, entry: { batchId, input } }: JournalEntry): Row[] {
  return [[offset, batchId, input.engineTimeUs, input.kind, contentText(input)]];
}

/** What every record begins with; `journal_offset` and `record` together name it for good. */
const RECORD_COLUMNS: readonly Column[] = [
  { name: 'journal_offset', type: 'integer' },
  { name: 'record', type: 'integer' },
  { name: 'engine_time_us', type: 'integer' },
  { name: 'exchange_time', type: 'time' },
  { name: 'code', type: 'text' },
  { name: 'venue', type: 'text' },
];

/** Prices in the venue's quote currency (won, dollars, index points), turnover in its currency, volumes in shares. */
const TRADE_COLUMNS: readonly Column[] = [
  { name: 'price', type: 'double' },
  { name: 'volume', type: 'integer' },
  { name: 'side', type: 'text' },
  { name: 'accumulated_volume', type: 'integer' },
  { name: 'accumulated_turnover', type: 'double' },
  { name: 'change', type: 'double' },
  { name: 'open', type: 'double' },
  { name: 'high', type: 'double' },
  { name: 'low', type: 'double' },
  { name: 'ask_price', type: 'double' },
  { name: 'bid_price', type: 'double' },
  { name: 'ask_size', type: 'integer' },
  { name: 'bid_size', type: 'integer' },
];

/** `ask_price_1` is best; a level that is empty is 0. */
const BOOK_COLUMNS: readonly Column[] = [
  { name: 'total_ask_size', type: 'integer' },
  { name: 'total_bid_size', type: 'integer' },
  { name: 'expected_price', type: 'double' },
  { name: 'expected_volume', type: 'integer' },
  { name: 'accumulated_volume', type: 'integer' },
  ...Array.from({ length: BOOK_LEVELS }, (_, level): Column[] => [
    { name: `ask_price_${level + 1}`, type: 'double' },
    { name: `ask_size_${level + 1}`, type: 'integer' },
    { name: `bid_price_${level + 1}`, type: 'double' },
    { name: `bid_size_${level + 1}`, type: 'integer' },
  ]).flat(),
];

/** The columns that a decoded frame's records stand in, the date on them, and how one of them becomes values. */
interface Records {
  readonly columns: TradeColumns | BookColumns;
  /** YYYYMMDD in Korea; 0 where the wire has none. */
  date(record: number): number;
  values(record: number, priceScale: number, turnoverScale: number): Row;
}

type RecordsOf = (decoder: Decoder, kind: RecordKind) => Records | null;

function recordRows(recordsOf: RecordsOf, codes?: ReadonlySet<string>): Table['rows'] {
  const decoder = new Decoder();
  return ({ offset, entry: { input } }) => {
    if (input.kind !== 'frame') return [];
    const kind = decoder.decode(input.bytes);
    const records = kind === null ? null : recordsOf(decoder, kind);
    return records === null ? [] : rowsOf(records, { offset, input, decoder, codes });
  };
}

interface FrameOf {
  readonly offset: number;
  readonly input: FrameInput;
  readonly decoder: Decoder;
  readonly codes: ReadonlySet<string> | undefined;
}

function rowsOf(records: Records, { offset, input: { engineTimeUs }, decoder, codes }: FrameOf): Row[] {
  const { columns } = records;
  const rows: Row[] = [];
  for (let r = 0; r < columns.count; r++) {
    const code = decoder.codeOf(columns.code[r]);
    if (codes !== undefined && !codes.has(code)) continue;
    const venue = columns === decoder.foreignTrades ? VENUES[decoder.foreignTrades.venue[r]] : decoder.venue;
    const timeUs = exchangeTimeUs(engineTimeUs, records.date(r), columns.timeSeconds[r]);
    const values = records.values(r, priceScaleOf(venue), turnoverScaleOf(venue));
    rows.push([offset, r, engineTimeUs, timeUs, code, venue, ...values]);
  }
  return rows;
}

/** The record's second in Korea; where it has no date, on the day that lies nearest to its receipt. */
function exchangeTimeUs(engineTimeUs: number, date: number, second: number): number {
  if (date !== 0) return kstToUtcUs(date, second);
  const HALF_DAY = 43_200;
  const aheadSeconds = second - kstSecond(engineTimeUs);
  const days = aheadSeconds > HALF_DAY ? -1 : aheadSeconds < -HALF_DAY ? 1 : 0;
  return kstToUtcUs(kstDate(engineTimeUs), second + days * 2 * HALF_DAY);
}

const SIDES: Readonly<Record<number, string>> = { [SIDE_BUY]: 'buy', [SIDE_SELL]: 'sell', [SIDE_AUCTION]: 'auction' };

function tradesOf(decoder: Decoder, kind: RecordKind): Records | null {
  switch (kind) {
    case 'trade':
      return tradeRecords(decoder.trades, (r) => decoder.trades.businessDate[r]);
    case 'futuresTrade':
      return tradeRecords(decoder.futuresTrades, () => 0);
    case 'foreignTrade': {
      const { foreignTrades }: { foreignTrades: ForeignTradeColumns } = decoder;
      return tradeRecords(foreignTrades, (r) => foreignTrades.koreanDate[r]);
    }
    default:
      return null;
  }
}

function tradeRecords(columns: TradeColumns, date: Records['date']): Records {
  const values = (r: number, priceScale: number, turnoverScale: number): Row => [
    columns.price[r] / priceScale,
    columns.volume[r],
    SIDES[columns.side[r]] ?? '',
    columns.accumulatedVolume[r],
    columns.accumulatedTurnover[r] / turnoverScale,
    columns.change[r] / priceScale,
    columns.open[r] / priceScale,
    columns.high[r] / priceScale,
    columns.low[r] / priceScale,
    columns.askPrice[r] / priceScale,
    columns.bidPrice[r] / priceScale,
    columns.askSize[r],
    columns.bidSize[r],
  ];
  return { columns, date, values };
}

function booksOf(decoder: Decoder, kind: RecordKind): Records | null {
  if (kind !== 'book' && kind !== 'futuresBook') return null;
  const columns: BookColumns = kind === 'book' ? decoder.books : decoder.futuresBooks;
  const values = (r: number, priceScale: number): Row => {
    const row = [
      columns.totalAskSize[r],
      columns.totalBidSize[r],
      columns.expectedPrice[r] / priceScale,
      columns.expectedVolume[r],
      columns.accumulatedVolume[r],
    ];
    for (let at = r * BOOK_LEVELS; at < (r + 1) * BOOK_LEVELS; at++) {
      row.push(columns.askPrice[at] / priceScale, columns.askSize[at]);
      row.push(columns.bidPrice[at] / priceScale, columns.bidSize[at]);
    }
    return row;
  };
  return { columns, date: () => 0, values };
}
