// An index of the simulated market and its records (H0UPCNT0 with 30 fields, H0UPANC0 with 15): the members' market value
// relative to that of their base prices. Its members are the simulated stocks only, so its level is not the real one's.
import { AsciiWriter } from './ascii-writer.ts';
import { roundedPercent, sign } from './ratios.ts';
import type { HistoryBar, IndexCode } from './simulated-market.ts';
import type { Stock } from './stock.ts';

/** Where each index starts from, in 1/100 points. */
const START_LEVEL: Readonly<Record<IndexCode, number>> = { '0001': 790_000, '1001': 115_000, '2001': 108_000 };
const PLAYED_DAYS_MAX = 260;

export class IndexLevel {
  /** Rises with each update. */
  revision = 0;
  expectedRevision = 0;
  readonly members: readonly Stock[];
  /** Closed days that were played, oldest first, in points. */
  readonly playedDays: HistoryBar[] = [];
  private readonly code: IndexCode;
  private readonly writer = new AsciiWriter(512);
  /** Levels in 1/100 points. */
  private previousClose: number;
  private level: number;
  private lastLevel: number;
  private expectedLevel = 0;
  /** 0 before the day's first update. */
  private open = 0;
  private high = 0;
  private low = 0;
  private second = 0;
  private expectedSecond = 0;
  /** Shares and won of the day; thousand shares and million won of the last update. */
  private volume = 0;
  private turnoverWon = 0;
  private volumeStep = 0;
  private turnoverStep = 0;

  constructor(code: IndexCode, stocks: readonly Stock[]) {
    this.code = code;
    this.members = stocks.filter(({ instrument: { market, kospi200, kind } }) => {
      return kind === 'stock' && (code === '2001' ? kospi200 : market === (code === '0001' ? 'KOSPI' : 'KOSDAQ'));
    });
    this.previousClose = START_LEVEL[code];
    this.level = this.previousClose;
    this.lastLevel = this.previousClose;
  }

  /** The level that a past day counts back from, in points. */
  get startLevel(): number {
    return START_LEVEL[this.code] / 100;
  }

  /** Begins a day; the members have opened theirs. */
  openDay(): void {
    this.previousClose = this.level;
    this.volume = 0;
    this.turnoverWon = 0;
    this.open = 0;
  }

  /** Keeps the day that ends. */
  closeDay(startUs: number): void {
    const { level, previousClose, open, high, low, volume, turnoverWon } = this.quote();
    const [openWon, highWon, lowWon] = open === 0 ? [previousClose, previousClose, previousClose] : [open, high, low];
    this.playedDays.push({ startUs, openWon, highWon, lowWon, closeWon: level, volume, turnoverWon });
    if (this.playedDays.length > PLAYED_DAYS_MAX) this.playedDays.shift();
  }

  /** Takes the members' prices. */
  update(second: number): void {
    let value = 0;
    let base = 0;
    let volume = 0;
    let turnoverWon = 0;
    for (const { day, instrument } of this.members) {
      value += day.priceWon * instrument.listedShares;
      base += day.previousCloseWon * instrument.listedShares;
      volume += day.volume;
      turnoverWon += day.turnoverWon;
    }
    this.second = second;
    this.lastLevel = this.level;
    this.level = base === 0 ? this.previousClose : Math.round(this.previousClose * (value / base));
    this.high = this.open === 0 ? this.level : Math.max(this.high, this.level);
    this.low = this.open === 0 ? this.level : Math.min(this.low, this.level);
    if (this.open === 0) this.open = this.level;
    this.volumeStep = Math.floor(volume / 1_000) - Math.floor(this.volume / 1_000);
    this.turnoverStep = Math.floor(turnoverWon / 1_000_000) - Math.floor(this.turnoverWon / 1_000_000);
    this.volume = volume;
    this.turnoverWon = turnoverWon;
    this.revision++;
  }

