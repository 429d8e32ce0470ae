// What prices an instrument may have on a day: its daily limits and its tick grid. What no source has told yet is taken
// in the way that accuses nobody: an instrument of unknown kind may be on the grid of stocks or of funds.
import {
  LATEST,
  type Market,
  type SecurityKind,
  type TickTable,
  type TradingRegime,
} from '../../config/market-rules.ts';
import {
  hasMidpoints,
  isOnGridIn,
  type PriceLimits,
  priceLimitsScaled,
  tickIn,
  tickTableOn,
  WON_SCALE,
} from '../../config/tick-table.ts';
import type { InstrumentReference } from '../reference/reference.ts';

/** What is known of the instrument; plain data, saved with it. Prices in 1/100 won. */
export interface BoundsFacts {
  readonly kind: SecurityKind | null;
  readonly market: Market;
  /** How it trades on `date`, and the limits that a source states for it; 0: none stated. */
  readonly date: number;
  readonly regime: TradingRegime;
  readonly lower: number;
  readonly upper: number;
}

/** Prices from 21 million won on take the slow way. */
const INT32_END = 2_147_483_647;
const NOTHING_KNOWN: BoundsFacts = { kind: null, market: 'KOSPI', date: 0, regime: 'ordinary', lower: 0, upper: 0 };

export class PriceBounds {
  private facts = NOTHING_KNOWN;
  /** What holds on the day last asked for. */
  private date = 0;
  private tables: readonly TickTable[] = [];
  private midpoints = false;
  /** The stretch of prices around the last one whose tick is one, where there is but one table; 1/100 won. */
  private bandFrom = 0;
  private bandTo = 0;
  private bandTick = 1;
  /** Limits of the base price they were last computed for, which seldom changes. */
  private base = 0;
  private limits: PriceLimits = { lower: 0, upper: 0 };

  /** What a source says of the instrument on a date. */
  describe(reference: InstrumentReference, date: number): void {
    const { kind, market, liquidation, listedDate, lowerLimitWon, upperLimitWon } = reference;
    const regime = liquidation ? 'liquidation' : listedDate === date ? 'first_day' : 'ordinary';
    this.learn({ kind, market, date, regime, lower: lowerLimitWon * WON_SCALE, upper: upperLimitWon * WON_SCALE });
  }

  /** Before any reference came: what the shipped list of instruments says. */
  describeKind(kind: SecurityKind, market: Market): void {
    this.learn({ ...this.facts, kind, market });
  }

  /** Whether a trade's price can be on its day, given its change against the base price; in 1/100 won. */
  hold(price: number, change: number, date: number): boolean {
    if (date !== this.date) this.openDay(date);
    const base = price - change;
    if (base !== this.base) {
      this.base = base;
      this.limits = this.limitsOf(base);
    }
    return price > 0 && price >= this.limits.lower && price <= this.limits.upper;
  }

  /** Whether an order (or, with `midpoint`, a trade) at that price in 1/100 won can be. */
  isOnGrid(price: number, midpoint: boolean, date: number): boolean {
    if (date !== this.date) this.openDay(date);
    // Integers of 32 bits divide fast, and nearly every price lies in the band of the one before.
    if (price >= this.bandFrom && price < this.bandTo && (price | 0) % this.bandTick === 0) return true;
    this.enterBand(price);
    const won = price / WON_SCALE;
    for (const table of this.tables) if (isOnGridIn(table, won, midpoint && this.midpoints)) return true;
    return false;
  }

  /** Tick size at a price, both in 1/100 won. */
  tick(price: number): number {
    const { kind, date, market } = this.facts;
    return tickIn(tickTableOn(kind ?? 'stock', date === 0 ? LATEST : date, market), price / WON_SCALE) * WON_SCALE;
  }

  /** The limit nearest to a price that `hold` has just judged. */
  nearestLimit(price: number): number {
    return Math.max(this.limits.lower, Math.min(this.limits.upper, price));
  }

  save(): BoundsFacts {
    return this.facts;
  }

  load(saved: BoundsFacts): void {
    this.learn({ ...saved });
  }

  private learn(facts: BoundsFacts): void {
    this.facts = facts;
    this.date = 0;
  }

  private openDay(date: number): void {
    const { kind, market } = this.facts;
    this.date = date;
    this.base = 0;
    this.bandFrom = this.bandTo = 0;
    const tableOf = (one: SecurityKind) => tickTableOn(one, Math.min(date, LATEST), market);
    this.tables = kind === null ? [tableOf('stock'), tableOf('etf')] : [tableOf(kind)];
    this.midpoints = hasMidpoints(date);
  }

  private enterBand(price: number): void {
    if (this.tables.length > 1) return;
    const [{ rows }] = this.tables;
    const next = rows.findIndex(({ fromWon }) => fromWon * WON_SCALE > price);
    const row = rows[(next === -1 ? rows.length : next) - 1];
    this.bandFrom = Math.max(1, row.fromWon * WON_SCALE);
    this.bandTo = next === -1 ? INT32_END : rows[next].fromWon * WON_SCALE;
    this.bandTick = row.tickWon * WON_SCALE;
  }

  private limitsOf(base: number): PriceLimits {
    const { kind, market, date, regime, lower, upper } = this.facts;
    const isToday = date === this.date;
    if (isToday && upper > 0) return { lower, upper };
    // Funds that follow an index twice have wider limits, which only a source states.
    if (kind === 'etf' || kind === 'etn') return { lower: 0, upper: Number.POSITIVE_INFINITY };
    return priceLimitsScaled(base, kind ?? 'stock', this.date, market, isToday ? regime : 'ordinary');
  }
}
