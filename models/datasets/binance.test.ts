import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOK_LEVELS } from '../../engine/decode/records.ts';
import { BinancePlayer, DatasetError, playBinance } from './binance.ts';
import { PriceLevels } from './price-levels.ts';
import { findRecordings } from './recordings.ts';
import { recordedLine, streamMessage, testRecordingLines } from './test-recording.ts';

const SHARED = join(
  process.env.KISIGNAL_SHARED_DATA ?? join(import.meta.dirname, '../../../shared/data'),
  'binance-l2',
);

interface Seen {
  readonly bids: (readonly [number, number])[];
  readonly asks: (readonly [number, number])[];
  readonly quote: boolean;
  readonly timeUs: number;
}

/** Plays lines and keeps every book and trade. */
function play(lines: readonly string[]): { books: Seen[]; trades: number[][] } {
  const books: Seen[] = [];
  const trades: number[][] = [];
  const player = new BinancePlayer({
    book(columns, timeUs, quote) {
      const side = (prices: Float64Array, sizes: Float64Array) =>
        Array.from({ length: BOOK_LEVELS }, (_, l) => [prices[l], sizes[l]] as const).filter(([, size]) => size > 0);
      books.push({
        bids: side(columns.bidPrice, columns.bidSize),
        asks: side(columns.askPrice, columns.askSize),
        quote,
        timeUs,
      });
    },
    trade: (...values) => trades.push(values),
  });
  for (const [i, line] of lines.entries()) player.line(line, `test:${i + 1}`);
  return { books, trades };
}

const SNAPSHOT = recordedLine(0, {
  lastUpdateId: 10,
  bids: [
    ['1.00', '5'],
    ['0.98', '7'],
  ],
  asks: [
    ['1.02', '4'],
    ['1.03', '9'],
  ],
});

function diff(
  ids: { U: number; u: number; pu?: number },
  b: string[][] = [],
  a: string[][] = [],
  timeUs = 1000,
): string {
  return recordedLine(timeUs, streamMessage('depth@100ms', { ...ids, b, a }));
}

function ticker(u: number, bid: [string, string], ask: [string, string]): string {
  return recordedLine(2000, streamMessage('bookTicker', { u, b: bid[0], B: bid[1], a: ask[0], A: ask[1] }));
}