  /** Takes the expected prices of members in a call auction, and the last prices of the others. */
  updateExpected(second: number): void {
    let value = 0;
    let base = 0;
    for (const { day, instrument, krx } of this.members) {
      value += (krx.auction.expectedWon || day.priceWon) * instrument.listedShares;
      base += day.previousCloseWon * instrument.listedShares;
    }
    this.expectedSecond = second;
    this.expectedLevel = base === 0 ? this.previousClose : Math.round(this.previousClose * (value / base));
    this.expectedRevision++;
  }

  quote() {
    const points = (hundredths: number): number => hundredths / 100;
    return {
      level: points(this.level),
      previousClose: points(this.previousClose),
      open: points(this.open),
      high: points(this.open === 0 ? 0 : this.high),
      low: points(this.open === 0 ? 0 : this.low),
      volume: this.volume,
      turnoverWon: this.turnoverWon,
    };
  }

  payload(): string {
    const { writer, level, previousClose } = this;
    const opened = this.open !== 0;
    writer.length = 0;
    writer.text(this.code); // 0
    writer.clock(this.second);
    writer.hundredths(level); // 2
    writer.int(sign(level - previousClose));
    writer.hundredths(level - previousClose);
    writer.int(Math.floor(this.volume / 1_000)); // 5
    writer.int(Math.floor(this.turnoverWon / 1_000_000));
    writer.int(this.volumeStep);
    writer.int(this.turnoverStep);
    writer.hundredths(roundedPercent(level - previousClose, previousClose)); // 9
    const extremes = opened ? [this.open, this.high, this.low] : [previousClose, previousClose, previousClose];
    for (const extreme of extremes) writer.hundredths(extreme); // 10–12
    // Unlike a stock's, these changes are against the previous close: so it is in real records.
    for (const extreme of extremes) {
      writer.hundredths(extreme - previousClose); // 13, 15, 17
      writer.int(sign(extreme - previousClose)); // 14, 16, 18
    }
    for (const extreme of extremes) writer.hundredths(roundedPercent(extreme - previousClose, previousClose)); // 19–21
    for (const count of this.countMembers((stock) => stock.day.priceWon)) writer.int(count); // 22–26
    writer.int(0); // 27–28: nobody is up or down without a trade
    writer.int(0);
    writer.int(level - this.lastLevel); // 29
    return writer.bytes.toString('latin1', 0, writer.length - 1);
  }

  /** What the members' call auctions would do if they ended now. */
  expectedPayload(): string {
    const { writer, expectedLevel, previousClose, members } = this;
    let volume = 0;
    let turnoverWon = 0;
    for (const { krx } of members) {
      volume += krx.auction.volume;
      turnoverWon += krx.auction.volume * krx.auction.expectedWon;
    }
    writer.length = 0;
    writer.text(this.code); // 0
    writer.clock(this.expectedSecond);
    writer.hundredths(expectedLevel); // 2
    writer.int(sign(expectedLevel - previousClose));
    writer.hundredths(expectedLevel - previousClose);
    for (let part = 0; part < 2; part++) {
      writer.int(Math.floor(volume / 1_000)); // 5, 7
      writer.int(Math.floor(turnoverWon / 1_000_000)); // 6, 8
    }
    writer.hundredths(roundedPercent(expectedLevel - previousClose, previousClose)); // 9
    const counts = this.countMembers(({ krx, day }) => krx.auction.expectedWon || day.priceWon);
    for (const count of counts) writer.int(count); // 10–14
    return writer.bytes.toString('latin1', 0, writer.length - 1);
  }

  /** Members at the upper limit, up, unchanged, down, at the lower limit. */
  private countMembers(priceOf: (stock: Stock) => number): readonly number[] {
    const counts = [0, 0, 0, 0, 0];
    for (const stock of this.members) {
      const { upperLimitWon, lowerLimitWon, previousCloseWon } = stock.day;
      const priceWon = priceOf(stock);
      if (priceWon === upperLimitWon) counts[0]++;
      else if (priceWon === lowerLimitWon) counts[4]++;
      else counts[2 - Math.sign(priceWon - previousCloseWon)]++;
    }
    return counts;
  }
}
