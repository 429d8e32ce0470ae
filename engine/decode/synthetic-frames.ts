// Frames for tests: an invented stock whose trades and books satisfy the identities that real ones do (accumulated
// volume, turnover and trade counts go on from record to record; totals are sums). Not a market: that is the emulator.

const TRADE_WIDTH = 46;
const BOOK_WIDTH = 59;
const LEVELS = 10;
const TICK = 100;
const SIDE_CLASS = { buy: 1, auction: 3, sell: 5 };

/** `<encrypted>|<tr_id>|<count>|<fields>`, the count as KIS writes it. */
export function frameText(trId: string, records: readonly (readonly string[])[], encrypted = '0'): string {
  return `${encrypted}|${trId}|${String(records.length).padStart(3, '0')}|${records.flat().join('^')}`;
}

export function frameBytes(trId: string, records: readonly (readonly string[])[]): Uint8Array {
  return new TextEncoder().encode(frameText(trId, records));
}

export interface SyntheticTrade {
  readonly time: string;
  readonly price: number;
  readonly volume: number;
  readonly side: 'buy' | 'sell' | 'auction';
}

export class SyntheticStock {
  private readonly code: string;
  private readonly previousClose: number;
  private open = 0;
  private high = 0;
  private low = 0;
  private volume = 0;
  private turnover = 0;
  private readonly trades = { buy: 0, sell: 0, auction: 0 };
  private readonly shares = { buy: 0, sell: 0, auction: 0 };

  constructor(code: string, previousClose: number) {
    this.code = code;
    this.previousClose = previousClose;
  }

  /** Fields of the stock's next trade, with a tail up to the width. */
  trade({ time, price, volume, side }: SyntheticTrade, width = TRADE_WIDTH): string[] {
    if (this.volume === 0) this.open = this.high = this.low = price;
    this.high = Math.max(this.high, price);
    this.low = Math.min(this.low, price);
    this.volume += volume;
    this.turnover += price * volume;
    this.trades[side] += 1;
    this.shares[side] += volume;
    const { trades, shares, previousClose } = this;
    const change = price - previousClose;
    const best = Math.floor(price / TICK) * TICK;
    const rows = [
      `${this.code}^${time}^${price}^${signOf(change)}^${change}^${percent(change, previousClose)}`,
      `${(this.turnover / this.volume).toFixed(2)}^${this.open}^${this.high}^${this.low}^${best + TICK}^${best}`,
      `${volume}^${this.volume}^${this.turnover}^${trades.sell}^${trades.buy}^${trades.buy - trades.sell}`,
      `${percent(shares.buy, shares.sell)}^${shares.sell}^${shares.buy}^${SIDE_CLASS[side]}`,
      `${(Math.ceil((100 * shares.buy) / this.volume) / 100).toFixed(2)}^12.34`,
      `090013^${signOf(price - this.open)}^${price - this.open}`,
      `090613^${signOf(price - this.high)}^${price - this.high}`,
      `091213^${signOf(price - this.low)}^${price - this.low}`,
      `20260105^20^N^4321^1234^87654^56789^0.21^1000000^${percent(this.volume, 1_000_000)}^0^^${this.open}`,
    ];
    return widened(rows, width);
  }

  /** Fields of a book around a price, with a tail up to the width. */
  book(time: string, price: number, width = BOOK_WIDTH): string[] {
    const levels = Array.from({ length: LEVELS }, (_, level) => level);
    const best = Math.floor(price / TICK) * TICK;
    const askSizes = levels.map((level) => 1000 + 37 * level);
    const bidSizes = levels.map((level) => 900 + 41 * level);
    const rows = [
      `${this.code}^${time}^0`,
      ...levels.map((level) => best + TICK * (level + 1)),
      ...levels.map((level) => best - TICK * level),
      ...askSizes,
      ...bidSizes,
      `${sum(askSizes)}^${sum(bidSizes)}^0^0`,
      `0^0^457236^${-this.previousClose}^5^-100.00^${this.volume}^13^-5^0^0^`,
    ];
    return widened(rows, width);
  }
}

function widened(rows: readonly (string | number)[], width: number): string[] {
  const fields = rows.join('^').split('^');
  return [...fields, ...new Array<string>(width - fields.length).fill('2')];
}

function signOf(change: number): number {
  return change > 0 ? 2 : change < 0 ? 5 : 3;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0.00' : ((100 * part) / whole).toFixed(2);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
