// From the bytes of a data frame to typed records. Trades, books and indices are read into columns that the next frame
// overwrites, without an allocation; a frame that fails any check leaves no record at all, only the reason of it.
// Execution notices are not for this class: they are personal and go another way (notices.ts).
import { CodeTable } from './codes.ts';
import { Envelope, FRAME_BYTES_MAX } from './envelope.ts';
import { SCANNED } from './field-code.ts';
import { type ColumnKind, isColumnKind, LAYOUTS, type Layout } from './layouts.ts';
import { marketStatusRecords } from './market-status.ts';
import { nameFeeds } from './overseas-feeds.ts';
import {
  type BookColumns,
  type ForeignTradeColumns,
  type FuturesBookColumns,
  type FuturesTradeColumns,
  type IndexColumns,
  type MarketStatusRecord,
  type QuarantineReason,
  type RecordKind,
  type TradeColumns,
  VENUES,
  type Venue,
} from './records.ts';
import { type ColumnSets, type Scan, Scanner, WIDTH_WANTED } from './scanner.ts';

const CARET = '^'.charCodeAt(0);

export interface DecoderOptions {
  /** Longer frames are quarantined as `too_large`. */
  readonly frameBytesMax?: number;
  /** Called once for each TR and width that is in no list: KIS has changed a layout, and someone should look. */
  readonly onUnexpectedWidth?: (layout: Layout, width: number) => void;
}

/** How the records of one layout become columns. */
interface ColumnReader {
  readonly columns: ColumnSets[ColumnKind];
  readonly scan: Scan;
  readonly widthWanted: number;
  /** The width that its records had last: it seldom changes, so a frame is read with it before its fields are counted. */
  width: number;
}

export class Decoder {
  readonly trades: TradeColumns;
  readonly expected: TradeColumns;
  readonly books: BookColumns;
  readonly indices: IndexColumns;
  readonly expectedIndices: IndexColumns;
  readonly foreignTrades: ForeignTradeColumns;
  readonly futuresTrades: FuturesTradeColumns;
  readonly futuresBooks: FuturesBookColumns;
  marketStatus: readonly MarketStatusRecord[] = [];
  /** Fields of a record of the last frame, once it is decoded. */
  width = 0;
  /** Pairs of TR and width that are in no list. */
  unexpectedWidths = 0;

  /** Why the last `decode` that gave null did so. */
  failure: QuarantineReason = 'empty';

  private readonly frameBytesMax: number;
  private readonly onUnexpectedWidth: (layout: Layout, width: number) => void;
  private readonly scanner: Scanner;
  private readonly envelope = new Envelope();
  private readonly codes = new CodeTable();
  /** By index of the layout; null for what is not read into columns. */
  private readonly readers: readonly (ColumnReader | null)[];
  private readonly seenWidths = new Set<string>();
  /** The columns that hold the last frame's records. */
  private shown: ColumnSets[ColumnKind] | null = null;

  constructor({ frameBytesMax = FRAME_BYTES_MAX, onUnexpectedWidth = () => {} }: DecoderOptions = {}) {
    this.frameBytesMax = frameBytesMax;
    this.onUnexpectedWidth = onUnexpectedWidth;
    this.scanner = new Scanner(frameBytesMax);
    const { columns, scans } = this.scanner;
    this.readers = LAYOUTS.map(({ kind, widths }) => {
      if (!isColumnKind(kind)) return null;
      return { columns: columns[kind], scan: scans[kind], widthWanted: WIDTH_WANTED[kind], width: widths.at(-1)! };
    });
    const { trade, expected, book, index, expectedIndex, foreignTrade, futuresTrade, futuresBook } = columns;
    this.trades = trade;
    this.expected = expected;
    this.books = book;
    this.indices = index;
    this.expectedIndices = expectedIndex;
    this.foreignTrades = foreignTrade;
    this.futuresTrades = futuresTrade;
    this.futuresBooks = futuresBook;
  }

  /** TR id of the last frame; `unknown` where it is none that is decoded. */
  get trId(): string {
    return this.envelope.layout?.trId ?? 'unknown';
  }

  /** Of the last frame's records; of overseas trades that of the first, each has its own (`columns.venue`). */
  get venue(): Venue {
    const { foreignTrades } = this;
    if (this.shown === foreignTrades) return VENUES[foreignTrades.venue[0]];
    return this.envelope.layout?.venue ?? 'KRX';
  }

