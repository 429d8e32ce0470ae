// For tests: a market that stands still. Prices, bars and prints follow from code and date by arithmetic that a test can
// repeat; nothing is traded, and its WebSocket side is not there. `timeUs` is set by hand.
import { dateOfDay, dayNumber, isTradingDay, kstDate, kstSecond, kstToUtcUs } from '../../../config/calendar.ts';
import { findInstrument, INSTRUMENTS, type Instrument } from '../../../config/instruments.ts';
import { priceLimits, tickSize } from '../../../config/tick-table.ts';
import type {
  HistoryBar,
  IndexCode,
  MarketVenue,
  Quote,
  RecentTrade,
  SimulatedMarket,
} from '../market/simulated-market.ts';

const OPEN_SECOND = 9 * 3600;
const CLOSE_SECOND = 15 * 3600 + 1800;
const VOLUME_A_MINUTE = 100;
const INDEX_LEVEL = 2_500;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Rendered = Pick<
  SimulatedMarket,
  | 'codes'
  | 'has'
  | 'instrument'
  | 'timeUs'
  | 'businessDate'
  | 'quote'
  | 'indexQuote'
  | 'minuteBars'
  | 'dailyBars'
  | 'indexDailyBars'
  | 'recentTrades'
>;

export class FixedMarket implements Rendered {
  timeUs: number;
  readonly codes: readonly string[];
  /** Overrides fields of the next quotes of a code. */
  readonly overrides = new Map<string, Partial<Mutable<Quote>>>();
  private readonly instruments: ReadonlyMap<string, Instrument>;

  constructor(timeUs: number, instruments: readonly Instrument[] = INSTRUMENTS) {
    this.timeUs = timeUs;
    this.codes = instruments.map(({ code }) => code);
    this.instruments = new Map(instruments.map((one) => [one.code, one]));
  }

  /** As the server sees it. What REST does not use would throw a TypeError. */
  get market(): SimulatedMarket {
    return this as unknown as SimulatedMarket;
  }

  get businessDate(): number {
    return kstDate(this.timeUs);
  }

  has(code: string): boolean {
    return this.instruments.has(code);
  }

  instrument(code: string): Instrument {
    return this.instruments.get(code) ?? findInstrument(code)!;
  }

  quote(code: string, _venue: MarketVenue = 'KRX'): Quote {
    const [first, ...rest] = this.minuteBars(code, 'KRX', this.businessDate);
    const previousCloseWon = this.closeWon(code, this.businessDate, -1);
    const last = rest.at(-1) ?? first;
    const priceWon = last?.closeWon ?? previousCloseWon;
    const { lower, upper } = priceLimits(previousCloseWon);
    const tick = tickSize(priceWon);
    const volume = VOLUME_A_MINUTE * (first === undefined ? 0 : rest.length + 1);
    const levels = (direction: 1 | -1) =>
      Array.from({ length: 10 }, (_, level) => ({
        priceWon: priceWon + direction * tick * level + (direction === 1 ? tick : 0),
        size: 10 * (level + 1),
      }));
    return {
      code,
      timeUs: this.timeUs,
      businessDate: this.businessDate,
      priceWon,
      previousCloseWon,
      upperLimitWon: upper,
      lowerLimitWon: lower,
      tickSizeWon: tick,
      openWon: first?.openWon ?? 0,
      highWon: Math.max(0, ...[first, ...rest].map((bar) => bar?.highWon ?? 0)),
      lowWon: first === undefined ? 0 : Math.min(...[first, ...rest].map(({ lowWon }) => lowWon)),
      volume,
      turnoverWon: volume * priceWon,
      sellTrades: 10,
      buyTrades: 12,
      sellVolume: volume * 0.4,
      buyVolume: volume * 0.6,
      previousVolume: 39_000,
      phase: 'continuous',
      halted: false,
      volatilityInterruption: false,
      viReferenceWon: previousCloseWon,
      expectedPriceWon: 0,
      expectedVolume: 0,
      bids: levels(-1),
      asks: levels(1),
      ...this.overrides.get(code),
    };
  }

  indexQuote(code: IndexCode): ReturnType<SimulatedMarket['indexQuote']> {
    const level = INDEX_LEVEL + Number(code) / 10;
    return {
      level,
      previousClose: level - 5,
      open: level - 4,
      high: level + 1,
      low: level - 6,
      volume: 4_000_000,
      turnoverWon: 9_000_000_000,
    };
  }

  /** One bar a minute from 09:00 to 15:29, or until now. */
  minuteBars(code: string, _venue: MarketVenue, date: number): readonly HistoryBar[] {
    if (!isTradingDay(date) || date > this.businessDate) return [];
    const until = date === this.businessDate ? kstSecond(this.timeUs) : CLOSE_SECOND;
    const bars: HistoryBar[] = [];
    for (let second = OPEN_SECOND; second < Math.min(until, CLOSE_SECOND); second += 60) {
      const openWon = this.closeWon(code, date, -1);
      const closeWon = openWon + tickSize(openWon) * ((second / 60) % 3);
      bars.push(bar(kstToUtcUs(date, second), openWon, closeWon, VOLUME_A_MINUTE));
    }
    return bars;
  }

  dailyBars(code: string, _venue: MarketVenue, from: number, to: number, adjusted: boolean): readonly HistoryBar[] {
    return this.closedDays(from, to).map((date) => {
      const openWon = this.closeWon(code, date, -1) / (adjusted ? 1 : 0.5);
      return bar(kstToUtcUs(date, 0), openWon, this.closeWon(code, date, 0) / (adjusted ? 1 : 0.5), 39_000);
    });
  }

  indexDailyBars(_code: IndexCode, from: number, to: number): readonly HistoryBar[] {
    return this.closedDays(from, to).map((date) =>
      bar(kstToUtcUs(date, 0), INDEX_LEVEL, INDEX_LEVEL + (date % 10), 9_000_000),
    );
  }

  recentTrades(code: string, _venue: MarketVenue, count: number): readonly RecentTrade[] {
    const second = kstSecond(this.timeUs);
    const priceWon = this.closeWon(code, this.businessDate, -1);
    return Array.from({ length: Math.min(count, 100) }, (_, index) => ({
      second: second - index,
      priceWon,
      size: index + 1,
      volume: 10_000 - index,
      askWon: priceWon + tickSize(priceWon),
      bidWon: priceWon,
      side: 'buy' as const,
    }));
  }

  private closedDays(from: number, to: number): readonly number[] {
    const dates: number[] = [];
    for (let day = dayNumber(from); day <= dayNumber(to); day++) {
      if (isTradingDay(dateOfDay(day)) && dateOfDay(day) < this.businessDate) dates.push(dateOfDay(day));
    }
    return dates;
  }

  /** Of a day, or so many days later. */
  private closeWon(code: string, date: number, days: number): number {
    const reference = this.instrument(code).referencePriceWon;
    return reference + tickSize(reference) * ((dayNumber(date) + days) % 5);
  }
}

function bar(startUs: number, openWon: number, closeWon: number, volume: number): HistoryBar {
  return {
    startUs,
    openWon,
    highWon: Math.max(openWon, closeWon),
    lowWon: Math.min(openWon, closeWon),
    closeWon,
    volume,
    turnoverWon: volume * closeWon,
  };
}
