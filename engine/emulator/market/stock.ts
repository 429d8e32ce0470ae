// One instrument of the simulated market: its book, its order flow, its day and the tape of its trades. A day begins
// with an opening auction at 09:00:00 sharp; where the market starts within a day, the part before is drawn in coarse
// steps, so that all running numbers stand as if it had been traded.
import type { Instrument } from '../../../config/instruments.ts';
import { floorToGrid, tickSize } from '../../../config/tick-table.ts';
import { AsciiWriter } from './ascii-writer.ts';
import { writeBookRecord } from './book-record.ts';
import { type Factors, FairValue, NIGHT_DAYS } from './factors.ts';
import type { BookFieldCount, BookLevel, Quote } from './market.ts';
import { OrderBook } from './order-book.ts';
import { OrderFlow, type TradeSink } from './order-flow.ts';
import { drawSize, type Profile, profileOf, SECONDS_PER_DAY } from './profile.ts';
import type { Random } from './random.ts';
import { CONCLUSION_AUCTION, CONCLUSION_BUY, CONCLUSION_SELL, writeTradeRecord } from './trade-record.ts';
import { TradeTape } from './trade-tape.ts';
import { TradingDay } from './trading-day.ts';

/** Share of a usual day's volume that the opening auction does. */
const AUCTION_SHARE = 0.03;
const LEVELS = 10;
const US_PER_SECOND = 1_000_000;

export interface StockOptions {
  readonly instrument: Instrument;
  readonly random: Random;
  /** Multiplies every rate. */
  readonly activity: number;
  readonly pendingTradesMax: number;
  /** Their last step is the night before the first day. */
  readonly factors: Factors;
}

/** When a day opens: its date, and the UTC microseconds of its KST midnight and of its open. */
export interface DayOpening {
  readonly businessDate: number;
  readonly midnightUs: number;
  readonly openUs: number;
}

export class Stock implements TradeSink {
  readonly instrument: Instrument;
  readonly tape: TradeTape;
  watched = true;
  day: TradingDay;
  private book: OrderBook;
  private flow: OrderFlow;
  private opening: DayOpening;
  private readonly fair: FairValue;
  private readonly profile: Profile;
  private readonly random: Random;
  private readonly activity: number;
  private readonly bookWriter = new AsciiWriter(1024);
  private previousVolumeSameHour = 0;
  /** Changes of the books that were thrown away: the revision never falls. */
  private pastRevisions = 0;

  /** Opens its first day; `previousVolume` is made up. */
  constructor(options: StockOptions, opening: DayOpening) {
    const { instrument, random, activity, pendingTradesMax, factors } = options;
    this.instrument = instrument;
    this.random = random;
    this.activity = activity;
    this.profile = profileOf(instrument);
    this.fair = new FairValue(instrument.referencePriceWon, instrument.sector, random);
    this.tape = new TradeTape(pendingTradesMax);
    this.opening = opening;
    const previousClose = floorToGrid(instrument.referencePriceWon);
    this.fair.step(factors, NIGHT_DAYS, previousClose);
    const previousVolume = Math.ceil(this.profile.dailyVolume * activity * (0.8 + 0.4 * random.unit()));
    this.book = new OrderBook(previousClose);
    this.day = new TradingDay(opening.businessDate, previousClose, previousVolume, this.book.prices);
    this.flow = this.beginFlow(opening.openUs);
    this.holdAuction();
  }

  /** Ends the day at its last price on the grid and opens the next. The factors' last step is the night's. */
  openDay(opening: DayOpening, factors: Factors): void {
    const previousClose = this.day.gridPriceWon;
    this.opening = opening;
    this.fair.step(factors, NIGHT_DAYS, previousClose);
    this.replaceBook(previousClose);
    this.day = new TradingDay(opening.businessDate, previousClose, this.day.volume, this.book.prices);
    this.flow = this.beginFlow(opening.openUs);
    this.holdAuction();
  }

  /** A coarse stretch of the day that nobody saw, of a share of its volume; the factors' last step is the stretch's. */
  passUnseen(factors: Factors, days: number, volumeShare: number, firstSecond: number, seconds: number): void {
    const { day, profile, random } = this;
    this.fair.step(factors, days, day.previousCloseWon);
    const trades = Math.round(profile.tradesPerSecond * SECONDS_PER_DAY * this.activity * volumeShare);
    const buyTrades = Math.round(trades * (0.4 + 0.2 * random.unit()));
    const priceWon = floorToGrid(this.fair.won);
    const second = firstSecond + random.below(seconds);
    for (const [count, buy] of [
      [buyTrades, true],
      [trades - buyTrades, false],
    ] as const) {
      if (count === 0) continue;
      day.trade(second, priceWon, Math.ceil(count * profile.tradeSize * (0.7 + 0.6 * random.unit())), buy, count);
      day.gridPriceWon = priceWon;
    }
  }

