// Frames in, columns or a reason out: every layout at each of its widths, against the naive reference on random and on
// damaged frames, and (where the recordings are at hand) on real ones.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder } from './decoder.ts';
import {
  COLUMN_FIELDS,
  COLUMN_KINDS,
  type ColumnKind,
  type FieldType,
  isColumnKind,
  LAYOUTS,
  type Layout,
} from './layouts.ts';
import { naiveDecode, naiveField } from './naive-reference.ts';
import { BOOK_LEVELS, type BookColumns, type RecordKind, type TradeColumns } from './records.ts';
import { frameBytes, frameText, SyntheticStock } from './synthetic-frames.ts';

const COLUMN_LAYOUTS = LAYOUTS.filter(({ kind }) => isColumnKind(kind));
/** Overseas and futures, each record of which is told in further-markets.test.ts. */
const FURTHER_KINDS: readonly RecordKind[] = ['foreignTrade', 'futuresTrade', 'futuresBook'];

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'));
}

function columnsOf(decoder: Decoder, kind: ColumnKind) {
  const { trades, books, expected, indices, expectedIndices, foreignTrades, futuresTrades, futuresBooks } = decoder;
  return {
    trade: trades,
    book: books,
    expected,
    index: indices,
    expectedIndex: expectedIndices,
    foreignTrade: foreignTrades,
    futuresTrade: futuresTrades,
    futuresBook: futuresBooks,
  }[kind];
}

function visibleRecords(decoder: Decoder): number {
  const columns = COLUMN_KINDS.reduce((sum, kind) => sum + columnsOf(decoder, kind).count, 0);
  return columns + decoder.marketStatus.length;
}

/** The decoder's answer, in the shape of the naive reference's. */
function decoded(decoder: Decoder, frame: Uint8Array) {
  const kind = decoder.decode(frame) as ColumnKind | 'ignored' | null;
  if (kind === null || kind === 'ignored') {
    expect(visibleRecords(decoder)).toBe(0);
    return kind === null ? { reason: decoder.failure } : { reason: null, kind };
  }
  const columns = columnsOf(decoder, kind);
  const cells = Object.fromEntries(
    COLUMN_FIELDS[kind]
      .filter(({ type }) => type !== 'code')
      .map(({ column, cells: each }) => {
        const all = (columns as unknown as Record<string, Float64Array>)[column];
        return [column, [...all.subarray(0, columns.count * each)]];
      }),
  );
  const codes = [...columns.code.subarray(0, columns.count)].map((index) => decoder.codeOf(index));
  expect(visibleRecords(decoder)).toBe(columns.count);
  return { reason: null, kind, width: decoder.width, codes, columns: cells };
}

/** Texts that fields of each type may have. */
const digits = (min: number, max: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: min, maxLength: max }).map((all) => all.join(''));
const decimals = (places: number) =>
  fc.oneof(
    fc.constant(''),
    digits(1, places).map((tail) => `.${tail}`),
  );
const price = fc.tuple(digits(1, 13), decimals(2)).map((parts) => parts.join(''));
const finePrice = fc.tuple(digits(1, 11), decimals(4)).map((parts) => parts.join(''));
const signed = (text: fc.Arbitrary<string>) => fc.tuple(fc.constantFrom('', '-'), text).map((parts) => parts.join(''));
const capital = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const twoDigits = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
const orEmpty = (text: fc.Arbitrary<string>) => fc.oneof({ weight: 9, arbitrary: text }, fc.constant(''));
const TEXT_OF: Readonly<Record<FieldType, fc.Arbitrary<string>>> = {
  code: fc.array(capital, { minLength: 1, maxLength: 7 }).map((all) => all.join('')),
  feed: fc
    .tuple(fc.constantFrom('DNAS', 'RNYS', 'DHSX', 'RBAQ', 'RBAA', 'DTSE'), digits(0, 5))
    .map((parts) => parts.join('')),
  time: orEmpty(fc.tuple(twoDigits(23), twoDigits(59), twoDigits(59)).map((parts) => parts.join(''))),
  date: orEmpty(digits(8, 8)),
  price: orEmpty(price),
  change: orEmpty(signed(price)),
  finePrice: orEmpty(finePrice),
  fineChange: orEmpty(signed(finePrice)),
  count: orEmpty(digits(1, 15)),
  letter: orEmpty(capital),
  flag: fc.constantFrom('', 'Y', 'N'),
};
/** What the decoder does not read may be anything but a separator. */
const unread = fc.string({ unit: fc.constantFrom(...'0123456789.-ABYN |가\u0000'), maxLength: 20 });

