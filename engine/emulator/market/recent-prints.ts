// The newest prints of an instrument at a venue, for the REST lists: a ring of a hundred, 24 bytes each.
import type { RecentTrade } from './simulated-market.ts';
import { CONCLUSION_AUCTION, CONCLUSION_BUY, type TradePrint } from './trade-record.ts';

export const RECENT_PRINTS_MAX = 100;
const FIELDS = 6;
const SECOND_SCALE = 8;

export class RecentPrints {
  /** Second and conclusion, price, size, volume, ask, bid of each; made with the first print. */
  private ring: Int32Array | undefined;
  private count = 0;

  add({ second, priceWon, size, conclusion }: TradePrint, volume: number, askWon: number, bidWon: number): void {
    this.ring ??= new Int32Array(RECENT_PRINTS_MAX * FIELDS);
    const { ring } = this;
    const at = (this.count % RECENT_PRINTS_MAX) * FIELDS;
    ring[at] = second * SECOND_SCALE + conclusion;
    ring[at + 1] = priceWon;
    ring[at + 2] = size;
    ring[at + 3] = volume;
    ring[at + 4] = askWon;
    ring[at + 5] = bidWon;
    this.count++;
  }

  /** Newest first. */
  newest(wanted: number): readonly RecentTrade[] {
    const { ring, count } = this;
    if (ring === undefined) return [];
    const length = Math.max(0, Math.min(wanted, count, RECENT_PRINTS_MAX));
    return Array.from({ length }, (_, back) => {
      const at = ((count - 1 - back) % RECENT_PRINTS_MAX) * FIELDS;
      const conclusion = ring[at] % SECOND_SCALE;
      return {
        second: Math.floor(ring[at] / SECOND_SCALE),
        priceWon: ring[at + 1],
        size: ring[at + 2],
        volume: ring[at + 3],
        askWon: ring[at + 4],
        bidWon: ring[at + 5],
        side: conclusion === CONCLUSION_BUY ? 'buy' : conclusion === CONCLUSION_AUCTION ? 'auction' : 'sell',
      };
    });
  }

  clear(): void {
    this.count = 0;
  }
}
