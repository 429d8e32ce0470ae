// What a KIS record costs from the bytes of its frame to typed columns, beside `split` in the same run. Both are given
// the bytes that a socket gives; the baseline makes a string of them first, and checks nothing. Nothing is asserted.
import { pathToFileURL } from 'node:url';
import { monotonicUs } from '../engine/clock.ts';
import { Decoder } from '../engine/decode/decoder.ts';
import { frameText, SyntheticStock } from '../engine/decode/synthetic-frames.ts';

export interface DecodeBenchRow {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  baselineName: string;
  /** baseline ÷ value: how many times better. */
  ratio: number;
}

/** So many different records that no branch predictor learns them by heart, and so few that they stay in the cache. */
const RECORDS = 1000;
/** A round goes over its frames again and again: as from a socket, they are in the cache when they are decoded. */
const PASSES = 8;
const WARM_UP_ROUNDS = 20;
const ROUNDS = 40;
const ALLOCATION_ROUNDS = 25;
const TRADE_WIDTH = 47;
const BOOK_WIDTH = 63;
const CODES = ['005930', '000660', '0074K0', '035720', '373220', 'Q500001', '005380', '247540'];

type Round = () => number;

function pseudoRandom(): (below: number) => number {
  let bits = 20_260_914;
  return (below) => {
    bits = (Math.imul(bits, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((bits / 4_294_967_296) * below);
  };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** Frames of stocks from 3,000 to 900,000 won, small and large trades; the same every time. */
function frameTexts(kind: 'trade' | 'book', recordsPerFrame: number): string[] {
  const random = pseudoRandom();
  const stocks = CODES.map((code, i) => ({ stock: new SyntheticStock(code, 3000 * 2 ** i), price: 3000 * 2 ** i }));
  return Array.from({ length: RECORDS / recordsPerFrame }, () => {
    const traded = stocks[random(stocks.length)];
    const records = Array.from({ length: recordsPerFrame }, () => {
      const time = `${two(9 + random(6))}${two(random(60))}${two(random(60))}`;
      traded.price = Math.max(1000, traded.price + 50 * (random(5) - 2));
      const volume = 1 + random(10 ** (1 + random(4)));
      const trade = traded.stock.trade(
        { time, price: traded.price, volume, side: random(2) === 0 ? 'buy' : 'sell' },
        TRADE_WIDTH,
      );
      return kind === 'trade' ? trade : traded.stock.book(time, traded.price, BOOK_WIDTH);
    });
    return kind === 'trade' ? frameText('H0STCNT0', records) : frameText('H0STASP0', records);
  });
}

/** `split`, and Number of these fields of each record. */
function splitRound(texts: readonly string[], width: number, wanted: readonly number[]): Round {
  const frames = texts.map((text) => Buffer.from(text));
  return () => {
    let sum = 0;
    for (const frame of frames) {
      const [, , count, payload] = frame.toString('latin1').split('|');
      const fields = payload.split('^');
      for (let start = 0; start < Number(count) * width; start += width) {
        for (const index of wanted) sum += Number(fields[start + index]);
      }
    }
    return sum;
  };
}

function decodeRound(texts: readonly string[]): Round {
  const decoder = new Decoder();
  const frames = texts.map((text) => Buffer.from(text));
  return () => {
    let sum = 0;
    for (const frame of frames) {
      if (decoder.decode(frame) === null) throw new Error(`${decoder.trId}: ${decoder.failure}`);
      sum += decoder.trades.price[0] + decoder.books.askPrice[0];
    }
    return sum;
  };
}

/** The best round of each, ns a record: rounds alternate, so that all meet the same disturbances. */
function nsPerRecord(rounds: readonly Round[]): number[] {
  const best = rounds.map(() => Number.POSITIVE_INFINITY);
  for (let i = 0; i < WARM_UP_ROUNDS + ROUNDS; i++) {
    rounds.forEach((round, k) => {
      const startUs = monotonicUs();
      for (let pass = 0; pass < PASSES; pass++) round();
      const ns = ((monotonicUs() - startUs) * 1000) / (RECORDS * PASSES);
      if (i >= WARM_UP_ROUNDS) best[k] = Math.min(best[k], ns);
    });
  }
  return best;
}

/** Bytes of heap a record, the median of the rounds: few of them meet the collector. */
function bytesPerRecord(round: Round): number {
  const all = Array.from({ length: ALLOCATION_ROUNDS }, () => {
    const before = process.memoryUsage().heapUsed;
    round();
    return (process.memoryUsage().heapUsed - before) / RECORDS;
  });
  return all.sort((a, b) => a - b)[ALLOCATION_ROUNDS >> 1];
}

/** Price, volume, accumulated volume and turnover, best ask and bid. */
const SIX_FIELDS = [2, 12, 13, 14, 10, 11];
const COLUMN_FIELDS_OF_A_TRADE = [1, 2, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 21, 33, 34, 36, 37, 45];
const FIELDS_OF_A_BOOK = Array.from({ length: 42 }, (_, i) => i + 3);

export async function benchDecode(): Promise<DecodeBenchRow[]> {
  const rows: DecodeBenchRow[] = [];
  const add = (name: string, value: number, unit: string, baseline: number, baselineName: string) =>
    rows.push({ name, value, unit, baseline, baselineName, ratio: baseline / value });

  for (const recordsPerFrame of [1, 5, 10]) {
    const texts = frameTexts('trade', recordsPerFrame);
    const decode = decodeRound(texts);
    const six = splitRound(texts, TRADE_WIDTH, SIX_FIELDS);
    const all = splitRound(texts, TRADE_WIDTH, COLUMN_FIELDS_OF_A_TRADE);
    const [value, sixNs, allNs] = nsPerRecord([decode, six, all]);
    const name = `trade, ${recordsPerFrame} a frame`;
    add(`${name}: 22 columns`, value, 'ns/record', sixNs, 'split and Number of 6 fields');
    add(`${name}: 22 columns`, value, 'ns/record', allNs, 'split and Number of 19 fields');
    add(
      `${name}: allocated`,
      bytesPerRecord(decode),
      'bytes/record',
      bytesPerRecord(six),
      'split and Number of 6 fields',
    );
  }
  const texts = frameTexts('book', 1);
  const decode = decodeRound(texts);
  const split = splitRound(texts, BOOK_WIDTH, FIELDS_OF_A_BOOK);
  const [value, baseline] = nsPerRecord([decode, split]);
  add('book, 1 a frame: 10 levels', value, 'ns/record', baseline, 'split and Number of 42 fields');
  add(
    'book, 1 a frame: allocated',
    bytesPerRecord(decode),
    'bytes/record',
    bytesPerRecord(split),
    'split and Number of 42 fields',
  );
  return rows;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit, baseline, baselineName, ratio } of await benchDecode()) {
    process.stdout.write(
      `${name}: ${value.toFixed(1)} ${unit}; ${baselineName}: ${baseline.toFixed(1)} (${ratio.toFixed(1)}×)\n`,
    );
  }
}
