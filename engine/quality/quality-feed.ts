// Raw frames through decoding, trading state, plausibility and sequence into quality, and nothing else: for tests, which
// want to know what the checks find. The engine does the same with everything around it.
import { kstDate, kstToUtcUs } from '../../config/calendar.ts';
import { Decoder } from '../decode/decoder.ts';
import type { BookColumns, TradeColumns, Venue } from '../decode/records.ts';
import { MarketPlace } from '../market/market-place.ts';
import { TradingHours } from '../market/trading-hours.ts';
import type { TradingState } from '../market/trading-state.ts';
import type { InstrumentsReference } from '../reference/reference.ts';
import type { Finding } from './findings.ts';
import type { InstrumentQuality } from './instrument-quality.ts';
import { type DescribeTrading, Quality } from './quality.ts';
import type { QualitySettings } from './score.ts';
import { TradeSequence } from './sequence.ts';
import { TradePlausibility } from './trade-plausibility.ts';

interface Instrument {
  readonly quality: InstrumentQuality;
  readonly trading: TradingState;
  readonly hours: TradingHours;
  readonly sequence: TradeSequence;
  readonly plausibility: TradePlausibility;
}

/** What the configuration says by default. */
export const DEFAULT_QUALITY: QualitySettings = {
  floor: 80,
  signalFloor: 80,
  everyMs: 1000,
  weights: { completeness: 0.35, accuracy: 0.25, consistency: 0.2, timeliness: 0.2 },
  silentMs: 60_000,
  ageMsMax: 3000,
};

export class QualityFeed {
  readonly findings: Finding[] = [];
  readonly quality: Quality;
  /** Trades that came. */
  trades = 0;
  private readonly decoder = new Decoder();
  private readonly market = new MarketPlace();
  private readonly instruments = new Map<string, Instrument>();
  private offset = 0;

  constructor(settings: QualitySettings = DEFAULT_QUALITY) {
    this.quality = new Quality({ settings, onFinding: (finding) => this.findings.push(finding) });
  }

  register(code: string, venue: Venue): void {
    const { quality } = this.named(code, venue);
    quality.register('trades', true);
    quality.register('books', true);
  }

  reference({ instruments, date }: Pick<InstrumentsReference, 'instruments' | 'date'>): void {
    this.market.list(instruments);
    this.quality.describe(instruments, date);
  }

  /** An entry of the journal: a frame, or (without bytes) the clock. */
  enter(timeUs: number, bytes?: Uint8Array): void {
    const { quality } = this;
    quality.enter(timeUs, this.offset++);
    if (timeUs >= quality.nextDueUs) quality.advance(this.describe);
    if (bytes !== undefined) this.frame(bytes, timeUs);
  }

  private readonly describe: DescribeTrading = ({ code, venue }, context) => {
    const { trading } = this.named(code, venue);
    trading.advance(context.timeUs);
    const { halted, circuitBreaker } = trading.fields();
    context.phase = trading.phase;
    context.auction = trading.auction;
    context.halted = halted || circuitBreaker;
  };

  private frame(bytes: Uint8Array, timeUs: number): void {
    const { decoder } = this;
    const kind = decoder.decode(bytes);
    const { venue, trades, books, expected, indices } = decoder;
    const of = (columns: { readonly code: Int32Array }, record: number) =>
      this.named(decoder.codeOf(columns.code[record]), venue);
    if (kind === null) this.quality.undecodable(bytes);
    if (kind === 'trade') for (let r = 0; r < trades.count; r++) this.trade(trades, r, of(trades, r), timeUs);
    if (kind === 'book') for (let r = 0; r < books.count; r++) this.book(books, r, of(books, r), timeUs);
    if (kind === 'expected') {
      for (let r = 0; r < expected.count; r++) {
        of(expected, r).trading.expected(timeUs);
        of(expected, r).quality.heard(timeUs);
      }
    }
    if (kind === 'marketStatus') {
      for (const status of decoder.marketStatus) this.named(status.code, venue).trading.status(status, timeUs);
    }
    if (kind === 'index') {
      for (let r = 0; r < indices.count; r++) {
        this.quality.index(decoder.codeOf(indices.code[r]), indices.level[r], indices.change[r]);
      }
    }
  }

  private trade(columns: TradeColumns, record: number, instrument: Instrument, timeUs: number): void {
    const { quality, sequence, plausibility, trading, hours } = instrument;
    const { context } = this.quality;
    const exchangeTimeUs = kstToUtcUs(columns.businessDate[record], columns.timeSeconds[record]);
    const judged = plausibility.judge(columns, record, sequence, exchangeTimeUs, timeUs);
    this.trades += 1;
    context.exchangeTimeUs = exchangeTimeUs;
    if (judged === 'implausible') {
      this.describe(quality, context);
      quality.implausible(columns, record, context);
      return;
    }
    if (judged === 'new_beginning') sequence.reset();
    hours.open(columns.businessDate[record]);
    const verdict = sequence.accept(columns, record, hours.sessionNumber(columns.timeSeconds[record]));
    if (verdict !== 'duplicate') trading.trade(columns.hourClass[record], columns.halted[record], timeUs);
    this.describe(quality, context);
    quality.trade(columns, record, verdict, sequence.gap, context);
  }

  private book(columns: BookColumns, record: number, { quality, trading }: Instrument, timeUs: number): void {
    const { context } = this.quality;
    trading.book(columns.hourClass[record], timeUs);
    this.describe(quality, context);
    context.exchangeTimeUs = kstToUtcUs(kstDate(timeUs), columns.timeSeconds[record]);
    quality.book(columns, record, context);
  }

  private named(code: string, venue: Venue): Instrument {
    const name = `${code}.${venue}`;
    let instrument = this.instruments.get(name);
    if (instrument === undefined) {
      instrument = {
        quality: this.quality.instrument(code, venue),
        trading: this.market.tradingState(code, venue),
        hours: new TradingHours(venue),
        sequence: new TradeSequence(),
        plausibility: new TradePlausibility(),
      };
      this.instruments.set(name, instrument);
    }
    return instrument;
  }
}
