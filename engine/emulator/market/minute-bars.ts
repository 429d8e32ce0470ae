// One instrument's minutes of a day at a venue, as columns that grow as the day does: 28 bytes a minute, so that a whole
// market keeps its day. Minutes without a trade take room but are no bars.
import { US_PER_SECOND } from '../../../config/calendar.ts';
import type { HistoryBar } from './simulated-market.ts';

const ROWS_STEP = 128;
const PRICES = 4;
const SECONDS_PER_MINUTE = 60;

export class MinuteBars {
  private readonly midnightUs: number;
  /** Minute of the day of the first row; rows before the first trade do not exist. */
  private firstMinute = 0;
  private rows = 0;
  /** Open, high, low, close of each row. */
  private pricesWon = new Int32Array(0);
  private volumes = new Int32Array(0);
  private turnoversWon = new Float64Array(0);

  constructor(midnightUs: number) {
    this.midnightUs = midnightUs;
  }

  /** Time does not go back. */
  add(second: number, priceWon: number, size: number): void {
    const minute = (second / SECONDS_PER_MINUTE) | 0;
    if (this.rows === 0) this.firstMinute = minute;
    const row = minute - this.firstMinute;
    if (row >= this.rows) this.begin(row, priceWon);
    const at = row * PRICES;
    const prices = this.pricesWon;
    if (priceWon > prices[at + 1]) prices[at + 1] = priceWon;
    if (priceWon < prices[at + 2]) prices[at + 2] = priceWon;
    prices[at + 3] = priceWon;
    this.volumes[row] += size;
    this.turnoversWon[row] += priceWon * size;
  }

  bars(): readonly HistoryBar[] {
    const bars: HistoryBar[] = [];
    for (let row = 0; row < this.rows; row++) {
      if (this.volumes[row] === 0) continue;
      const [openWon, highWon, lowWon, closeWon] = this.pricesWon.subarray(row * PRICES, row * PRICES + PRICES);
      bars.push({
        startUs: this.midnightUs + (this.firstMinute + row) * SECONDS_PER_MINUTE * US_PER_SECOND,
        openWon,
        highWon,
        lowWon,
        closeWon,
        volume: this.volumes[row],
        turnoverWon: this.turnoversWon[row],
      });
    }
    return bars;
  }

  private begin(row: number, priceWon: number): void {
    if (row >= this.volumes.length) this.grow(row + 1);
    this.rows = row + 1;
    const at = row * PRICES;
    for (let price = at; price < at + PRICES; price++) this.pricesWon[price] = priceWon;
  }

  private grow(rows: number): void {
    const capacity = Math.max(rows, this.volumes.length + ROWS_STEP);
    const [prices, volumes, turnovers] = [this.pricesWon, this.volumes, this.turnoversWon];
    this.pricesWon = new Int32Array(capacity * PRICES);
    this.pricesWon.set(prices);
    this.volumes = new Int32Array(capacity);
    this.volumes.set(volumes);
    this.turnoversWon = new Float64Array(capacity);
    this.turnoversWon.set(turnovers);
  }
}
