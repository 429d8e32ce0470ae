// What symbols have in common: one market factor and one factor per sector, random walks of returns whose volatility
// itself wanders. An instrument's fair value follows them and a walk of its own, whose variance remembers its last steps
// (GARCH(1,1): Bollerslev, 1986); order flow leans towards the fair value, which is how books that are otherwise
// independent come to move together.
import { type Instrument, SECTORS } from '../../../config/instruments.ts';
import type { Random } from './random.ts';

/** Standard deviations of a trading day's return. Together about 1.8 % for an instrument of beta 1. */
export const MARKET_DEVIATION = 0.012;
export const SECTOR_DEVIATION = 0.009;
export const OWN_DEVIATION = 0.01;
/** A fund follows its index: so much of the other deviations is left to it. */
const FUND_SHARE = 0.05;
/** A night's return is as large as that of this share of a trading day. */
export const NIGHT_DAYS = 0.15;
/** The fair value stays inside the price limits, so that a book locked at a limit is rare. */
const DAILY_RANGE = 0.27;
/** The common volatility: its logarithm reverts within this share of a day and deviates by so much. */
const VOLATILITY_MEMORY_DAYS = 0.06;
const VOLATILITY_DEVIATION = 0.7;
/** Of an instrument's variance at a step, what the last squared return adds and what stays of the one before. */
const VARIANCE_NEWS = 0.018;
const VARIANCE_MEMORY = 0.9814;
const VARIANCE_MAX = 9;

export class Factors {
  /** Of the common returns, relative to usual. */
  volatility = 1;
  private readonly random: Random;
  private logVolatility = 0;
  private marketReturn = 0;
  private readonly sectorReturns = new Float64Array(SECTORS.length);

  constructor(random: Random) {
    this.random = random;
  }

  /** Draws the common returns of a step that lasts so many trading days. */
  step(days: number): void {
    const { random } = this;
    const reversion = Math.min(1, days / VOLATILITY_MEMORY_DAYS);
    this.logVolatility +=
      -reversion * this.logVolatility + VOLATILITY_DEVIATION * Math.sqrt(2 * reversion) * random.normal();
    // A log-normal's mean square is above that of its median: this keeps the mean variance at 1.
    this.volatility = Math.exp(this.logVolatility - VOLATILITY_DEVIATION * VOLATILITY_DEVIATION);
    const scale = Math.sqrt(days) * this.volatility;
    this.marketReturn = MARKET_DEVIATION * scale * random.normal();
    for (let sector = 0; sector < SECTORS.length; sector++) {
      this.sectorReturns[sector] = SECTOR_DEVIATION * scale * random.normal();
    }
  }

  commonReturn(sectorIndex: number, beta: number, sectorShare: number): number {
    return beta * this.marketReturn + sectorShare * this.sectorReturns[sectorIndex];
  }
}

export class FairValue {
  won: number;
  private readonly beta: number;
  private readonly sectorIndex: number;
  private readonly share: number;
  private readonly random: Random;
  /** Own variance relative to usual. */
  private variance = 1;

  constructor({ referencePriceWon, sector, kind }: Instrument, random: Random) {
    this.won = referencePriceWon;
    this.sectorIndex = SECTORS.indexOf(sector);
    this.random = random;
    const drawn = random.unit();
    this.share = kind === 'stock' ? 1 : FUND_SHARE;
    this.beta = kind === 'stock' ? 0.75 + 0.5 * drawn : 1;
  }

  /** How lively the instrument is just now: busy when common or own volatility is high, nearly 1 on average. */
  activity(factors: Factors): number {
    return 0.4 + 0.3 * factors.volatility + 0.3 * Math.sqrt(this.variance);
  }

  /** Follows the factors' last step, and its own walk, within the day's range around the previous close. */
  step(factors: Factors, days: number, previousCloseWon: number): void {
    const draw = this.random.normal();
    const own = this.share * OWN_DEVIATION * Math.sqrt(days * this.variance) * draw;
    const news = VARIANCE_NEWS * this.variance * draw * draw;
    this.variance = Math.min(
      VARIANCE_MAX,
      1 - VARIANCE_NEWS - VARIANCE_MEMORY + news + VARIANCE_MEMORY * this.variance,
    );
    const won = this.won * (1 + factors.commonReturn(this.sectorIndex, this.beta, this.share) + own);
    const lowest = previousCloseWon * (1 - DAILY_RANGE);
    const highest = previousCloseWon * (1 + DAILY_RANGE);
    this.won = Math.max(lowest, Math.min(highest, won));
  }
}
