// A quarterly KOSPI200 future: it follows the simulated index at its cost of carry, with a basis of its own, in ticks of
// 0.05 points. It is no market: nobody's order moves it.
import { isTradingDay, kstDate, kstSecond } from '../../../config/calendar.ts';
import { Random } from '../market/random.ts';
import type { SimulatedMarket } from '../market/simulated-market.ts';
import { type FutureDay, type FutureQuote, futureBookRecord, futureTradeRecord } from './future-records.ts';
import { streamOf } from './key-stream.ts';

export interface IndexFutureOptions {
  readonly code: string;
  readonly seed: number;
  readonly market: Pick<SimulatedMarket, 'indexQuote' | 'timeUs'>;
}

/** Hundredths of a point. */
const TICK = 5;
const SECOND_US = 1_000_000;
/** A time that moved on by more was skipped: the night between two simulated days. */
const SKIPPED_US = 60 * SECOND_US;
const MEAN_PAUSE_US = 300_000;
const OPEN_SECOND = 8.75 * 3600;
const CLOSE_SECOND = 15.75 * 3600;
/** Interest less dividends until the last trading day, about a quarter ahead. */
const CARRY = 0.004;
/** The basis forgets a tenth at each trade, and is moved by about a tick. */
const BASIS_MEMORY = 0.9;
/** 250,000 won a point: thousand won for each hundredth. */
const THOUSAND_WON = 2.5;
const LEVELS = 5;
const LEVEL_CONTRACTS = 60;
const OPEN_INTEREST = 250_000;

export class IndexFuture {
  /** Trades are kept for `trades` to take. */
  tradesHeard = false;

  private readonly options: IndexFutureOptions;
  private readonly random: Random;
  private day: FutureDay;
  private quote: FutureQuote;
  private basis = 0;
  private nextUs: number;
  private records: string[] = [];
  private bookSent: FutureQuote | undefined;

  constructor(options: IndexFutureOptions) {
    this.options = options;
    this.random = new Random(options.seed, streamOf(options.code));
    this.nextUs = options.market.timeUs + this.pauseUs();
    const previousClose = onTick(options.market.indexQuote('2001').previousClose * 100 * (1 + CARRY));
    this.day = newDay(0, previousClose, OPEN_INTEREST);
    this.quote = this.newQuote(kstSecond(options.market.timeUs));
  }

  /** H0IFCNT0 records of the trades since the last call. */
  trades(): readonly string[] {
    this.advance();
    const { records } = this;
    this.records = [];
    return records;
  }

  /** The H0IFASP0 record where it has changed since the last call. */
  book(): string | undefined {
    this.advance();
    if (this.bookSent === this.quote) return undefined;
    this.bookSent = this.quote;
    return futureBookRecord(this.options.code, this.quote);
  }

  private advance(): void {
    const { timeUs } = this.options.market;
    if (timeUs - this.nextUs > SKIPPED_US) this.nextUs = timeUs + this.pauseUs();
    for (; this.nextUs <= timeUs; this.nextUs += this.pauseUs()) {
      const [date, second] = [kstDate(this.nextUs), kstSecond(this.nextUs)];
      if (isTradingDay(date) && second >= OPEN_SECOND && second < CLOSE_SECOND) this.trade(date, second);
    }
  }

  private trade(date: number, second: number): void {
    this.quote = this.newQuote(second);
    const buys = this.random.unit() < 0.5;
    const price = buys ? this.quote.ask : this.quote.bid;
    if (date !== this.day.date) this.day = newDay(date, this.day.last || this.day.previousClose, this.day.openInterest);
    const { day } = this;
    const size = 1 + Math.floor(3 * this.random.exponential());
    if (day.volume === 0)
      Object.assign(day, { open: price, openSecond: second, high: 0, low: Number.MAX_SAFE_INTEGER });
    if (price > day.high) [day.high, day.highSecond] = [price, second];
    if (price < day.low) [day.low, day.lowSecond] = [price, second];
    day.last = price;
    day.volume += size;
    day.turnover += size * price * THOUSAND_WON;
    day[buys ? 'buyTrades' : 'sellTrades'] += 1;
    day[buys ? 'buyVolume' : 'sellVolume'] += size;
    day.openInterest += this.random.below(3) - 1;
    if (this.tradesHeard) this.records.push(futureTradeRecord(this.options.code, size, day, this.quote));
  }

  private newQuote(second: number): FutureQuote {
    const index = Math.round(this.options.market.indexQuote('2001').level * 100);
    const theory = Math.round(index * (1 + CARRY));
    this.basis = this.basis * BASIS_MEMORY + TICK * this.random.normal();
    const bid = onTick(theory + this.basis - TICK / 2);
    const contracts = () => 1 + Math.floor(LEVEL_CONTRACTS * this.random.exponential());
    const askSizes = Array.from({ length: LEVELS }, contracts);
    const bidSizes = Array.from({ length: LEVELS }, contracts);
    return { second, index, theory, bid, ask: bid + TICK, askSizes, bidSizes };
  }

  private pauseUs(): number {
    return Math.ceil(MEAN_PAUSE_US * this.random.exponential());
  }
}

function newDay(date: number, previousClose: number, openInterest: number): FutureDay {
  return {
    ...{ date, previousClose, last: 0, open: 0, high: 0, low: 0, openSecond: 0, highSecond: 0, lowSecond: 0 },
    ...{ volume: 0, turnover: 0, sellTrades: 0, buyTrades: 0, sellVolume: 0, buyVolume: 0 },
    ...{ openInterest, openInterestAtOpen: openInterest },
  };
}

function onTick(hundredths: number): number {
  return Math.round(hundredths / TICK) * TICK;
}
