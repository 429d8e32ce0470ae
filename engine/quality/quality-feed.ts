// Raw frames through decoding, plausibility and sequence into quality, and nothing else: for tests and the bench, which
// want to know what the checks find and what they cost. The engine does the same with everything around it.
import { kstDate, kstToUtcUs, US_PER_SECOND } from '../../config/calendar.ts';
import { sessionAt } from '../../config/sessions.ts';
import { Decoder } from '../decode/decoder.ts';
import type { TradeColumns, Venue } from '../decode/records.ts';
import type { Finding } from './findings.ts';
import type { InstrumentQuality } from './instrument-quality.ts';
import { type DescribeTrading, Quality } from './quality.ts';
import type { QualitySettings } from './score.ts';
import { TradeSequence } from './sequence.ts';
import { TradePlausibility } from './trade-plausibility.ts';

interface Instrument {
  readonly quality: InstrumentQuality;
  readonly sequence: TradeSequence;
  readonly plausibility: TradePlausibility;
  auction: boolean;
}

const IN_SESSION = '0'.charCodeAt(0);

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
  private readonly decoder = new Decoder();
  private readonly instruments = new Map<string, Instrument>();
  private readonly byCode: Partial<Record<Venue, Instrument[]>> = {};
  private offset = 0;
  private frameUs = 0;

  constructor(settings: QualitySettings = DEFAULT_QUALITY) {
    this.quality = new Quality({ settings, onFinding: (finding) => this.findings.push(finding) });
  }

  register(code: string, venue: Venue): InstrumentQuality {
    const { quality } = this.named(code, venue);
    quality.register('trades', true);
    quality.register('books', true);
    return quality;
  }

  clock(timeUs: number): void {
    this.enter(timeUs);
  }

  frame(bytes: Uint8Array, timeUs: number): void {
    const { decoder, quality } = this;
    this.enter(timeUs);
    const kind = decoder.decode(bytes);
    if (kind === null) quality.undecodable(bytes);
    else if (kind === 'trade') this.trades(decoder.trades, decoder.venue);
    else if (kind === 'book') this.books();
    else if (kind === 'expected') this.heard(decoder.expected, decoder.venue);
    else if (kind === 'index') this.indices();
  }

  private enter(timeUs: number): void {
    const { quality } = this;
    this.frameUs = timeUs;
    quality.enter(timeUs, this.offset++);
    if (timeUs >= quality.nextDueUs) quality.advance(this.describe);
  }

  private readonly describe: DescribeTrading = ({ code, venue }, context) => {
    context.phase = sessionAt(this.frameUs, venue);
    context.auction = this.named(code, venue).auction;
    context.halted = false;
  };

  private trades(columns: TradeColumns, venue: Venue): void {
    for (let r = 0; r < columns.count; r++) this.trade(columns, r, this.at(columns.code[r], venue));
  }

  private trade(columns: TradeColumns, record: number, { quality, sequence, plausibility }: Instrument): void {
    const { context } = this.quality;
    const exchangeTimeUs = kstToUtcUs(columns.businessDate[record], 0) + columns.timeSeconds[record] * US_PER_SECOND;
    this.describe(quality, context);
    context.exchangeTimeUs = exchangeTimeUs;
    const judged = plausibility.judge(columns, record, sequence, exchangeTimeUs, this.frameUs);
    if (judged === 'implausible') {
      quality.implausible(columns, record, context);
      return;
    }
    if (judged === 'new_beginning') sequence.reset();
    quality.trade(columns, record, sequence.accept(columns, record), sequence.gap, context);
  }

  private books(): void {
    const { books, venue } = this.decoder;
    const { context } = this.quality;
    for (let r = 0; r < books.count; r++) {
      const instrument = this.at(books.code[r], venue);
      instrument.auction = books.hourClass[r] !== IN_SESSION;
      this.describe(instrument.quality, context);
      context.exchangeTimeUs = kstToUtcUs(kstDate(this.frameUs), 0) + books.timeSeconds[r] * US_PER_SECOND;
      instrument.quality.book(books, r, context);
    }
  }

  private heard(columns: TradeColumns, venue: Venue): void {
    for (let r = 0; r < columns.count; r++) this.at(columns.code[r], venue).quality.heard(this.frameUs);
  }

  private indices(): void {
    const { indices } = this.decoder;
    for (let r = 0; r < indices.count; r++) {
      this.quality.index(this.decoder.codeOf(indices.code[r]), indices.level[r], indices.change[r]);
    }
  }

  private at(codeIndex: number, venue: Venue): Instrument {
    this.byCode[venue] ??= [];
    this.byCode[venue][codeIndex] ??= this.named(this.decoder.codeOf(codeIndex), venue);
    return this.byCode[venue][codeIndex];
  }

  private named(code: string, venue: Venue): Instrument {
    const name = `${code}.${venue}`;
    let instrument = this.instruments.get(name);
    if (instrument === undefined) {
      const quality = this.quality.instrument(code, venue);
      instrument = { quality, sequence: new TradeSequence(), plausibility: new TradePlausibility(), auction: false };
      this.instruments.set(name, instrument);
    }
    return instrument;
  }
}