  /** The code that a column's index stands for. */
  codeOf(index: number): string {
    return this.codes.code(index);
  }

  /** What the frame holds, its records standing in the columns of that kind (`ignored`: nowhere); null (see `failure`) for quarantine. */
  decode(frame: Uint8Array): RecordKind | null {
    this.clear();
    const failure = this.read(frame);
    if (failure !== null) {
      this.failure = failure;
      return null;
    }
    return this.envelope.layout!.kind;
  }

  private clear(): void {
    if (this.shown !== null) this.shown.count = 0;
    this.shown = null;
    if (this.marketStatus.length > 0) this.marketStatus = [];
  }

  private read(frame: Uint8Array): QuarantineReason | null {
    const { envelope } = this;
    const failure = envelope.read(frame, this.frameBytesMax);
    if (failure !== null) return failure;
    if (envelope.encrypted) return 'encrypted_without_key';
    const reader = this.readers[envelope.layoutIndex];
    if (reader !== null) return this.readColumns(reader, frame);
    const { kind } = envelope.layout!;
    if (kind === 'marketStatus') return this.readMarketStatus(frame);
    // A notice in plain text is as personal as an encrypted one; what is ignored is not even looked at.
    return kind === 'ignored' ? null : 'encrypted_without_key';
  }

  private readColumns(reader: ColumnReader, frame: Uint8Array): QuarantineReason | null {
    this.width = reader.width;
    if (this.scan(reader, frame) !== SCANNED) {
      const failure = this.measure(frame);
      if (failure !== null) return failure;
      if (this.width === reader.width || this.scan(reader, frame) !== SCANNED) return 'field';
      reader.width = this.width;
      this.checkWidth();
    }
    const { columns } = reader;
    if (columns === this.foreignTrades && !nameFeeds(this.foreignTrades, this.envelope.count)) return 'field';
    return this.nameCodes(columns) ? null : 'field';
  }

  private scan({ scan, widthWanted }: ColumnReader, frame: Uint8Array): number {
    const { payloadStart, count } = this.envelope;
    const origin = this.scanner.load(frame);
    return scan(origin + payloadStart, origin + frame.length, count, this.width - widthWanted);
  }

  private readMarketStatus(frame: Uint8Array): QuarantineReason | null {
    const failure = this.measure(frame);
    if (failure !== null) return failure;
    const { payloadStart, count } = this.envelope;
    const records = marketStatusRecords(frame.subarray(payloadStart), count, this.width);
    if (records === null) return 'field';
    this.marketStatus = records;
    this.checkWidth();
    return null;
  }

  /** Sets the width of the frame's records: fields ÷ records, which must be whole and one that the layout allows. */
  private measure(frame: Uint8Array): QuarantineReason | null {
    const { envelope } = this;
    const layout = envelope.layout!;
    let fields = 1;
    for (let at = envelope.payloadStart; at < frame.length; at++) if (frame[at] === CARET) fields += 1;
    const width = fields / envelope.count;
    if (!Number.isInteger(width)) return 'width_not_integer';
    if (width < layout.widthMin) return 'width_too_small';
    if (width > layout.widthMax) return 'record_count';
    this.width = width;
    return null;
  }

  /** Tells of a width that is in no list, once for each TR; there are no more of them than a layout allows. */
  private checkWidth(): void {
    const { width } = this;
    const layout = this.envelope.layout!;
    const key = `${layout.trId} ${width}`;
    if (layout.widths.includes(width) || this.seenWidths.has(key)) return;
    this.seenWidths.add(key);
    this.unexpectedWidths += 1;
    this.onUnexpectedWidth(layout, width);
  }

  /** Gives each record the index of its code and shows the records; false where one has no code. */
  private nameCodes(columns: ColumnSets[ColumnKind]): boolean {
    const { keys } = this.scanner;
    const { code } = columns;
    const { count } = this.envelope;
    for (let r = 0; r < count; r++) {
      const first = keys[r * 2];
      const others = keys[r * 2 + 1];
      const repeated = r > 0 && first === keys[r * 2 - 2] && others === keys[r * 2 - 1];
      const index = repeated ? code[r - 1] : this.codes.index(first, others);
      if (index < 0) return false;
      code[r] = index;
    }
    columns.count = count;
    this.shown = columns;
    return true;
  }
}