describe('a recorded book', () => {
  it('is the snapshot with the diffs that follow it, prices in hundredths', () => {
    const { books } = play([
      SNAPSHOT,
      diff(
        { U: 9, u: 12 },
        [
          ['1.01', '3'],
          ['0.98', '0'],
        ],
        [['1.02', '6']],
      ),
    ]);
    expect(books[0]).toEqual({
      bids: [
        [100, 5],
        [98, 7],
      ],
      asks: [
        [102, 4],
        [103, 9],
      ],
      quote: true,
      timeUs: 1_723_161_256_000_000,
    });
    expect(books[1]).toMatchObject({
      bids: [
        [101, 3],
        [100, 5],
      ],
      asks: [
        [102, 6],
        [103, 9],
      ],
      quote: true,
    });
  });

  it('takes diffs that came before the snapshot, and skips those it already holds', () => {
    const { books } = play([
      diff({ U: 1, u: 8 }, [['0.50', '1']]),
      diff({ U: 9, u: 11 }, [['1.01', '2']]),
      SNAPSHOT,
      diff({ U: 12, u: 13 }, [['1.01', '4']]),
    ]);
    expect(books[0].bids).toEqual([
      [101, 2],
      [100, 5],
      [98, 7],
    ]);
    expect(books[1].bids[0]).toEqual([101, 4]);
  });

  it('lets a newer ticker overlay the top, drops levels it has passed, and ignores it once the depth is newer', () => {
    const { books } = play([
      SNAPSHOT,
      ticker(11, ['1.02', '1'], ['1.03', '8']),
      diff({ U: 11, u: 12 }, [['1.00', '6']], []),
    ]);
    expect(books[1]).toMatchObject({
      bids: [
        [102, 1],
        [100, 5],
        [98, 7],
      ],
      asks: [[103, 8]],
    });
    expect(books[2].bids).toEqual([
      [100, 6],
      [98, 7],
    ]);
  });

  it('says whether the best quotes changed', () => {
    const { books } = play([
      SNAPSHOT,
      ticker(11, ['1.00', '5'], ['1.02', '4']),
      ticker(12, ['1.00', '5'], ['1.02', '3']),
      diff({ U: 11, u: 12 }, [['0.97', '6']], [['1.02', '3']]),
    ]);
    expect(books.map((book) => book.quote)).toEqual([true, false, true, false]);
  });

  it('goes on in a second file without a snapshot', () => {
    const lines = testRecordingLines({ seed: 3, seconds: 2, quotesPerSecond: 20 });
    const folder = mkdtempSync(join(tmpdir(), 'kisignal-binance-'));
    try {
      for (const [date, part] of [
        ['20240809', lines.slice(25)],
        ['20240808', lines.slice(0, 25)],
      ] as const) {
        writeFileSync(join(folder, `spot-test-${date}.gz`), gzipSync(part.join('\n')));
      }
      let books = 0;
      playBinance(findRecordings(folder)[0].files, { book: () => books++, trade: () => {} });
      expect(books).toBe(play(lines).books.length);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    [
      'on spot',
      [diff({ U: 11, u: 12 }), diff({ U: 14, u: 15 })],
      'test:3: gap in the depth: expected to follow 12, found U 14',
    ],
    [
      'on futures',
      [diff({ U: 9, u: 12, pu: 8 }), diff({ U: 13, u: 15, pu: 11 })],
      'expected to follow 12, found U 13 pu 11',
    ],
    [
      'right after the snapshot',
      [diff({ U: 13, u: 14 })],
      'test:2: gap in the depth: expected to follow 10, found U 13',
    ],
  ])('is refused where the chain of ids breaks %s', (_where, lines, message) => {
    expect(() => play([SNAPSHOT, ...lines])).toThrow(DatasetError);
    expect(() => play([SNAPSHOT, ...lines])).toThrow(message);
  });

  it.each([
    ['no time', '{"stream":"x"}'],
    ['no JSON', '1723161256000000000 {'],
    ['neither snapshot nor stream', '1723161256000000000 {"x":1}'],
  ])('is refused with file and line where a line has %s', (_what, line) => {
    expect(() => play([SNAPSHOT, line])).toThrow(/^test:2: /);
  });

  it('gives trades the side of the aggressor', () => {
    const message = (m: boolean) => streamMessage('trade', { p: '1.01', q: '2.5', m });
    const { trades } = play([recordedLine(5, message(true)), recordedLine(6, message(false))]);
    expect(trades).toEqual([
      [101, 2.5, -1, 1_723_161_256_000_005],
      [101, 2.5, 1, 1_723_161_256_000_006],
    ]);
  });
});

describe('price levels', () => {
  it('equal a sorted map, whatever is set and removed', () => {
    const change = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 5 }));
    fc.assert(
      fc.property(
        fc.constantFrom<'bid' | 'ask'>('bid', 'ask'),
        fc.array(change, { maxLength: 200 }),
        (side, changes) => {
          const levels = new PriceLevels(side);
          const naive = new Map<number, number>();
          for (const [price, size] of changes) {
            levels.set(price, size);
            if (size > 0) naive.set(price, size);
            else naive.delete(price);
          }
          const expected = [...naive].sort(([one], [two]) => (side === 'bid' ? two - one : one - two));
          const found = Array.from({ length: levels.count }, (_, i) => [levels.prices[i], levels.sizes[i]]);
          expect(found).toEqual(expected);
        },
      ),
    );
  });

  it('hold more than they were made for', () => {
    const levels = new PriceLevels('ask');
    for (let price = 5000; price > 0; price--) levels.set(price, price);
    expect([levels.count, levels.prices[0], levels.sizes[4999]]).toEqual([5000, 1, 5000]);
  });
});

describe('the recordings of a folder', () => {
  it('are refused where there are none', () => {
    expect(() => findRecordings('/nonexistent')).toThrow('/nonexistent: no such folder');
    expect(() => findRecordings(import.meta.dirname)).toThrow('no recordings named');
  });

  it.skipIf(!existsSync(SHARED))(
    'of Binance have an unbroken chain and no crossed top (skipped without KISIGNAL_SHARED_DATA)',
    () => {
      const recordings = findRecordings(SHARED);
      expect(recordings.map(({ instrument }) => instrument)).toContain('spot-btcusdt');
      const { files } = recordings.find(({ instrument }) => instrument === 'spot-ethusdt') ?? { files: [] };
      let [books, crossed, trades] = [0, 0, 0];
      playBinance(files, {
        book(columns) {
          books++;
          if (columns.bidPrice[0] >= columns.askPrice[0]) crossed++;
        },
        trade: () => trades++,
      });
      expect({ books, crossed, trades }).toEqual({ books: 65_224, crossed: 0, trades: 14_515 });
    },
  );
});
