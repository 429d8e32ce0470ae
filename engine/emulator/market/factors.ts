// What symbols have in common: one market factor and one factor per sector, random walks of returns. An instrument's
// fair value follows them and a walk of its own; order flow leans towards the fair value, which is how books that are
// otherwise independent come to move together.
import { SECTORS, type Sector } from '../../../config/instruments.ts';
import type { Random } from './random.ts';

/** Standard deviations of a trading day's return. Together about 1.8 % for an instrument of beta 1. */
const MARKET_DEVIATION = 0.012;
const SECTOR_DEVIATION = 0.009;
const OWN_DEVIATION = 0.01;
/** A night's return is as large as that of this share of a trading day. */
export const NIGHT_DAYS = 0.15;
/** The fair value stays inside the price limits, so that a book locked at a limit is rare. */
const DAILY_RANGE = 0.27;

export class Factors {
  private readonly random: Random;
  private marketReturn = 0;
  private readonly sectorReturns = new Float64Array(SECTORS.length);

  constructor(random: Random) {
    this.random = random;
  }

  /** Draws the common returns of a step that lasts so many trading days. */
  step(days: number): void {
    const scale = Math.sqrt(days);
    this.marketReturn = MARKET_DEVIATION * scale * this.random.normal();
    for (let sector = 0; sector < SECTORS.length; sector++) {
      this.sectorReturns[sector] = SECTOR_DEVIATION * scale * this.random.normal();
    }
  }

  commonReturn(sectorIndex: number, beta: number): number {
    return beta * this.marketReturn + this.sectorReturns[sectorIndex];
  }
}

export class FairValue {
  won: number;
  private readonly beta: number;
  private readonly sectorIndex: number;
  private readonly random: Random;

  constructor(won: number, sector: Sector, random: Random) {
    this.won = won;
    this.sectorIndex = SECTORS.indexOf(sector);
    this.random = random;
    this.beta = 0.75 + 0.5 * random.unit();
  }

  /** Follows the factors' last step, and its own walk, within the day's range around the previous close. */
  step(factors: Factors, days: number, previousCloseWon: number): void {
    const own = OWN_DEVIATION * Math.sqrt(days) * this.random.normal();
    const won = this.won * (1 + factors.commonReturn(this.sectorIndex, this.beta) + own);
    const lowest = previousCloseWon * (1 - DAILY_RANGE);
    const highest = previousCloseWon * (1 + DAILY_RANGE);
    this.won = Math.max(lowest, Math.min(highest, won));
  }
}
