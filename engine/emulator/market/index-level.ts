// An index of the simulated market and its record (H0UPCNT0, 30 fields): the members' market value relative to that of
// their previous closes. Its members are the simulated instruments only, so its level is not the real index's.
import { AsciiWriter } from './ascii-writer.ts';
import type { IndexCode } from './market.ts';
import { roundedPercent, sign } from './ratios.ts';
import type { Stock } from './stock.ts';

/** Where each index starts from, in 1/100 points. */
const START_LEVEL: Readonly<Record<IndexCode, number>> = { '0001': 790_000, '1001': 115_000, '2001': 108_000 };

export class IndexLevel {
  /** Rises with each update. */
  revision = 0;
  private readonly code: IndexCode;
  private readonly members: readonly Stock[];
  private readonly writer = new AsciiWriter(512);
  /** Levels in 1/100 points. */
  private previousClose: number;
  private level: number;
  private lastLevel: number;
  private open = 0;
  private high = 0;
  private low = 0;
  private second = 0;
  /** Thousand shares and million won, of the day and of the last update. */
  private volume = 0;
  private turnover = 0;
  private volumeStep = 0;
  private turnoverStep = 0;

  constructor(code: IndexCode, stocks: readonly Stock[]) {
    this.code = code;
    this.members = stocks.filter(({ instrument: { market, kospi200 } }) =>
      code === '2001' ? kospi200 : market === (code === '0001' ? 'KOSPI' : 'KOSDAQ'),
    );
    this.previousClose = START_LEVEL[code];
    this.level = this.previousClose;
    this.lastLevel = this.previousClose;
  }

  /** Begins a day; the members have opened theirs, and `second` is that of the open. */
  openDay(second: number): void {
    this.previousClose = this.level;
    this.volume = 0;
    this.turnover = 0;
    this.update(second);
    this.open = this.high = this.low = this.level;
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
    this.high = Math.max(this.high, this.level);
    this.low = Math.min(this.low, this.level);
    this.volumeStep = Math.floor(volume / 1_000) - this.volume;
    this.turnoverStep = Math.floor(turnoverWon / 1_000_000) - this.turnover;
    this.volume += this.volumeStep;
    this.turnover += this.turnoverStep;
    this.revision++;
  }

  payload(): string {
    const { writer, level, previousClose } = this;
    writer.length = 0;
    writer.text(this.code); // 0
    writer.clock(this.second);
    writer.hundredths(level); // 2
    writer.int(sign(level - previousClose));
    writer.hundredths(level - previousClose);
    writer.int(this.volume); // 5
    writer.int(this.turnover);
    writer.int(this.volumeStep);
    writer.int(this.turnoverStep);
    writer.hundredths(roundedPercent(level - previousClose, previousClose)); // 9
    const extremes = [this.open, this.high, this.low];
    for (const extreme of extremes) writer.hundredths(extreme); // 10–12
    // Unlike a stock's, these changes are against the previous close: so it is in real records.
    for (const extreme of extremes) {
      writer.hundredths(extreme - previousClose); // 13, 15, 17
      writer.int(sign(extreme - previousClose)); // 14, 16, 18
    }
    for (const extreme of extremes) writer.hundredths(roundedPercent(extreme - previousClose, previousClose)); // 19–21
    for (const count of this.countMembers()) writer.int(count); // 22–26
    writer.int(0); // 27–28: nobody is up or down without a trade
    writer.int(0);
    writer.int(level - this.lastLevel); // 29
    return writer.bytes.toString('latin1', 0, writer.length - 1);
  }

  /** Members at the upper limit, up, unchanged, down, at the lower limit. */
  private countMembers(): readonly number[] {
    const counts = [0, 0, 0, 0, 0];
    for (const { day } of this.members) {
      if (day.priceWon === day.upperLimitWon) counts[0]++;
      else if (day.priceWon === day.lowerLimitWon) counts[4]++;
      else counts[2 - Math.sign(day.priceWon - day.previousCloseWon)]++;
    }
    return counts;
  }
}
