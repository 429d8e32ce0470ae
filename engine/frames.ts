// Raw frames applied: bytes to records, records to the instruments they speak of. What does not decode, or cannot be
// true, goes to quarantine and is counted; nothing here decides anything.
import { kstDate, kstToUtcUs } from '../config/calendar.ts';
import { type Counters, count, countGap } from './counters.ts';
import type { Decoder } from './decode/decoder.ts';
import { Quarantine } from './decode/quarantine.ts';
import { type RecordKind, type TradeColumns, VENUES, type Venue } from './decode/records.ts';
import type { Instrument } from './instrument.ts';
import type { Instruments } from './instruments.ts';
import type { MarketPlace } from './market/market-place.ts';
import type { Quality } from './quality/quality.ts';
import type { StageClock } from './stage-clock.ts';

export interface FramesOptions {
  readonly decoder: Decoder;
  readonly instruments: Instruments;
  readonly marketPlace: MarketPlace;
  readonly counters: () => Counters;
  readonly stages: StageClock;
  readonly quality: () => Quality;
}

export class Frames {
  readonly quarantine = new Quarantine();
  /** Instruments that await their prediction at the end of the batch. */
  readonly touched: Instrument[] = [];
  private readonly options: FramesOptions;
  /** Engine time of the frame being applied; the frame itself, for the quarantine. */
  private timeUs = 0;
  private frame: Uint8Array | null = null;

  constructor(options: FramesOptions) {
    this.options = options;
  }

  apply(bytes: Uint8Array, timeUs: number): void {
    const { decoder, stages, counters } = this.options;
    this.frame = bytes;
    this.timeUs = timeUs;
    const kind = decoder.decode(bytes);
    stages.lap('decode');
    if (kind === null) {
      count(counters().frames, `${decoder.trId} ${decoder.failure}`);
      this.quarantine.add(bytes, decoder.failure, timeUs);
      this.options.quality().undecodable(bytes);
      return;
    }
    count(counters().frames, `${decoder.trId} ok`);
    this.applyRecords(kind, decoder.venue);
    stages.lap('indicators');
  }

  private applyRecords(kind: RecordKind, venue: Venue): void {
    const { decoder, instruments, marketPlace, counters } = this.options;
    switch (kind) {
      case 'trade': {
        const { trades } = decoder;
        for (let r = 0; r < trades.count; r++) {
          const exchangeTimeUs = kstToUtcUs(trades.businessDate[r], trades.timeSeconds[r]);
          this.applyTrade(trades, r, instruments.at(trades.code[r], this.codeOf, venue), exchangeTimeUs);
        }
        return;
      }
      case 'futuresTrade': {
        const { futuresTrades } = decoder;
        for (let r = 0; r < futuresTrades.count; r++) {
          // The wire has no date: a futures record is of the day on which it comes.
          futuresTrades.businessDate[r] = kstDate(this.timeUs);
          const exchangeTimeUs = kstToUtcUs(futuresTrades.businessDate[r], futuresTrades.timeSeconds[r]);
          this.applyTrade(futuresTrades, r, instruments.at(futuresTrades.code[r], this.codeOf, venue), exchangeTimeUs);
        }
        return;
      }
      case 'foreignTrade': {
        const { foreignTrades } = decoder;
        for (let r = 0; r < foreignTrades.count; r++) {
          const exchangeTimeUs = kstToUtcUs(foreignTrades.koreanDate[r], foreignTrades.timeSeconds[r]);
          const venue = VENUES[foreignTrades.venue[r]];
          // The American day market counts its own volume: it is another instrument.
          const instrument =
            foreignTrades.dayMarket[r] === 1
              ? instruments.named(`${decoder.codeOf(foreignTrades.code[r])}-DAY`, venue)
              : instruments.at(foreignTrades.code[r], this.codeOf, venue);
          this.applyTrade(foreignTrades, r, instrument, exchangeTimeUs);
        }
        return;
      }
      case 'book':
      case 'futuresBook': {
        const books = kind === 'book' ? decoder.books : decoder.futuresBooks;
        for (let r = 0; r < books.count; r++) {
          const instrument = instruments.at(books.code[r], this.codeOf, venue);
          instruments.reach(instrument, this.timeUs);
          instrument.book(books, r, this.timeUs);
          counters().books += 1;
          this.touch(instrument);
        }
        return;
      }
      case 'expected': {
        // No trade happened: expected executions never reach volume, bars or features.
        const { expected } = decoder;
        for (let r = 0; r < expected.count; r++) {
          const instrument = instruments.at(expected.code[r], this.codeOf, venue);
          instruments.reach(instrument, this.timeUs);
          instrument.expected(this.timeUs);
          instruments.expect(instrument);
        }
        return;
      }
      case 'marketStatus':
        for (const status of decoder.marketStatus) {
          if (!instruments.owns(status.code)) {
            marketPlace.status(status, venue, this.timeUs);
            continue;
          }
          const instrument = instruments.named(status.code, venue);
          instruments.reach(instrument, this.timeUs);
          instrument.status(status, this.timeUs);
          instruments.expect(instrument);
        }
        return;
      case 'index': {
        const { indices } = decoder;
        for (let r = 0; r < indices.count; r++) {
          this.options.quality().index(decoder.codeOf(indices.code[r]), indices.level[r], indices.change[r]);
        }
        return;
      }
      default: // What is not used. Notices are never journaled.
        return;
    }
  }

  private applyTrade(columns: TradeColumns, record: number, instrument: Instrument, exchangeTimeUs: number): void {
    const { decoder } = this.options;
    const counters = this.options.counters();
    this.options.instruments.reach(instrument, this.timeUs);
    const verdict = instrument.trade(columns, record, exchangeTimeUs, this.timeUs);
    switch (verdict) {
      case 'implausible':
        counters.implausible += 1;
        if (this.frame !== null) this.quarantine.add(this.frame, verdict, this.timeUs);
        this.frame = null; // Once is enough, however many of its records are damaged.
        return;
      case 'duplicate':
        counters.duplicates += 1;
        return;
      case 'late':
        counters.late += 1;
        count(counters.lateShares, instrument.venue, instrument.sequence.gap.shares);
        break;
      case 'gap':
        countGap(counters, instrument.venue, instrument.sequence.gap);
        break;
      case 'between_sessions':
        count(counters.betweenSessionsShares, instrument.venue, instrument.sequence.gap.shares);
        break;
      case 'inconsistent':
        counters.inconsistent += 1;
        break;
      case 'correction':
        counters.corrections += 1;
        break;
      default:
    }
    if (instrument.quality.outsideLimits) counters.outsideLimits += 1;
    count(counters.ticks, `${decoder.trId} ${instrument.venue}`);
    this.touch(instrument);
  }

  private touch(instrument: Instrument): void {
    if (instrument.touched) return;
    instrument.touched = true;
    this.touched.push(instrument);
  }

  private readonly codeOf = (index: number): string => this.options.decoder.codeOf(index);
}