function recordOf(layout: Layout, width: number): fc.Arbitrary<string[]> {
  const fields: fc.Arbitrary<string>[] = new Array(width).fill(unread);
  for (const { index, levels, type } of COLUMN_FIELDS[layout.kind as ColumnKind])
    fields.fill(TEXT_OF[type], index, index + levels);
  return fc.tuple(...fields);
}

const randomFrame = fc
  .record({ layout: fc.constantFrom(...COLUMN_LAYOUTS), count: fc.integer({ min: 1, max: 6 }), tail: fc.nat(3) })
  .chain(({ layout, count, tail }) =>
    fc.tuple(
      fc.constant(layout.trId),
      fc.array(recordOf(layout, layout.widthMin + tail), { minLength: count, maxLength: count }),
    ),
  );

describe('a frame of each layout', () => {
  const domestic = COLUMN_LAYOUTS.filter(({ kind }) => !FURTHER_KINDS.includes(kind));
  const cases = domestic.flatMap((layout) => layout.widths.map((width) => ({ ...layout, width })));

  it.each(cases)('$trId at $width fields', ({ trId, kind, venue, width }) => {
    const decoder = new Decoder();
    for (const count of [1, 3, 20]) {
      const stock = new SyntheticStock('005930', 70_000);
      const records = Array.from({ length: count }, (_, r) => {
        const time = `0930${String(r).padStart(2, '0')}`;
        const price = 70_000 + 50 * r;
        if (kind === 'book') return stock.book(time, price, width);
        if (kind === 'index' || kind === 'expectedIndex') {
          return [
            ...`0001^${time}^2624.5${r % 10}^2^-32.6^63952^1650684^439^10335^1.26`.split('^'),
            ...new Array(width - 10).fill('7'),
          ];
        }
        return stock.trade({ time, price, volume: r + 1, side: 'buy' }, 47).slice(0, width);
      });
      expect(decoder.decode(frameBytes(trId, records))).toBe(kind);
      expect([decoder.trId, decoder.venue, decoder.width]).toEqual([trId, venue, width]);
      const columns = columnsOf(decoder, kind as ColumnKind);
      expect(columns.count).toBe(count);
      const last = count - 1;
      expect(columns.timeSeconds[last]).toBe(34_200 + last);
      if ('level' in columns)
        expect([columns.level[last], columns.change[last]]).toEqual([262_450 + (last % 10), -3260]);
      if ('open' in columns) expect(columns.price[last]).toBe(7_000_000 + 5_000 * last);
    }
    expect(decoder.unexpectedWidths).toBe(0);
  });

  it('gives each column the field of the fact sheet', () => {
    const decoder = new Decoder();
    const stock = new SyntheticStock('0074K0', 60_000);
    const records = [
      stock.trade({ time: '090001', price: 61_000, volume: 5, side: 'auction' }),
      stock.trade({ time: '152959', price: 59_950, volume: 7, side: 'sell' }, 46),
    ];
    expect(decoder.decode(frameBytes('H0UNCNT0', records))).toBe('trade');
    const row = (r: number) =>
      Object.fromEntries(
        Object.entries(decoder.trades)
          .filter(([, column]) => column instanceof Float64Array)
          .map(([name, column]) => [name, (column as Float64Array)[r]]),
      );
    expect(decoder.codeOf(decoder.trades.code[1])).toBe('0074K0');
    expect(row(1)).toEqual({
      timeSeconds: 55_799,
      price: 5_995_000,
      change: -5_000,
      open: 6_100_000,
      high: 6_100_000,
      low: 5_995_000,
      askPrice: 6_000_000,
      bidPrice: 5_990_000,
      volume: 7,
      accumulatedVolume: 12,
      accumulatedTurnover: 61_000 * 5 + 59_950 * 7,
      sellTrades: 1,
      buyTrades: 0,
      sellVolume: 7,
      buyVolume: 0,
      side: 5,
      businessDate: 20_260_105,
      marketOperation: 20,
      halted: 0,
      askSize: 4321,
      bidSize: 1234,
      hourClass: '0'.charCodeAt(0),
      viReferencePrice: 6_100_000,
    });
    expect(decoder.decode(frameBytes('H0STASP0', [stock.book('100000', 60_050)]))).toBe('book');
    const { books } = decoder;
    expect(books.count).toBe(1);
    expect([...books.askPrice.subarray(0, 2), ...books.bidPrice.subarray(0, 2)]).toEqual([
      6_010_000, 6_020_000, 6_000_000, 5_990_000,
    ]);
    expect([books.askSize[9], books.bidSize[9], books.accumulatedVolume[0]]).toEqual([1333, 1269, 12]);
    expectBookIdentities(books, 0);
  });

  it('reads market status, with null texts as empty', () => {
    const decoder = new Decoder();
    const frame = '0|H0UNMKO0|002|003160^N^(null)^AB1^311^^^55^Y^^100840^Y^공시^^112^^^58^N^';
    expect(decoder.decode(new TextEncoder().encode(frame))).toBe('marketStatus');
    expect(decoder.marketStatus).toEqual([
      {
        code: '003160',
        halted: false,
        haltReason: '',
        operation: 'AB1',
        expectedOperation: '311',
        issueStatus: '55',
        volatilityInterruption: true,
      },
      {
        code: '100840',
        halted: true,
        haltReason: '공시',
        operation: '',
        expectedOperation: '112',
        issueStatus: '58',
        volatilityInterruption: false,
      },
    ]);
    expect(decoder.decode(latin1('0|H0STMKO0|001|396300^X^(null)^^311^^^55^N^N'))).toBeNull();
    expect(decoder.failure).toBe('field');
    expect(decoder.marketStatus).toEqual([]);
  });
});

