// What quality costs a record, from columns to evidence, beside decoding and the sequence in the same run. All records
// are good, as nearly all are: nothing is found, and nothing should be allocated. Nothing is asserted.
import { pathToFileURL } from 'node:url';
import { kstToUtcUs, US_PER_SECOND } from '../config/calendar.ts';
import { monotonicUs } from '../engine/clock.ts';
import { Decoder } from '../engine/decode/decoder.ts';
import { frameText, SyntheticStock } from '../engine/decode/synthetic-frames.ts';
import type { InstrumentQuality } from '../engine/quality/instrument-quality.ts';
import { Quality } from '../engine/quality/quality.ts';
import { DEFAULT_QUALITY } from '../engine/quality/quality-feed.ts';
import { TradeSequence } from '../engine/quality/sequence.ts';

export interface QualityBenchRow {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  baselineName: string;
  /** baseline ÷ value: how many times better. */
  ratio: number;
}

/** Frames of one stock each, the stocks in turn. */
const RECORDS_PER_FRAME = 5;
const FRAMES_MIN = 2000;
const FRAMES_PER_SYMBOL = 2;
const WARM_UP_ROUNDS = 8;
const ROUNDS = 20;
const SYMBOLS = [10, 100, 1000, 2800];
const DATE = 20260105;
const TEN_O_CLOCK = 10 * 3600;

type Stage = 'decode' | 'sequence' | 'quality';

/** A feed of so many symbols; each round begins it anew, as another feed, so that what is cumulative goes on. */
class Feed {
  private readonly decoder = new Decoder();
  private readonly quality = new Quality({ settings: DEFAULT_QUALITY });
  private readonly instruments: readonly InstrumentQuality[];
  private readonly sequences: readonly TradeSequence[];
  private readonly trades: readonly Uint8Array[];
  private readonly books: readonly Uint8Array[];

  constructor(symbols: number) {
    const codes = Array.from({ length: symbols }, (_, i) => String(i + 1).padStart(6, '0'));
    this.instruments = codes.map((code) => this.quality.instrument(code, 'KRX'));
    this.sequences = codes.map(() => new TradeSequence());
    for (const instrument of this.instruments) instrument.describeKind('stock', 'KOSPI');
    const stocks = codes.map((code) => new SyntheticStock(code, 70_000));
    const encoder = new TextEncoder();
    const frames = Math.max(FRAMES_MIN, symbols * FRAMES_PER_SYMBOL);
    const time = (frame: number) => clock(TEN_O_CLOCK + Math.floor((frame * 3600) / frames));
    const all = Array.from({ length: frames }, (_, frame) => {
      const stock = stocks[frame % symbols];
      const records = Array.from({ length: RECORDS_PER_FRAME }, (_, r) =>
        stock.trade({ time: time(frame), price: 70_000 + 100 * (r % 3), volume: 1 + r, side: 'buy' }, 47),
      );
      const book = stock.book(time(frame), 70_000, 63);
      return [encoder.encode(frameText('H0STCNT0', records)), encoder.encode(frameText('H0STASP0', [book]))];
    });
    this.trades = all.map(([trades]) => trades);
    this.books = all.map(([, book]) => book);
  }

  /** ns a trade record of decoding alone, with the sequence, or with quality as well. */
  tradeNs(upTo: Stage): number {
    const { quality, decoder, instruments, sequences } = this;
    const { context } = quality;
    const dayUs = this.begin();
    const startUs = monotonicUs();
    for (const [frame, bytes] of this.trades.entries()) {
      decoder.decode(bytes);
      if (upTo === 'decode') continue;
      const { trades } = decoder;
      const symbol = frame % instruments.length;
      const sequence = sequences[symbol];
      const instrument = instruments[symbol];
      const exchangeTimeUs = dayUs + trades.timeSeconds[0] * US_PER_SECOND;
      quality.enter(exchangeTimeUs + (frame % 1000), frame);
      context.exchangeTimeUs = exchangeTimeUs;
      for (let r = 0; r < trades.count; r++) {
        const verdict = sequence.accept(trades, r);
        if (upTo === 'quality') instrument.trade(trades, r, verdict, sequence.gap, context);
      }
    }
    return this.end(startUs, this.trades.length * RECORDS_PER_FRAME);
  }

  bookNs(upTo: 'decode' | 'quality'): number {
    const { quality, decoder, instruments } = this;
    const { context } = quality;
    const dayUs = this.begin();
    const startUs = monotonicUs();
    for (const [frame, bytes] of this.books.entries()) {
      decoder.decode(bytes);
      if (upTo === 'decode') continue;
      const exchangeTimeUs = dayUs + decoder.books.timeSeconds[0] * US_PER_SECOND;
      quality.enter(exchangeTimeUs + (frame % 1000), frame);
      context.exchangeTimeUs = exchangeTimeUs;
      instruments[frame % instruments.length].book(decoder.books, 0, context);
    }
    return this.end(startUs, this.books.length);
  }

  private begin(): number {
    this.quality.forgetFeed();
    for (const sequence of this.sequences) sequence.reset();
    this.quality.context.phase = 'continuous';
    return kstToUtcUs(DATE, 0);
  }

  private end(startUs: number, records: number): number {
    const ns = ((monotonicUs() - startUs) * 1000) / records;
    const [found] = this.quality.evidence.findings();
    if (found !== undefined) throw new Error(`found ${found.kind} in a good feed`);
    return ns;
  }
}

function clock(second: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(second / 3600))}${two(Math.floor(second / 60) % 60)}${two(second % 60)}`;
}

/** The best round of each: rounds alternate, so that all meet the same disturbances. */
function best(measures: readonly (() => number)[]): number[] {
  const least = measures.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    measures.forEach((measure, k) => {
      const ns = measure();
      if (round >= WARM_UP_ROUNDS) least[k] = Math.min(least[k], ns);
    });
  }
  return least;
}

export async function benchQuality(): Promise<QualityBenchRow[]> {
  const rows: QualityBenchRow[] = [];
  const add = (name: string, value: number, baseline: number, baselineName: string) =>
    rows.push({ name, value, unit: 'ns/record', baseline, baselineName, ratio: baseline / value });
  for (const symbols of SYMBOLS) {
    const feed = new Feed(symbols);
    const stages = ['decode', 'sequence', 'quality'] as const;
    const [decode, sequence, quality] = best(stages.map((stage) => () => feed.tradeNs(stage)));
    add(`trade, ${symbols} symbols: decode, sequence and quality`, quality, decode, 'decode alone');
    add(`trade, ${symbols} symbols: quality`, quality - sequence, sequence, 'decode and sequence');
    const [bookDecode, book] = best([() => feed.bookNs('decode'), () => feed.bookNs('quality')]);
    add(`book, ${symbols} symbols: quality`, book - bookDecode, bookDecode, 'decode');
  }
  return rows;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit, baseline, baselineName, ratio } of await benchQuality()) {
    process.stdout.write(
      `${name}: ${value.toFixed(1)} ${unit}; ${baselineName}: ${baseline.toFixed(1)} (${ratio.toFixed(2)}×)\n`,
    );
  }
}
