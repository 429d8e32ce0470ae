// One American stock on a small random walk of its own, and its HDFSCNT0 records (26 fields). Volume, turnover and the
// two sides add up from record to record; its days and clocks are New York's. It is no market: nobody's order moves it.
import { Random } from '../market/random.ts';
import { clockText, streamOf } from './key-stream.ts';
import { koreanTime, marketType, newYorkTime, newYorkTradingDay } from './new-york.ts';

export interface OverseasStockOptions {
  /** As registered, such as `DNASAAPL`. */
  readonly key: string;
  readonly seed: number;
  readonly priceDollars: number;
  readonly startTimeUs: number;
}

const SECOND_US = 1_000_000;
/** A time that moved on by more was skipped: the night between two simulated days. */
const SKIPPED_US = 60 * SECOND_US;
const MEAN_PAUSE_US = 500_000;
/** Deviation of one step of the walk, of the price. */
const STEP = 0.00008;
const SIZE_MEAN = 40;
const QUOTED_MEAN = 300;

export class OverseasStock {
  private readonly key: string;
  private readonly symbol: string;
  private readonly random: Random;
  /** Cents, all prices. */
  private price: number;
  private previousClose: number;
  private open = 0;
  private high = 0;
  private low = 0;
  private volume = 0;
  private turnoverCents = 0;
  private sellVolume = 0;
  private buyVolume = 0;
  private tradingDay = 0;
  private nextUs: number;

  constructor({ key, seed, priceDollars, startTimeUs }: OverseasStockOptions) {
    this.key = key;
    this.symbol = key.slice(4);
    this.random = new Random(seed, streamOf(key));
    this.previousClose = Math.round(priceDollars * 100);
    this.price = Math.round(this.previousClose * (1 + 0.01 * this.random.normal()));
    this.nextUs = startTimeUs + this.pauseUs();
  }

  /** Records of the trades up to a time, oldest first. */
  advanceTo(timeUs: number): string[] {
    if (timeUs - this.nextUs > SKIPPED_US) this.nextUs = timeUs + this.pauseUs();
    const records: string[] = [];
    while (this.nextUs <= timeUs) {
      const tradingDay = newYorkTradingDay(this.nextUs);
      if (tradingDay !== undefined) records.push(this.trade(this.nextUs, tradingDay));
      this.nextUs += this.pauseUs();
    }
    return records;
  }

  private trade(timeUs: number, tradingDay: number): string {
    this.price = Math.max(1, Math.round(this.price * (1 + STEP * this.random.normal())));
    if (tradingDay !== this.tradingDay) this.beginDay(tradingDay);
    const buys = this.random.unit() < 0.5;
    const size = 1 + Math.floor(SIZE_MEAN * this.random.exponential());
    this.volume += size;
    this.turnoverCents += size * this.price;
    if (buys) this.buyVolume += size;
    else this.sellVolume += size;
    this.high = Math.max(this.high, this.price);
    this.low = Math.min(this.low, this.price);
    return this.record(timeUs, size, buys);
  }

  private beginDay(tradingDay: number): void {
    if (this.tradingDay !== 0) this.previousClose = this.price;
    this.tradingDay = tradingDay;
    this.open = this.price;
    this.high = this.price;
    this.low = this.price;
    this.volume = 0;
    this.turnoverCents = 0;
    this.sellVolume = 0;
    this.buyVolume = 0;
  }

  private record(timeUs: number, size: number, buys: boolean): string {
    const [local, korean] = [newYorkTime(timeUs), koreanTime(timeUs)];
    const change = this.price - this.previousClose;
    const quoted = () => 1 + Math.floor(QUOTED_MEAN * this.random.exponential());
    return [
      this.key,
      this.symbol,
      4,
      this.tradingDay,
      local.date,
      clockText(local.second),
      korean.date,
      clockText(korean.second),
      dollars(this.open),
      dollars(this.high),
      dollars(this.low),
      dollars(this.price),
      change > 0 ? 2 : change < 0 ? 5 : 3,
      dollars(Math.abs(change)),
      ((100 * change) / this.previousClose).toFixed(2),
      dollars(buys ? this.price - 1 : this.price),
      dollars(buys ? this.price : this.price + 1),
      quoted(),
      quoted(),
      size,
      this.volume,
      Math.floor(this.turnoverCents / 100),
      this.sellVolume,
      this.buyVolume,
      this.sellVolume === 0 ? '0.00' : ((100 * this.buyVolume) / this.sellVolume).toFixed(2),
      marketType(local),
    ].join('^');
  }

  private pauseUs(): number {
    return Math.ceil(MEAN_PAUSE_US * this.random.exponential());
  }
}

function dollars(cents: number): string {
  return (cents / 100).toFixed(4);
}