describe('records and codes', () => {
  it('gives every record of a frame its own code', () => {
    const decoder = new Decoder();
    const codes = ['005930', '000660', '000660', 'Q500001', '005930', '0'];
    const records = codes.map((code) =>
      new SyntheticStock(code, 1000).trade({ time: '', price: 1000, volume: 1, side: 'buy' }),
    );
    decoder.decode(frameBytes('H0STCNT0', records));
    const { trades } = decoder;
    expect([...trades.code.subarray(0, trades.count)].map((index) => decoder.codeOf(index))).toEqual(codes);
    expect(new Set(trades.code.subarray(0, trades.count)).size).toBe(4);
  });

  it('keeps the index of a code from frame to frame', () => {
    const decoder = new Decoder();
    const frames = ['005930', '000660', '005930'].map((code) =>
      frameBytes('H0STASP0', [new SyntheticStock(code, 1000).book('090000', 1000)]),
    );
    const indices = frames.map((frame) => {
      decoder.decode(frame);
      return decoder.books.code[0];
    });
    expect(indices[2]).toBe(indices[0]);
    expect(indices[1]).not.toBe(indices[0]);
  });

  it('decodes as many records as a frame may have, and no more', () => {
    const decoder = new Decoder();
    const record = new SyntheticStock('005930', 70_000).trade({
      time: '093000',
      price: 70_000,
      volume: 1,
      side: 'buy',
    });
    expect(decoder.decode(frameBytes('H0STCNT0', new Array(1024).fill(record)))).toBe('trade');
    expect(decoder.trades.count).toBe(1024);
    expect(decoder.trades.volume[1023]).toBe(1);
    expect(decoder.decode(frameBytes('H0STCNT0', new Array(1025).fill(record)))).toBeNull();
    expect(decoder.failure).toBe('record_count');
  });
});

