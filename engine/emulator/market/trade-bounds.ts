// The prices at which an order would set off a volatility interruption, as bounds that order flow checks at each level it
// takes: the rules of `config/volatility-interruption.ts` solved for the price.
import type { Instrument } from '../../../config/instruments.ts';
import { dynamicThresholds, VOLATILITY_INTERRUPTION_RULES } from '../../../config/volatility-interruption.ts';

/** An order stops at the first price at or beyond a bound. */
export interface TradeBounds {
  /** Percent of the last trade's price; Infinity for none. */
  readonly dynamicPercent: number;
  readonly staticLowerWon: number;
  readonly staticUpperWon: number;
}

export const NO_BOUNDS: TradeBounds = {
  dynamicPercent: Number.POSITIVE_INFINITY,
  staticLowerWon: 0,
  staticUpperWon: Number.POSITIVE_INFINITY,
};

/** Bounds in continuous trading, where the reference is the last auction's price; none where it is 0. */
export function tradeBounds({ kind, kospi200 }: Instrument, referenceWon: number, date: number): TradeBounds {
  const { dynamic, static: still, exemptKinds } = VOLATILITY_INTERRUPTION_RULES;
  if (referenceWon === 0 || exemptKinds.includes(kind) || date < dynamic.effectiveFrom) return NO_BOUNDS;
  const percent = date < still.effectiveFrom ? Number.POSITIVE_INFINITY : still.percent;
  return {
    dynamicPercent: dynamicThresholds(kospi200).continuousPercent,
    staticLowerWon: percent === Number.POSITIVE_INFINITY ? 0 : (referenceWon * (100 - percent)) / 100,
    staticUpperWon: (referenceWon * (100 + percent)) / 100,
  };
}
