// Answers of REST sources, applied to the state: masters and calendar to the market place, minute bars and closing volumes
// to the instruments they speak of. The newest masters and calendar are in force, and a snapshot names them by hash.
import { calendarOverrides } from '../config/calendar.ts';
import { type Counters, countGap } from './counters.ts';
import type { Instrument } from './instrument.ts';
import type { Instruments } from './instruments.ts';
import type { MarketPlace } from './market/market-place.ts';
import type { QualityContext } from './quality/context.ts';
import type { Quality } from './quality/quality.ts';
import type { DailyCloseReference, Reference } from './reference/reference.ts';

export interface ReferenceApplicationOptions {
  readonly referenceOf: (hash: string) => Reference;
  readonly instruments: Instruments;
  readonly marketPlace: MarketPlace;
  readonly quality: () => Quality;
  readonly counters: () => Counters;
}

/** Hashes of what is in force. */
export type ReferencesInForce = Readonly<Partial<Record<'instruments' | 'calendar' | 'daily_close', string>>>;

const FIELDS_COMPARED = ['closeWon', 'volume'] as const;

export class ReferenceApplication {
  inForce: ReferencesInForce = {};
  private readonly options: ReferenceApplicationOptions;
  /** The newest closes of KRX by KIS, to hold those of the exchange against. */
  private closes: DailyCloseReference | null = null;
  /** Of the market place, when instruments last joined it. */
  private marketRevision = 0;

  constructor(options: ReferenceApplicationOptions) {
    this.options = options;
  }

  apply(hash: string, timeUs: number): void {
    const { instruments, marketPlace, referenceOf } = this.options;
    const reference = referenceOf(hash);
    switch (reference.kind) {
      case 'minute_bars':
        if (instruments.owns(reference.code))
          instruments.named(reference.code, reference.venue).minuteBars(reference.bars, timeUs);
        return;
      case 'daily_close':
        this.closeDay(reference, hash, timeUs);
        return;
      case 'instruments':
        this.inForce = { ...this.inForce, instruments: hash };
        marketPlace.list(reference.instruments);
        this.options.quality().describe(reference.instruments, reference.date);
        break;
      case 'calendar':
        this.inForce = { ...this.inForce, calendar: hash };
        marketPlace.correctCalendar(calendarOverrides(reference.days), timeUs);
        break;
    }
    this.joinMarkets(timeUs);
  }

  /** Tells the instruments where a market as a whole stopped, or went on. */
  followMarkets(timeUs: number): void {
    if (this.options.marketPlace.revision !== this.marketRevision) this.joinMarkets(timeUs);
  }

  clear(): void {
    this.inForce = {};
    this.closes = null;
    this.options.marketPlace.clear();
  }

  /** Behind the market place of a snapshot, before its instruments are there. */
  load(inForce: ReferencesInForce, timeUs: number): void {
    for (const hash of Object.values(inForce)) {
      const reference = this.options.referenceOf(hash);
      if (reference.kind === 'daily_close') this.keepClose(reference, hash);
      else this.apply(hash, timeUs);
    }
    this.marketRevision = this.options.marketPlace.revision;
  }

  private joinMarkets(timeUs: number): void {
    const { instruments, marketPlace } = this.options;
    this.marketRevision = marketPlace.revision;
    for (const instrument of instruments.all()) {
      instrument.joinMarket(marketPlace, timeUs);
      instruments.expect(instrument);
    }
  }

  /** A loss behind the last record of the day has no record that would show it: the closing volume does. */
  private closeDay(reference: DailyCloseReference, hash: string, timeUs: number): void {
    const { instruments, counters } = this.options;
    const { source, venue, date, rows } = reference;
    if (source === 'KRX') {
      this.compareCloses(reference);
      return;
    }
    // The exchange's own are of KRX alone.
    if (venue === 'KRX') this.keepClose(reference, hash);
    for (const { code, volume, turnoverWon } of rows) {
      if (!instruments.owns(code)) continue;
      const instrument = instruments.named(code, venue);
      const { sequence, values } = instrument;
      if (!sequence.closeDay(date, volume, turnoverWon)) continue;
      values.lastGapUs = timeUs;
      countGap(counters(), venue, sequence.gap);
      instrument.quality.tailLoss(sequence.gap, this.contextOf(instrument));
    }
  }

  private keepClose(reference: DailyCloseReference, hash: string): void {
    this.inForce = { ...this.inForce, daily_close: hash };
    this.closes = reference;
  }

  /** Both sources are official: where they differ, the day's data are not to be trusted. */
  private compareCloses({ venue, date, rows }: DailyCloseReference): void {
    const { closes } = this;
    if (closes === null || closes.date !== date || closes.venue !== venue) return;
    const theirs = new Map(rows.map((row) => [row.code, row]));
    for (const ours of closes.rows) {
      const other = theirs.get(ours.code);
      const field = FIELDS_COMPARED.find((one) => other !== undefined && ours[one] !== other[one]);
      if (other === undefined || field === undefined || !this.options.instruments.owns(ours.code)) continue;
      const instrument = this.options.instruments.named(ours.code, venue);
      instrument.quality.sourcesDiffer(other[field], ours[field], this.contextOf(instrument));
    }
  }

  private contextOf(instrument: Instrument): QualityContext {
    const { context } = this.options.quality();
    instrument.describe(context);
    return context;
  }
}
