// What REST asks of days gone by: those that were played, as they were, and those before the start, made up. Memory is
// bounded: daily bars of about a year, and minutes of as many days as fit beside a whole market's day; minutes that did
// not fit are made up from their day.
import { dayNumber, kstDate, kstToUtcUs } from '../../../config/calendar.ts';
import { sessionsOn } from '../../../config/sessions.ts';
import { floorToGrid } from '../../../config/tick-table.ts';
import type { IndexLevel } from './index-level.ts';
import { madeUpMinutes } from './made-up-minutes.ts';
import type { MinuteBars } from './minute-bars.ts';
import { barOfPastDay, type PastDay, PastDays } from './past-days.ts';
import { Random } from './random.ts';
import type { HistoryBar, MarketVenue } from './simulated-market.ts';
import type { Stock } from './stock.ts';

/** From `date` on a share is worth 1 / `ratio` of before, and there are `ratio` times as many. */
export interface CorporateAction {
  /** YYYYMMDD; it takes effect on the first trading day on or after it. */
  readonly date: number;
  readonly code: string;
  readonly ratio: number;
}

const VENUES: readonly MarketVenue[] = ['KRX', 'NXT', 'UN'];
const PLAYED_DAYS_MAX = 260;
/** Minutes of past days take at most so much, at some 20 kB a stock, venue and day. */
const PAST_MINUTES_BYTES_MAX = 48 * 1024 * 1024;
const MINUTES_BYTES = 20_000;
const MINUTES_STREAM = 500_000_000;

interface PlayedDay {
  readonly date: number;
  readonly bars: ReadonlyMap<MarketVenue, HistoryBar>;
  minutes: ReadonlyMap<MarketVenue, MinuteBars>;
}

export interface HistoryOptions {
  readonly seed: number;
  readonly activity: number;
  readonly firstDate: number;
  readonly instruments: number;
  readonly corporateActions: readonly CorporateAction[];
}

export class History {
  private readonly options: HistoryOptions;
  private readonly past: PastDays;
  private readonly played = new Map<Stock, PlayedDay[]>();
  private readonly minuteDaysMax: number;
  /** Base price on the first day, and the instrument as it was then. */
  private readonly beginnings = new Map<Stock, { readonly closeWon: number; readonly stock: Stock['instrument'] }>();

  constructor(options: HistoryOptions) {
    this.options = options;
    this.past = new PastDays(options.seed, options.activity, options.firstDate);
    this.minuteDaysMax = Math.floor(PAST_MINUTES_BYTES_MAX / (MINUTES_BYTES * options.instruments));
  }

  /** Volumes of the day before the first, by venue. */
  previousVolume(instrument: Stock['instrument'], place: number): Readonly<Record<MarketVenue, number>> {
    const volumes: Record<MarketVenue, number> = { KRX: 0, NXT: 0, UN: 0 };
    for (const day of this.past.of(instrument, place, instrument.referencePriceWon, 0)) {
      for (const venue of VENUES) volumes[venue] = barOfPastDay(day, venue, instrument.nxt)?.volume ?? 0;
      break;
    }
    return volumes;
  }

  /** The stock stands before its first day. */
  begin(stock: Stock): void {
    this.beginnings.set(stock, { closeWon: stock.closeWon, stock: stock.instrument });
    this.played.set(stock, []);
  }

  closeDay(stock: Stock): void {
    const days = this.played.get(stock)!;
    const bars = new Map<MarketVenue, HistoryBar>();
    const minutes = new Map<MarketVenue, MinuteBars>();
    const startUs = stock.plan.midnightUs;
    for (const venue of VENUES) {
      const ledger = stock.ledger(venue);
      if (ledger === undefined || ledger.day.volume === 0) continue;
      const { openWon, highWon, lowWon, volume, turnoverWon, priceWon } = ledger.day;
      const closeWon = venue === 'NXT' ? priceWon : stock.closeWon;
      bars.set(venue, { startUs, openWon, highWon, lowWon, closeWon, volume, turnoverWon });
      if (this.minuteDaysMax > 0) minutes.set(venue, ledger.minutes);
    }
    days.push({ date: stock.plan.businessDate, bars, minutes });
    const withoutMinutes = days[days.length - 1 - this.minuteDaysMax];
    if (withoutMinutes !== undefined) withoutMinutes.minutes = new Map();
    if (days.length > PLAYED_DAYS_MAX) days.shift();
  }

