// The market's indices and when they are renewed: each second while KRX's regular session runs, and the expected ones
// while its call auctions do.
import type { DayPlan } from './day-plan.ts';
import { IndexLevel } from './index-level.ts';
import { INDEX_CODES, type IndexCode } from './simulated-market.ts';
import type { Stock } from './stock.ts';

/** Indices begin when all opening auctions have ended, and end when all closing ones have. */
const AUCTION_LATE_SECONDS = 30;

export class IndexBoard {
  private readonly levels: readonly IndexLevel[];

  constructor(stocks: readonly Stock[]) {
    this.levels = INDEX_CODES.map((code) => new IndexLevel(code, stocks));
  }

  of(code: IndexCode): IndexLevel {
    return this.levels[INDEX_CODES.indexOf(code)];
  }

  openDay(): void {
    for (const level of this.levels) level.openDay();
  }

  closeDay(startUs: number): void {
    for (const level of this.levels) level.closeDay(startUs);
  }

  update({ sessions: { KRX } }: DayPlan, second: number): void {
    const [first] = KRX;
    const beginSecond = KRX.find(({ phase }) => phase === 'continuous')?.startSecond ?? Number.POSITIVE_INFINITY;
    const regular = KRX.filter(({ phase }) => phase === 'continuous' || phase === 'closing_auction');
    const endSecond = (regular.at(-1)?.endSecond ?? 0) + AUCTION_LATE_SECONDS;
    const openedSecond = beginSecond + (first?.phase === 'opening_auction' ? AUCTION_LATE_SECONDS : 0);
    const expects = KRX.some(({ phase, startSecond, endSecond: end }) => {
      if (phase !== 'opening_auction' && phase !== 'closing_auction') return false;
      return second > startSecond && second <= end + AUCTION_LATE_SECONDS;
    });
    for (const level of this.levels) {
      if (expects) level.updateExpected(second);
      if (second >= openedSecond && second <= endSecond) level.update(second);
    }
  }
}
