import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOK_LEVELS, BookColumns } from '../decode/records.ts';
import { FEATURE_NAMES, MIRROR_SIGNS, OrderBookFeatures } from './order-book-features.ts';

const WIDTH = FEATURE_NAMES.length;
/** Prices are reflected about half of this. */
const REFLECTION = 200_000;

type Level = readonly [price: number, size: number];
interface BookEvent {
  readonly kind: 'book';
  readonly afterUs: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}
interface TradeEvent {
  readonly kind: 'trade';
  readonly afterUs: number;
  readonly price: number;
  readonly volume: number;
  readonly sign: number;
}
type MarketEvent = BookEvent | TradeEvent;

const size = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 100_000 }) },
  { weight: 1, arbitrary: fc.constant(0) },
);
const afterUs = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 400_000 }),
  fc.integer({ min: 1, max: 10_000_000_000 }),
);

/** Mostly two-sided books with gaps, ticks and empty levels; now and then crossed or one-sided. */
const bookEvent: fc.Arbitrary<BookEvent> = fc
  .record({
    afterUs,
    bid: fc.integer({ min: 95_000, max: 105_000 }),
    spread: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 1, max: 500 }) },
      { weight: 1, arbitrary: fc.integer({ min: -500, max: 0 }) },
    ),
    bidSteps: fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), size), { maxLength: BOOK_LEVELS }),
    askSteps: fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), size), { maxLength: BOOK_LEVELS }),
  })
  .map(({ afterUs, bid, spread, bidSteps, askSteps }) => ({
    kind: 'book',
    afterUs,
    bids: ladder(bid, -1, bidSteps),
    asks: ladder(bid + spread, 1, askSteps),
  }));

const tradeEvent: fc.Arbitrary<TradeEvent> = fc.record({
  kind: fc.constant('trade' as const),
  afterUs,
  price: fc.integer({ min: 94_000, max: 106_000 }),
  volume: fc.integer({ min: 0, max: 10_000 }),
  sign: fc.constantFrom(-1, 0, 1),
});

const market = fc.array(fc.oneof<fc.Arbitrary<MarketEvent>[]>(bookEvent, tradeEvent), { minLength: 1, maxLength: 60 });

function ladder(best: number, direction: 1 | -1, steps: readonly (readonly [number, number])[]): Level[] {
  let price = best;
  return steps.map(([step, levelSize], level) => {
    if (level > 0) price += direction * step;
    return [price, levelSize];
  });
}

function mirrored(event: MarketEvent): MarketEvent {
  const reflect = ([price, levelSize]: Level): Level => [REFLECTION - price, levelSize];
  return event.kind === 'book'
    ? { ...event, bids: event.asks.map(reflect), asks: event.bids.map(reflect) }
    : { ...event, price: REFLECTION - event.price, sign: -event.sign };
}

function columnsOf({ bids, asks }: Pick<BookEvent, 'bids' | 'asks'>, record = 0): BookColumns {
  const columns = new BookColumns();
  columns.count = record + 1;
  for (let level = 0; level < BOOK_LEVELS; level++) {
    const at = record * BOOK_LEVELS + level;
    [columns.bidPrice[at], columns.bidSize[at]] = bids[level] ?? [0, 0];
    [columns.askPrice[at], columns.askSize[at]] = asks[level] ?? [0, 0];
  }
  return columns;
}

/** Feeds the events and returns the row after each, undefined where none was written. */
function play(
  events: readonly MarketEvent[],
  fold = new OrderBookFeatures(),
  startUs = 1e15,
): (Float32Array | undefined)[] {
  let timeUs = startUs;
  return events.map((event) => {
    timeUs += event.afterUs;
    if (event.kind === 'book') fold.book(columnsOf(event), 0, timeUs);
    else fold.trade(event.price, event.volume, event.sign, timeUs);
    const row = new Float32Array(WIDTH);
    return fold.write(row, 0, timeUs) ? row : undefined;
  });
}

function book(bidSize: number, askSize: number, bid = 100_000, tick = 100, afterUs = 200_000): BookEvent {
  const levels = Array.from({ length: BOOK_LEVELS }, (_, level) => level);
  return {
    kind: 'book',
    afterUs,
    bids: levels.map((level) => [bid - level * tick, level === 0 ? bidSize : 100]),
    asks: levels.map((level) => [bid + tick + level * tick, level === 0 ? askSize : 100]),
  };
}

function feature(row: Float32Array | undefined, name: string): number {
  const index = FEATURE_NAMES.indexOf(name);
  if (row === undefined || index < 0) throw new Error(`no row or no feature ${name}`);
  return row[index];
}

