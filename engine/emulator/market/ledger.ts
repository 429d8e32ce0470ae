// What one feed has of one instrument: the sums of its day, its minutes, its newest prints and the tape of records that
// wait to be drained. KRX and NXT have one each, and the unified feed one that takes the prints of both.
import type { DayPlan } from './day-plan.ts';
import type { Ladder } from './ladder.ts';
import { MinuteBars } from './minute-bars.ts';
import { RecentPrints } from './recent-prints.ts';
import {
  CONCLUSION_AUCTION,
  CONCLUSION_BUY,
  type TradePrint,
  type TradeReference,
  writeTradeRecord,
} from './trade-record.ts';
import { TradeTape } from './trade-tape.ts';
import { TradingDay } from './trading-day.ts';

export class Ledger {
  day: TradingDay;
  minutes: MinuteBars;
  readonly recent = new RecentPrints();
  /** Made with the first record, since few instruments are watched at once. */
  tape: TradeTape | undefined;
  watched: boolean;
  private readonly pendingTradesMax: number;

  constructor(watched: boolean, pendingTradesMax: number, plan: DayPlan, day: TradingDay) {
    this.watched = watched;
    this.pendingTradesMax = pendingTradesMax;
    this.day = day;
    this.minutes = new MinuteBars(plan.midnightUs);
  }

  get dropped(): number {
    return this.tape?.dropped ?? 0;
  }

  openDay(plan: DayPlan, previousCloseWon: number, prices: Int32Array): void {
    this.day = new TradingDay(plan.businessDate, previousCloseWon, this.day.volume, prices);
    this.minutes = new MinuteBars(plan.midnightUs);
    this.recent.clear();
  }

  watch(on: boolean): void {
    this.watched = on;
    this.tape?.clear();
  }

  /** `trades` stand behind the print: one, but for a stretch that nobody saw. */
  add(print: TradePrint, trades: number, askWon: number, bidWon: number): void {
    const { day } = this;
    const { second, priceWon, size, conclusion } = print;
    if (conclusion === CONCLUSION_AUCTION) day.add(second, priceWon, size);
    else day.trade(second, priceWon, size, conclusion === CONCLUSION_BUY, trades);
    this.minutes.add(second, priceWon, size);
    this.recent.add(print, day.volume, askWon, bidWon);
  }

  write(print: TradePrint, reference: TradeReference, ladder: Ladder): void {
    this.tape ??= new TradeTape(this.pendingTradesMax);
    this.tape.begin();
    writeTradeRecord(this.tape.writer, reference, print, this.day, ladder);
    this.tape.end();
  }
}
