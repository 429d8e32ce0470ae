// The frames of the load: for each symbol trades whose accumulated numbers go on from record to record, and books that
// each stand one tick above the one before, so that the mid of a prediction names the book it rests on. Not a market.
import { clockDigits, kstSecond } from '../../config/calendar.ts';
import { instrumentsForLoad } from '../../config/instruments.ts';
import { frameText, SyntheticStock } from '../../engine/decode/synthetic-frames.ts';
import type { Schedule } from './schedule.ts';

/** Monday 2026-01-05, 10:00 in Korea: the date that the synthetic stock's records carry, in the continuous session. */
export const START_TIME_US = Date.UTC(2026, 0, 5, 1) * 1000;
const TRADE_FIELDS = 47;
const BOOK_FIELDS = 63;
const LEVELS = 10;
/** Fields of a book where sizes begin, best ask first, then bids, then the two totals. */
const ASK_SIZES = 23;
const TICK_WON = 100;
/** All of them where the tick is 100 won, and far enough below its end. */
const LOWEST_WON = 60_000;
const PRICE_STEP_WON = 700;
const PRICE_RANGE_WON = 90_000;

export function loadCodes(symbols: number): string[] {
  return instrumentsForLoad(symbols).map(({ code }) => code);
}

/** Best bid under a symbol's book of that number. */
export function bidWon(symbol: number, book: number): number {
  return LOWEST_WON + ((symbol * PRICE_STEP_WON) % PRICE_RANGE_WON) + book * TICK_WON;
}

/** The number of the book that has this mid. */
export function bookOfMid(symbol: number, midWon: number): number {
  return Math.round((midWon - TICK_WON / 2 - bidWon(symbol, 0)) / TICK_WON);
}

/** Every frame in the order of sending, with its TR and code. */
export function* loadFrames(schedule: Schedule): Generator<{ trId: string; code: string; bytes: Buffer }> {
  const { symbols, recordsPerFrame } = schedule.shape;
  const codes = loadCodes(symbols);
  const stocks = codes.map((code, symbol) => new SyntheticStock(code, bidWon(symbol, 0)));
  const books = new Int32Array(symbols);
  const random = seededRandom();
  for (let frame = 0; frame < schedule.length; frame++) {
    const symbol = schedule.symbol[frame];
    const stock = stocks[symbol];
    const second = kstSecond(START_TIME_US + schedule.dueUs[frame]);
    const time = String(clockDigits(second)).padStart(6, '0');
    const isBook = schedule.isBook[frame] === 1;
    if (isBook) books[symbol] += 1;
    const bid = bidWon(symbol, books[symbol] - 1);
    const trId = isBook ? 'H0STASP0' : 'H0STCNT0';
    const records = isBook
      ? [withImbalance(stock.book(time, bid, BOOK_FIELDS), random)]
      : Array.from({ length: recordsPerFrame }, () => {
          const buys = random() < 0.5;
          const volume = 1 + Math.floor(random() * 500);
          const price = buys ? bid + TICK_WON : bid;
          return stock.trade({ time, price, volume, side: buys ? 'buy' : 'sell' }, TRADE_FIELDS);
        });
    yield { trId, code: codes[symbol], bytes: Buffer.from(frameText(trId, records)) };
  }
}

/** Sizes drawn anew, one side heavier than the other: predictions then move, and some become signals. */
function withImbalance(book: string[], random: () => number): string[] {
  const totals = [0, 0];
  for (let side = 0; side < 2; side++) {
    const weight = 100 + random() * 10_000;
    for (let level = 0; level < LEVELS; level++) {
      const size = 1 + Math.floor(weight * (0.5 + random()));
      book[ASK_SIZES + side * LEVELS + level] = String(size);
      totals[side] += size;
    }
  }
  book[ASK_SIZES + 2 * LEVELS] = String(totals[0]);
  book[ASK_SIZES + 2 * LEVELS + 1] = String(totals[1]);
  return book;
}

/** The same numbers in [0, 1) in every run. */
function seededRandom(): () => number {
  let bits = 20_260_105;
  return () => {
    bits = (Math.imul(bits, 1_664_525) + 1_013_904_223) >>> 0;
    return bits / 4_294_967_296;
  };
}