describe('order-book features', () => {
  it('have names of their own, and a parity each', () => {
    expect(new Set(FEATURE_NAMES).size).toBe(WIDTH);
    expect(MIRROR_SIGNS.length).toBe(WIDTH);
  });

  it('of the mirrored market are the same row with the odd features negated, to the last bit', () => {
    fc.assert(
      fc.property(market, (events) => {
        const rows = play(events);
        const mirror = play(events.map(mirrored));
        for (const [i, row] of rows.entries()) {
          const other = mirror[i];
          expect(other === undefined).toBe(row === undefined);
          if (row === undefined || other === undefined) continue;
          // Adding 0 makes −0 equal to 0.
          expect([...row].map((value, f) => value * MIRROR_SIGNS[f] + 0)).toEqual([...other].map((value) => value + 0));
        }
      }),
    );
  });

  it('are finite and within ±3, however degenerate the books', () => {
    fc.assert(
      fc.property(market, (events) => {
        for (const row of play(events)) {
          for (const [f, value] of row?.entries() ?? []) {
            expect(Number.isFinite(value) && Math.abs(value) <= 3, `${FEATURE_NAMES[f]} = ${value}`).toBe(true);
          }
        }
      }),
    );
  });

  it('do not depend on the scale of prices or of sizes', () => {
    fc.assert(
      fc.property(market, fc.constantFrom(2, 4, 1024), fc.constantFrom(2, 8, 256), (events, price, volume) => {
        const scaled = events.map((event): MarketEvent => {
          const grow = ([p, s]: Level): Level => [p * price, s * volume];
          return event.kind === 'book'
            ? { ...event, bids: event.bids.map(grow), asks: event.asks.map(grow) }
            : { ...event, price: event.price * price, volume: event.volume * volume };
        });
        const rows = play(events);
        for (const [i, row] of play(scaled).entries()) {
          for (const [f, value] of row?.entries() ?? []) expect(value).toBeCloseTo(rows[i]?.[f] ?? Number.NaN, 5);
        }
      }),
    );
  });

  it('go on from a saved state as if nothing had happened', () => {
    fc.assert(
      fc.property(market, market, (before, after) => {
        const original = new OrderBookFeatures();
        play(before, original);
        const restored = new OrderBookFeatures();
        restored.state.set(original.state);
        expect(play(after, restored, 2e15)).toEqual(play(after, original, 2e15));
      }),
    );
  });

  it('are written after two two-sided books, and not while the book is one-sided or crossed', () => {
    const oneSided: BookEvent = { kind: 'book', afterUs: 200_000, bids: [[100_000, 5]], asks: [] };
    const crossed: BookEvent = { kind: 'book', afterUs: 200_000, bids: [[100_100, 5]], asks: [[100_000, 5]] };
    const rows = play([book(1, 1), book(1, 2), oneSided, book(1, 1), book(1, 1), crossed, book(1, 1)]);
    expect(rows.map((row) => row !== undefined)).toEqual([false, true, false, false, true, false, false]);
  });

  it('write nothing outside their row', () => {
    const fold = new OrderBookFeatures();
    play([book(1, 1), book(2, 1)], fold);
    const rows = new Float32Array(WIDTH * 3).fill(7);
    expect(fold.write(rows, WIDTH, 2e15)).toBe(true);
    expect(rows.subarray(0, WIDTH).every((value) => value === 7)).toBe(true);
    expect(rows.subarray(2 * WIDTH).every((value) => value === 7)).toBe(true);
    expect(rows.subarray(WIDTH, 2 * WIDTH).some((value) => value === 7)).toBe(false);
  });

  it('read the record they are told to', () => {
    const fold = new OrderBookFeatures();
    fold.book(columnsOf(book(1, 1), 3), 3, 1e15);
    fold.book(columnsOf(book(30, 10), 5), 5, 1e15 + 1);
    const row = new Float32Array(WIDTH);
    expect(fold.write(row, 0, 1e15 + 1)).toBe(true);
    expect(feature(row, 'imbalance_1')).toBe(0.5);
  });

  it('measure imbalance, order flow, moves and trades with the sign of the buyers', () => {
    const buy: TradeEvent = { kind: 'trade', afterUs: 0, price: 100_100, volume: 10, sign: 1 };
    const rows = play([book(100, 100), book(300, 100), buy, book(300, 100, 100_100)]);
    expect(feature(rows[1], 'imbalance_1')).toBe(0.5);
    expect(feature(rows[1], 'log_imbalance_1')).toBeCloseTo(Math.log(3), 6);
    // 300 against 9 × 100 more on each side.
    expect(feature(rows[1], 'imbalance_10')).toBeCloseTo(200 / 2200, 6);
    // 200 shares came to the bid; typical depth is 100, held for the 200 ms before.
    expect(feature(rows[1], 'order_flow_1s')).toBeCloseTo(200 / (200 + 100), 6);
    // One buy of the typical size: 1 / (1 + 1), half a spread above the mid.
    expect(feature(rows[2], 'trade_sign_1s')).toBe(0.5);
    expect(feature(rows[2], 'trade_volume_5s')).toBe(0.5);
    expect(feature(rows[2], 'trade_outside')).toBe(0.5);
    // The next book takes the trade into account; the mid rose by one spread.
    expect(feature(rows[3], 'trade_outside')).toBe(0);
    expect(feature(rows[3], 'return_1s')).toBe(0.5);
  });

  it('decay with time: a move loses its weight, the book keeps its own', () => {
    const fold = new OrderBookFeatures();
    play([book(300, 100), book(300, 100, 100_100)], fold);
    const row = new Float32Array(WIDTH);
    fold.write(row, 0, 1e15 + 400_000 + 60_000_000);
    expect(Math.abs(feature(row, 'return_5s'))).toBeLessThan(1e-4);
    expect(feature(row, 'imbalance_1')).toBe(0.5);
  });

  it('say how often books come', () => {
    const conflated = play(Array.from({ length: 50 }, () => book(100, 100)));
    const quick = play(Array.from({ length: 50 }, () => book(100, 100, 100_000, 100, 20_000)));
    expect(feature(conflated.at(-1), 'book_interval')).toBeCloseTo(0, 6);
    expect(feature(quick.at(-1), 'book_interval')).toBeCloseTo(Math.log(0.1), 6);
  });
});