  /** Begins to trade in the middle of the day, after what nobody saw. */
  resume(timeUs: number): void {
    this.replaceBook(this.day.previousCloseWon);
    this.flow = this.beginFlow(timeUs);
    this.tape.clear();
  }

  /** Follows the factors' last step. */
  stepFairValue(factors: Factors, days: number): void {
    this.fair.step(factors, days, this.day.previousCloseWon);
    this.flow.fairPosition = this.book.position(this.fair.won, this.flow.fairPosition);
  }

  /** What the time of the day changes: how busy it is, and how much the day before had traded by now. */
  setTimeOfDay(season: number, volumeShare: number): void {
    this.flow.season = season;
    this.previousVolumeSameHour = Math.ceil(
      this.day.previousVolume * (AUCTION_SHARE + (1 - AUCTION_SHARE) * volumeShare),
    );
  }

  advance(untilUs: number): void {
    this.flow.advance(untilUs);
  }

  trade(timeUs: number, priceWon: number, size: number, buy: boolean): void {
    const second = this.secondOf(timeUs);
    this.day.trade(second, priceWon, size, buy);
    if (priceWon % tickSize(priceWon) === 0) this.day.gridPriceWon = priceWon;
    this.write(second, priceWon, size, buy ? CONCLUSION_BUY : CONCLUSION_SELL);
  }

  get bookRevision(): number {
    return this.pastRevisions + this.book.revision;
  }

  bookPayload(fieldCount: BookFieldCount): string {
    const { flow, bookWriter } = this;
    bookWriter.length = 0;
    const state = {
      code: this.instrument.code,
      second: this.secondOf(flow.lastEventUs),
      askSizeChange: flow.askSizeChange,
      bidSizeChange: flow.bidSizeChange,
      midpointInterest: flow.midpointInterest,
    };
    writeBookRecord(bookWriter, state, this.day, this.book, fieldCount);
    return bookWriter.bytes.toString('latin1', 0, bookWriter.length - 1);
  }

  quote(timeUs: number): Quote {
    const { day } = this;
    return {
      code: this.instrument.code,
      timeUs,
      businessDate: day.businessDate,
      priceWon: day.priceWon,
      previousCloseWon: day.previousCloseWon,
      upperLimitWon: day.upperLimitWon,
      lowerLimitWon: day.lowerLimitWon,
      tickSizeWon: tickSize(day.priceWon),
      openWon: day.openWon,
      highWon: day.highWon,
      lowWon: day.lowWon,
      volume: day.volume,
      turnoverWon: day.turnoverWon,
      sellTrades: day.sellTrades,
      buyTrades: day.buyTrades,
      sellVolume: day.sellVolume,
      buyVolume: day.buyVolume,
      previousVolume: day.previousVolume,
      bids: this.levels(this.book.bestBid, -1),
      asks: this.levels(this.book.bestAsk, 1),
    };
  }

  private levels(first: number, step: 1 | -1): BookLevel[] {
    const { prices, sizes } = this.book;
    const levels: BookLevel[] = [];
    for (let index = first; levels.length < LEVELS && index >= 0 && index < prices.length; index += step) {
      if (sizes[index] > 0) levels.push({ priceWon: prices[index], size: sizes[index] });
    }
    return levels;
  }

  private beginFlow(startUs: number): OrderFlow {
    const { book, profile, activity, random } = this;
    const fairPosition = book.position(this.fair.won, book.prices.length >> 1);
    const bidIndex = Math.floor(fairPosition);
    const flow = new OrderFlow({ book, bidIndex, profile, activity, startUs, random, sink: this });
    flow.fairPosition = fairPosition;
    return flow;
  }

  private replaceBook(previousClose: number): void {
    this.pastRevisions += this.book.revision;
    this.book = new OrderBook(previousClose);
  }

  /** The auction's trade is the day's first record: it has no aggressor and is not counted. */
  private holdAuction(): void {
    const size = drawSize(Math.max(1, this.profile.dailyVolume * this.activity * AUCTION_SHARE), this.random.int32());
    const second = this.secondOf(this.opening.openUs);
    const priceWon = this.book.bidWon;
    this.day.open(second, priceWon, size);
    this.setTimeOfDay(1, 0);
    this.write(second, priceWon, size, CONCLUSION_AUCTION);
  }

  private write(second: number, priceWon: number, size: number, conclusion: number): void {
    if (!this.watched) return;
    const { code, listedShares } = this.instrument;
    const reference = { code, listedShares, previousVolumeSameHour: this.previousVolumeSameHour };
    this.tape.begin();
    writeTradeRecord(this.tape.writer, reference, { second, priceWon, size, conclusion }, this.day, this.book);
    this.tape.end();
  }

  private secondOf(timeUs: number): number {
    return Math.floor((timeUs - this.opening.midnightUs) / US_PER_SECOND);
  }
}
