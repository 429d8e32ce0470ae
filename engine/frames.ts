// Raw frames applied: bytes to records, records to the instruments they speak of. What does not decode, or cannot be
// true, goes to quarantine and is counted; nothing here decides anything.
import { type Counters, count, countGap } from './counters.ts';
import type { Decoder } from './decode/decoder.ts';
import { Quarantine } from './decode/quarantine.ts';
import type { RecordKind, Venue } from './decode/records.ts';
import type { Instrument } from './instrument.ts';
import type { Instruments } from './instruments.ts';
import type { StageClock } from './stage-clock.ts';

export interface FramesOptions {
  readonly decoder: Decoder;
  readonly instruments: Instruments;
  readonly counters: () => Counters;
  readonly stages: StageClock;
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
      return;
    }
    count(counters().frames, `${decoder.trId} ok`);
    this.applyRecords(kind, decoder.venue);
    stages.lap('indicators');
  }

  private applyRecords(kind: RecordKind, venue: Venue): void {
    const { decoder, instruments, counters } = this.options;
    switch (kind) {
      case 'trade': {
        const { trades } = decoder;
        let taken = 0;
        for (let r = 0; r < trades.count; r++)
          taken += this.applyTrade(instruments.at(trades.code[r], this.codeOf, venue), r);
        if (taken > 0) count(counters().ticks, `${decoder.trId} ${venue}`, taken);
        return;
      }
      case 'book': {
        const { books } = decoder;
        for (let r = 0; r < books.count; r++) {
          const instrument = instruments.at(books.code[r], this.codeOf, venue);
          instrument.book(books, r, this.timeUs);
          counters().books += 1;
          this.touch(instrument);
        }
        return;
      }
      case 'marketStatus':
        for (const status of decoder.marketStatus) {
          const { values } = instruments.named(status.code, venue);
          values.halted = status.halted;
          values.volatilityInterruption = status.volatilityInterruption;
        }
        return;
      default: // Expected executions never reach volume, bars or features; notices are never journaled.
        return;
    }
  }

  /** Ticks taken: 1, or 0 for a duplicate. */
  private applyTrade(instrument: Instrument, record: number): number {
    const { decoder } = this.options;
    const counters = this.options.counters();
    const verdict = instrument.trade(decoder.trades, record, this.timeUs);
    switch (verdict) {
      case 'implausible':
        counters.implausible += 1;
        if (this.frame !== null) this.quarantine.add(this.frame, verdict, this.timeUs);
        this.frame = null; // Once is enough, however many of its records are damaged.
        return 0;
      case 'duplicate':
        counters.duplicates += 1;
        return 0;
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
    if (instrument.values.outsideLimits) counters.outsideLimits += 1;
    this.touch(instrument);
    return 1;
  }

  private touch(instrument: Instrument): void {
    if (instrument.touched) return;
    instrument.touched = true;
    this.touched.push(instrument);
  }

  private readonly codeOf = (index: number): string => this.options.decoder.codeOf(index);
}
