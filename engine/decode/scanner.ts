// Reads the records of a payload into columns. The table of fields of each kind is compiled to machine code (WebAssembly)
// once a process: JavaScript on the same bytes takes twice as long, because it checks every access to every array.
//
//   memory   powers of ten │ keys of codes │ columns, one behind another │ bytes of the frame, `^` behind the last
import {
  CELL,
  COUNT,
  FIELD_CODE,
  fail,
  I32_LOCALS,
  I64_LOCALS,
  LAST,
  LEVELS_LEFT,
  MISCOUNTED,
  POSITION,
  RECORD,
  skip,
  skipCounted,
  TAIL,
} from './field-code.ts';
import { COLUMN_FIELDS, COLUMN_KINDS, type ColumnKind, type Field } from './layouts.ts';
import {
  BookColumns,
  type ColumnSource,
  ForeignTradeColumns,
  FuturesBookColumns,
  FuturesTradeColumns,
  IndexColumns,
  RECORDS_PER_FRAME_MAX,
  TradeColumns,
} from './records.ts';
import { assemble, type Code, doWhile, get, i32, sequence, set, webAssembly, when } from './wasm.ts';

const CELL_BYTES = 8;
const PAGE_BYTES = 65_536;
/** Lets a load of eight bytes begin at the last byte, and keeps the columns out of each other's cache sets. */
const SLACK_BYTES = 64;
const CARET = '^'.charCodeAt(0);

/** The columns of each kind that is read into columns. */
export interface ColumnSets {
  readonly trade: TradeColumns;
  readonly expected: TradeColumns;
  readonly book: BookColumns;
  readonly index: IndexColumns;
  readonly expectedIndex: IndexColumns;
  readonly foreignTrade: ForeignTradeColumns;
  readonly futuresTrade: FuturesTradeColumns;
  readonly futuresBook: FuturesBookColumns;
}

function columnSets(source: ColumnSource): ColumnSets {
  return {
    trade: new TradeColumns(source),
    expected: new TradeColumns(source),
    book: new BookColumns(source),
    index: new IndexColumns(source),
    expectedIndex: new IndexColumns(source),
    foreignTrade: new ForeignTradeColumns(source),
    futuresTrade: new FuturesTradeColumns(source),
    futuresBook: new FuturesBookColumns(source),
  };
}

/** Positions are addresses; see field-code.ts for what it returns. */
export type Scan = (position: number, last: number, count: number, tail: number) => number;

/** Fields of a record up to the last one wanted. */
export const WIDTH_WANTED = Object.fromEntries(
  COLUMN_KINDS.map((kind) => {
    const { index, levels } = COLUMN_FIELDS[kind].at(-1)!;
    return [kind, index + levels];
  }),
) as Record<ColumnKind, number>;

let compiled: object | null = null;

export class Scanner {
  readonly columns: ColumnSets;
  /** The code of record r as bytes, first one lowest: four at [2 r], three and their number at [2 r + 1]. */
  readonly keys: Int32Array;
  readonly scans: Readonly<Record<ColumnKind, Scan>>;
  private readonly bytes: Uint8Array;

  /** `frameBytesMax`: a longer frame must not be given to it. */
  constructor(frameBytesMax: number) {
    const memory = new webAssembly.Memory({ initial: Math.ceil((columnBytes() + frameBytesMax) / PAGE_BYTES) });
    let free = 0;
    const take = (byteLength: number): number => {
      const address = free;
      free += byteLength + SLACK_BYTES;
      return address;
    };
    const column = (length: number): Float64Array => new Float64Array(memory.buffer, take(length * CELL_BYTES), length);

    column(8).set([1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]);
    this.keys = new Int32Array(memory.buffer, take(RECORDS_PER_FRAME_MAX * CELL_BYTES), RECORDS_PER_FRAME_MAX * 2);
    this.columns = columnSets(column);
    this.bytes = new Uint8Array(memory.buffer, take(frameBytesMax + 1), frameBytesMax + 1);
    // The columns of every scanner have the same addresses, so that all share one module.
    compiled ??= new webAssembly.Module(assemble(this.compile()));
    this.scans = new webAssembly.Instance(compiled, { wire: { memory } }).exports as Record<ColumnKind, Scan>;
  }

  /** Takes a copy of the frame; the address of its first byte. */
  load(frame: Uint8Array): number {
    const { bytes } = this;
    bytes.set(frame);
    bytes[frame.length] = CARET;
    return bytes.byteOffset;
  }

  private compile() {
    const functions = Object.fromEntries(COLUMN_KINDS.map((kind) => [kind, this.scanOf(kind)]));
    return { parameters: 4, i32Locals: I32_LOCALS, i64Locals: I64_LOCALS, functions };
  }

  private scanOf(kind: ColumnKind): Code {
    const record: Code[] = [];
    let at = 0;
    for (const field of COLUMN_FIELDS[kind]) {
      if (field.index > at) record.push(guarded(skip(field.index - at)));
      const cellsOfRecord = i32.mul(get(RECORD), i32.const(field.cells * CELL_BYTES));
      record.push(set(CELL, i32.add(cellsOfRecord, i32.const(this.address(kind, field)))));
      const read = guarded(FIELD_CODE[field.type]);
      record.push(field.levels === 1 ? read : forEachLevel(field.levels, read));
      at = field.index + field.levels;
    }
    record.push(when(get(TAIL), guarded(skipCounted(get(TAIL)))));
    record.push(set(RECORD, i32.add(get(RECORD), i32.const(1))));
    const behind = i32.add(get(LAST), i32.const(1));
    return [...doWhile(sequence(...record), i32.ltU(get(RECORD), get(COUNT))), ...i32.ne(get(POSITION), behind)];
  }

  private address(kind: ColumnKind, { column, type }: Field): number {
    if (type === 'code') return this.keys.byteOffset;
    return (this.columns[kind] as unknown as Record<string, Float64Array>)[column].byteOffset;
  }
}

/** What powers of ten, keys and columns take of the memory, with what lies between them and behind the frame. */
function columnBytes(): number {
  let bytes = 3 * SLACK_BYTES + (8 + RECORDS_PER_FRAME_MAX) * CELL_BYTES;
  const none = new Float64Array(0);
  columnSets((length) => {
    bytes += length * CELL_BYTES + SLACK_BYTES;
    return none;
  });
  return bytes;
}

/** A field begins no later than at the `^` behind the frame: so that no field ever reads on into what lies there. */
function guarded(field: Code): Code {
  return [...when(i32.gtU(get(POSITION), get(LAST)), fail(MISCOUNTED)), ...field];
}

function forEachLevel(levels: number, read: Code): Code {
  const body = [
    ...read,
    ...set(CELL, i32.add(get(CELL), i32.const(CELL_BYTES))),
    ...set(LEVELS_LEFT, i32.sub(get(LEVELS_LEFT), i32.const(1))),
  ];
  return [...set(LEVELS_LEFT, i32.const(levels)), ...doWhile(body, get(LEVELS_LEFT))];
}