  /** Closed days of [from, to], oldest first. */
  dailyBars(stock: Stock, venue: MarketVenue, from: number, to: number, adjusted: boolean): readonly HistoryBar[] {
    const bars: HistoryBar[] = [];
    for (const day of this.pastDays(stock, from)) {
      if (day.date > to) continue;
      const bar = barOfPastDay(day, venue, stock.instrument.nxt);
      if (bar !== undefined) bars.push(scaled(bar, 1 / this.splits(stock, day.date, this.options.firstDate)));
    }
    bars.reverse();
    for (const { date, bars: played } of this.played.get(stock)!) {
      const bar = played.get(venue === 'UN' && stock.nxt === undefined ? 'KRX' : venue);
      if (bar !== undefined && date >= from && date <= to) bars.push(bar);
    }
    if (!adjusted) return bars;
    const today = stock.plan.businessDate;
    return bars.map((bar) => scaled(bar, this.splits(stock, dateOf(bar), today)));
  }

  /** Minutes of a day before today. */
  minuteBars(stock: Stock, venue: MarketVenue, date: number): readonly HistoryBar[] {
    const known = this.played.get(stock)!.find((day) => day.date === date)?.minutes;
    const minutes = known?.get(venue === 'UN' && stock.nxt === undefined ? 'KRX' : venue);
    if (minutes !== undefined) return minutes.bars();
    const [day] = this.dailyBars(stock, venue, date, date, false);
    const session = sessionsOn(date, 'KRX').find(({ phase }) => phase === 'continuous');
    if (day === undefined || session === undefined) return [];
    const { kind, market } = stock.instrument;
    const stream = MINUTES_STREAM + (stock.place * VENUES.length + VENUES.indexOf(venue)) * 65_536 + dayNumber(date);
    const onGrid = (priceWon: number): number => floorToGrid(priceWon, kind, date, market);
    return madeUpMinutes(day, session, new Random(this.options.seed, stream), onGrid);
  }

  /** Closed days of an index in points: before the start, its members' as they weigh on the first day. */
  indexDailyBars(index: IndexLevel, from: number, to: number): readonly HistoryBar[] {
    const sums = new Map<number, { open: number; close: number; volume: number; turnoverWon: number }>();
    let now = 0;
    for (const stock of index.members) {
      const { closeWon, stock: first } = this.beginnings.get(stock)!;
      now += closeWon * first.listedShares;
      for (const day of this.pastDays(stock, from)) {
        const sum = sums.get(day.date) ?? { open: 0, close: 0, volume: 0, turnoverWon: 0 };
        sums.set(day.date, sum);
        sum.open += day.openWon * first.listedShares;
        sum.close += day.closeWon * first.listedShares;
        sum.volume += day.volume;
        sum.turnoverWon += day.volume * day.closeWon;
      }
    }
    const points = (value: number): number => Math.round((100 * index.startLevel * value) / now) / 100;
    const bars: HistoryBar[] = [];
    for (const [date, { open, close, volume, turnoverWon }] of sums) {
      const [openWon, closeWon] = [points(open), points(close)];
      const [highWon, lowWon] = [Math.max(openWon, closeWon), Math.min(openWon, closeWon)];
      bars.push({ startUs: kstToUtcUs(date, 0), openWon, highWon, lowWon, closeWon, volume, turnoverWon });
    }
    return [...bars.reverse(), ...index.playedDays].filter((bar) => dateOf(bar) >= from && dateOf(bar) <= to);
  }

  private pastDays(stock: Stock, from: number): Iterable<PastDay> {
    const { closeWon, stock: first } = this.beginnings.get(stock)!;
    return this.past.of(first, stock.place, closeWon, from);
  }

  /** Product of the ratios that came into effect after one day and up to another. */
  splits(stock: Pick<Stock, 'instrument'>, after: number, until: number): number {
    return this.options.corporateActions
      .filter(({ code, date }) => code === stock.instrument.code && date > after && date <= until)
      .reduce((product, { ratio }) => product * ratio, 1);
  }
}

function scaled(bar: HistoryBar, ratio: number): HistoryBar {
  if (ratio === 1) return bar;
  const won = (priceWon: number): number => Math.round(priceWon / ratio);
  return {
    ...bar,
    openWon: won(bar.openWon),
    highWon: won(bar.highWon),
    lowWon: won(bar.lowWon),
    closeWon: won(bar.closeWon),
    volume: Math.round(bar.volume * ratio),
  };
}

function dateOf({ startUs }: HistoryBar): number {
  return kstDate(startUs);
}