describe('a layout that grows during a run', () => {
  const trade = (width: number) =>
    frameBytes('H0STCNT0', [
      new SyntheticStock('005930', 70_000).trade({ time: '093000', price: 70_000, volume: 1, side: 'buy' }, width),
    ]);

  it('is read on, and told once for each new width', () => {
    const told: [string, number][] = [];
    const decoder = new Decoder({ onUnexpectedWidth: ({ trId }, width) => told.push([trId, width]) });
    for (const width of [46, 47, 46, 48, 48, 47, 48, 50]) {
      expect(decoder.decode(trade(width))).toBe('trade');
      expect([decoder.width, decoder.trades.price[0]]).toEqual([width, 7_000_000]);
    }
    expect(told).toEqual([
      ['H0STCNT0', 48],
      ['H0STCNT0', 50],
    ]);
    expect(decoder.unexpectedWidths).toBe(2);
  });

  it('is not told of by a damaged frame', () => {
    const told: number[] = [];
    const decoder = new Decoder({ onUnexpectedWidth: (_, width) => told.push(width) });
    const damaged = Buffer.from(trade(50)).toString('latin1').replace('^093000', '^9x');
    expect([decoder.decode(latin1(damaged)), decoder.failure, told]).toEqual([null, 'field', []]);
    expect(decoder.decode(trade(47))).toBe('trade');
  });

  it('never takes two records for one', () => {
    const decoder = new Decoder();
    const record = new SyntheticStock('005930', 70_000).trade({
      time: '093000',
      price: 70_000,
      volume: 1,
      side: 'buy',
    });
    const miscounted = frameText('H0STCNT0', [record, record]).replace('|002|', '|001|');
    expect(decoder.decode(latin1(miscounted))).toBeNull();
    expect(decoder.failure).toBe('record_count');
  });
});

describe('a frame that does not decode', () => {
  const record = new SyntheticStock('005930', 70_000).trade({ time: '093000', price: 70_000, volume: 1, side: 'buy' });
  const text = frameText('H0STCNT0', [record]);
  const changed = (index: number, field: string) => frameText('H0STCNT0', [record.with(index, field)]);
  it.each([
    ['', 'empty'],
    ['{"header":{"tr_id":"PINGPONG"}}', 'envelope'],
    ['0', 'envelope'],
    ['2|H0STCNT0|001|a', 'envelope'],
    ['0|H0STCNT0|001', 'envelope'],
    ['0|H0STMBC9|001|005930', 'unknown_tr'],
    ['0||001|005930', 'unknown_tr'],
    ['0|H0STCNT|001|005930', 'unknown_tr'],
    ['0|H0STCNT0|000|005930', 'record_count'],
    ['0|H0STCNT0||005930', 'record_count'],
    ['0|H0STCNT0|1x|005930', 'record_count'],
    ['0|H0STCNT0|00001|005930', 'record_count'],
    ['0|H0STCNT0|001|', 'width_too_small'],
    [text.replace('|001|', '|004|'), 'width_not_integer'],
    [text.replace('|001|', '|002|'), 'width_too_small'],
    [text.replace('0|', '1|'), 'encrypted_without_key'],
    ['0|H0STCNI0|001|someone^12345678', 'encrypted_without_key'],
    [changed(0, ''), 'field'],
    [changed(0, '00593000'), 'field'],
    [changed(0, '005-30'), 'field'],
    [changed(0, '5930\u0000'), 'field'],
    [changed(1, '240000'), 'field'],
    [changed(1, '096000'), 'field'],
    [changed(1, '9300'), 'field'],
    [changed(2, '70000.125'), 'field'],
    [changed(2, '-70000'), 'field'],
    [changed(2, '7e4'), 'field'],
    [changed(4, '-'), 'field'],
    [changed(12, '1.5'), 'field'],
    [changed(14, '9007199254740992'), 'field'],
    [changed(35, 'X'), 'field'],
    [changed(43, 'AB'), 'field'],
    [text + text, 'field'],
  ])('%s → %s', (frame, reason) => {
    const decoder = new Decoder();
    expect(decoder.decode(latin1(text))).toBe('trade');
    expect(decoder.decode(latin1(frame))).toBeNull();
    expect(decoder.failure).toBe(reason);
    expect(visibleRecords(decoder)).toBe(0);
    expect(decoder.decode(latin1(text))).toBe('trade');
  });

  it('is too large beyond the bound, and read at it', () => {
    const decoder = new Decoder({ frameBytesMax: text.length });
    expect(decoder.decode(latin1(text))).toBe('trade');
    expect(decoder.decode(latin1(`${text}0`))).toBeNull();
    expect([decoder.failure, decoder.trId]).toEqual(['too_large', 'unknown']);
  });
});

