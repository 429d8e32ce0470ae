// What instruments share of the market around them: the sessions of each venue by calendar, and what stops a whole market
// at once. It knows the calendar that KIS told and which market a code belongs to; nothing here is an instrument.
import { type CalendarOverrides, NO_OVERRIDES } from '../../config/calendar.ts';
import { findInstrument } from '../../config/instruments.ts';
import { isKorean, VENUES, type Venue } from '../../config/venues.ts';
import type { MarketStatusRecord } from '../decode/records.ts';
import type { InstrumentReference } from '../reference/reference.ts';
import { MarketWideState } from './market-wide-state.ts';
import { OPERATIONS } from './operation-codes.ts';
import { SessionClock } from './session-clock.ts';
import { TradingState } from './trading-state.ts';

/** Markets that stop as a whole; `other` stands for what is in none of the masters. */
const MARKETS = ['KOSPI', 'KOSDAQ', 'KONEX', 'other'] as const;
type MarketName = (typeof MARKETS)[number];

export type SavedMarketPlace = Readonly<Record<MarketName, MarketWideState['values']>>;

export class MarketPlace {
  /** By code, of the newest masters. */
  instruments: ReadonlyMap<string, InstrumentReference> = new Map();
  /** What KIS says of single days of Korea's venues. */
  calendar: CalendarOverrides = NO_OVERRIDES;
  private readonly clocks = new Map<Venue, SessionClock>(VENUES.map((venue) => [venue, new SessionClock(venue)]));
  private readonly markets: Readonly<Record<MarketName, MarketWideState>> = {
    KOSPI: new MarketWideState(),
    KOSDAQ: new MarketWideState(),
    KONEX: new MarketWideState(),
    other: new MarketWideState(),
  };

  tradingState(code: string, venue: Venue): TradingState {
    return new TradingState({ clock: this.clocks.get(venue)!, market: this.marketOf(code, venue) });
  }

  /** New masters; whoever has trading states lets them join their markets. */
  list(instruments: readonly InstrumentReference[]): void {
    this.instruments = new Map(instruments.map((one) => [one.code, one]));
  }

  correctCalendar(overrides: CalendarOverrides, timeUs: number): void {
    this.calendar = overrides;
    for (const [venue, clock] of this.clocks) if (isKorean(venue)) clock.correct(overrides, timeUs);
  }

  marketOf(code: string, venue: Venue): MarketWideState {
    const market = isKorean(venue) ? (this.instruments.get(code)?.market ?? findInstrument(code)?.market) : undefined;
    return this.markets[market ?? 'other'];
  }

  /** What a market status record says of a whole market, where the code that it names is followed elsewhere. */
  status({ code, operation }: MarketStatusRecord, venue: Venue, timeUs: number): void {
    const effect = OPERATIONS.get(operation)?.effect;
    if (effect !== undefined) this.marketOf(code, venue).apply(effect, timeUs);
  }

  /** Counts every change of a market as a whole. */
  get revision(): number {
    return MARKETS.reduce((sum, name) => sum + this.markets[name].revision, 0);
  }

  /** Another feed: what it said of the moment is nothing to this one. */
  forget(): void {
    for (const name of MARKETS) this.markets[name].forget();
  }

  clear(): void {
    this.forget();
    this.instruments = new Map();
    this.correctCalendar(NO_OVERRIDES, 0);
  }

  save(): SavedMarketPlace {
    const saved = MARKETS.map((name) => [name, { ...this.markets[name].values }] as const);
    return Object.fromEntries(saved) as SavedMarketPlace;
  }

  load(saved: SavedMarketPlace, timeUs: number): void {
    for (const name of MARKETS) this.markets[name].load(saved[name]);
    for (const clock of this.clocks.values()) clock.at(timeUs);
  }
}
