// The size of an instrument's business, guessed from its market value: how often it trades and how much rests in its
// book. The largest trades some 22 times a second, as Samsung Electronics does, the smallest once in two seconds.
import type { Instrument } from '../../../config/instruments.ts';

const TRADES_PER_SECOND_LARGEST = 22;
const TRADES_PER_SECOND_SMALLEST = 0.5;
/** Market value that trades at the highest rate, won. */
const LARGEST_WON = 1.6e15;
/** Rate grows with market value to this power. */
const RATE_EXPONENT = 0.5;
/** A usual trade is worth about so much, won. */
const TRADE_WON = 10_000_000;
/** Limit orders are larger than single trades by this factor, and a queue at the best price holds so many of them. */
const LIMIT_TRADES = 20;
const QUEUE_ORDERS = 6;
/** Size of NXT's orders relative to KRX's. */
const NXT_QUEUES = 0.6;
/** Length of the continuous session. */
export const SECONDS_PER_DAY = 22_800;
const SIZE_QUANTILES = logLogisticQuantiles(0.5, 256);

export interface Profile {
  readonly tradesPerSecond: number;
  /** Mean sizes in shares. */
  readonly tradeSize: number;
  readonly limitSize: number;
  readonly queueSize: number;
  readonly dailyVolume: number;
}

export function profileOf({ referencePriceWon, listedShares, market }: Instrument): Profile {
  const relativeValue = (referencePriceWon * listedShares) / LARGEST_WON;
  // KOSDAQ names are traded more briskly for their value.
  const rate =
    TRADES_PER_SECOND_LARGEST * Math.exp(RATE_EXPONENT * Math.log(relativeValue)) * (market === 'KOSDAQ' ? 2 : 1);
  const tradesPerSecond = Math.max(TRADES_PER_SECOND_SMALLEST, Math.min(TRADES_PER_SECOND_LARGEST, rate));
  const tradeSize = Math.max(2, Math.round(TRADE_WON / referencePriceWon));
  const limitSize = tradeSize * LIMIT_TRADES;
  return {
    tradesPerSecond,
    tradeSize,
    limitSize,
    queueSize: limitSize * QUEUE_ORDERS,
    dailyVolume: Math.round(tradesPerSecond * tradeSize * SECONDS_PER_DAY),
  };
}

/** The same instrument's business at NXT: less of it, and thinner queues. */
export function profileAtNxt(profile: Profile, activity: number): Profile {
  const limitSize = Math.max(1, Math.round(profile.limitSize * NXT_QUEUES));
  return {
    tradesPerSecond: profile.tradesPerSecond * activity,
    tradeSize: profile.tradeSize,
    limitSize,
    queueSize: limitSize * QUEUE_ORDERS,
    dailyVolume: Math.round(profile.dailyVolume * activity),
  };
}

/** A size of the given mean with the heavy tail of real ones, at least one share; `bits` are eight random bits. */
export function drawSize(mean: number, bits: number): number {
  return Math.max(1, Math.round(mean * SIZE_QUANTILES[bits & 255]));
}

/** Quantiles of the log-logistic distribution with shape 1 / spread, scaled to mean 1. */
function logLogisticQuantiles(spread: number, count: number): Float64Array {
  const quantiles = Float64Array.from({ length: count }, (_, index) => {
    const probability = (index + 0.5) / count;
    return Math.exp(spread * Math.log(probability / (1 - probability)));
  });
  const mean = quantiles.reduce((sum, quantile) => sum + quantile, 0) / count;
  return quantiles.map((quantile) => quantile / mean);
}