describe('against the naive reference', () => {
  it('reads any number of any length alike', () => {
    const decoder = new Decoder();
    const record = new SyntheticStock('005930', 70_000).trade({
      time: '093000',
      price: 70_000,
      volume: 1,
      side: 'buy',
    });
    const number = fc.oneof(
      digits(0, 24),
      fc
        .tuple(fc.constantFrom('', '-'), digits(0, 18), fc.constantFrom('', '.'), digits(0, 3))
        .map((parts) => parts.join('')),
      fc.bigInt({ min: 2n ** 53n - 300n, max: 2n ** 53n + 300n }).map(String),
      fc.bigInt({ min: 2n ** 53n / 100n - 3n, max: 2n ** 53n / 100n + 3n }).map((whole) => `000${whole}.9`),
    );
    fc.assert(
      fc.property(
        number,
        fc.constantFrom(
          [14, 'count', 'accumulatedTurnover'] as const,
          [2, 'price', 'price'] as const,
          [4, 'change', 'change'] as const,
        ),
        (field, [index, type, column]) => {
          const kind = decoder.decode(frameBytes('H0STCNT0', [record.with(index, field)]));
          expect(kind === null ? Number.NaN : decoder.trades[column][0]).toBe(naiveField(type, field));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('reads any well-formed frame alike', () => {
    const decoder = new Decoder();
    fc.assert(
      fc.property(randomFrame, ([trId, records]) => {
        const expected = naiveDecode(Buffer.from(frameText(trId, records), 'utf8').toString('latin1'));
        expect(expected.reason).toBeNull();
        expect(decoded(decoder, frameBytes(trId, records))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('reads or refuses any damaged frame alike', () => {
    const decoder = new Decoder();
    const damage = fc.record({
      kind: fc.constantFrom('truncate', 'replace', 'insert', 'delete', 'duplicate'),
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      length: fc.integer({ min: 1, max: 60 }),
      byte: fc.oneof(fc.constantFrom(...Buffer.from('^^^^||0-.Y')), fc.integer({ min: 0, max: 255 })),
    });
    fc.assert(
      fc.property(randomFrame, fc.array(damage, { minLength: 1, maxLength: 3 }), ([trId, records], damages) => {
        let bytes = [...frameBytes(trId, records)];
        for (const { kind, at, length, byte } of damages) {
          const from = Math.floor(at * bytes.length);
          if (kind === 'truncate') bytes = bytes.slice(0, from);
          else if (kind === 'replace') bytes = bytes.with(from, byte);
          else if (kind === 'insert') bytes = bytes.toSpliced(from, 0, byte);
          else if (kind === 'delete') bytes = bytes.toSpliced(from, length);
          else bytes = bytes.toSpliced(from, 0, ...bytes.slice(from, from + length));
          if (bytes.length === 0) break;
        }
        const frame = Uint8Array.from(bytes);
        expect(decoded(decoder, frame)).toEqual(naiveDecode(Buffer.from(frame).toString('latin1')));
      }),
      { numRuns: 1500 },
    );
  });

  it('refuses noise without a throw', () => {
    const decoder = new Decoder();
    const noise = fc.tuple(
      fc.constantFrom('', ...LAYOUTS.flatMap(({ trId, kind }) => (kind === 'ignored' ? [] : `0|${trId}|001|`))),
      fc.uint8Array({ maxLength: 600 }),
    );
    fc.assert(
      fc.property(noise, ([head, tail]) => {
        expect(decoder.decode(Uint8Array.from([...latin1(head), ...tail]))).toBeNull();
      }),
      { numRuns: 1000 },
    );
  });
});

function expectTradeIdentities(trades: TradeColumns, r: number, fields: readonly string[]): void {
  const { price, change, open, high, low, accumulatedVolume, accumulatedTurnover, sellTrades, buyTrades } = trades;
  expect(buyTrades[r] - sellTrades[r]).toBe(Number(fields[17]));
  expect(price[r] - open[r]).toBe(Number(fields[26]) * 100);
  expect(price[r] - high[r]).toBe(Number(fields[29]) * 100);
  expect(price[r] - low[r]).toBe(Number(fields[32]) * 100);
  expect((100 * change[r]) / (price[r] - change[r])).toBeCloseTo(Number(fields[5]), 1);
  if (r === 0) return;
  expect(accumulatedVolume[r]).toBe(accumulatedVolume[r - 1] + trades.volume[r]);
  expect(accumulatedTurnover[r]).toBe(accumulatedTurnover[r - 1] + (price[r] * trades.volume[r]) / 100);
  expect(sellTrades[r] + buyTrades[r]).toBe(sellTrades[r - 1] + buyTrades[r - 1] + 1);
}

function expectBookIdentities(books: BookColumns, r: number): void {
  const levels = (column: Float64Array) => [...column.subarray(r * BOOK_LEVELS, (r + 1) * BOOK_LEVELS)];
  const total = (column: Float64Array) => levels(column).reduce((sum, size) => sum + size, 0);
  expect(total(books.askSize)).toBe(books.totalAskSize[r]);
  expect(total(books.bidSize)).toBe(books.totalBidSize[r]);
  expect(levels(books.askPrice)).toEqual(levels(books.askPrice).sort((a, b) => a - b));
  expect(levels(books.bidPrice)).toEqual(levels(books.bidPrice).sort((a, b) => b - a));
}

/** What holds of a trade of any market. */
function expectFurtherIdentities(trades: TradeColumns, r: number): void {
  const { price, high, low, askPrice, bidPrice, accumulatedVolume, sellVolume, buyVolume } = trades;
  expect(price[r]).toBeGreaterThan(0);
  expect(price[r]).toBeLessThanOrEqual(high[r]);
  expect(price[r]).toBeGreaterThanOrEqual(low[r]);
  expect(askPrice[r]).toBeGreaterThan(bidPrice[r]);
  expect(trades.volume[r]).toBeLessThanOrEqual(accumulatedVolume[r]);
  expect(sellVolume[r] + buyVolume[r]).toBeLessThanOrEqual(accumulatedVolume[r]);
}

const RECORDINGS = join(
  process.env.KISIGNAL_SHARED_DATA ?? join(import.meta.dirname, '../../../shared/data'),
  'kis/frames.jsonl',
);

describe('real frames', () => {
  it.skipIf(!existsSync(RECORDINGS))(
    'all decode or are of another TR (skipped where ../shared/data/kis is absent)',
    () => {
      const decoder = new Decoder();
      const kinds = new Map<RecordKind, number>();
      const rows = readFileSync(RECORDINGS, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { tr_id: string; raw: string; note: string });
      for (const { tr_id: trId, raw, note } of rows) {
        const layout = LAYOUTS.find((candidate) => candidate.trId === trId);
        if (layout?.kind === 'notice') continue;
        const text = note.includes('PAYLOAD ONLY') ? `0|${trId}|001|${raw}` : raw;
        const frame = new TextEncoder().encode(text);
        const kind = decoder.decode(frame);
        if (note.includes('TRUNCATED')) {
          expect([kind, decoder.failure]).toEqual([null, 'width_not_integer']);
        } else if (layout === undefined) {
          expect([kind, ['unknown_tr', 'envelope']]).toEqual([null, expect.arrayContaining([decoder.failure])]);
        } else {
          expect([note, kind, kind ?? decoder.failure]).toEqual([note, layout.kind, layout.kind]);
          kinds.set(layout.kind, (kinds.get(layout.kind) ?? 0) + 1);
        }
        const fields = text.split('|')[3]?.split('^') ?? [];
        for (let r = 0; r < decoder.trades.count; r++)
          expectTradeIdentities(decoder.trades, r, fields.slice(r * decoder.width));
        for (let r = 0; r < decoder.books.count; r++) expectBookIdentities(decoder.books, r);
        for (const columns of [decoder.foreignTrades, decoder.futuresTrades])
          for (let r = 0; r < columns.count; r++) expectFurtherIdentities(columns, r);
      }
      expect(Object.fromEntries(kinds)).toEqual({
        trade: 6,
        book: 2,
        expected: 2,
        index: 2,
        expectedIndex: 1,
        marketStatus: 5,
        foreignTrade: 1,
        futuresTrade: 2,
        ignored: 8,
      });
    },
  );
});
