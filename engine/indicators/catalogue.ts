// The table of the family: name → definition by its parameters, and the set that every instrument gets.
import { atr } from './atr.ts';
import { bollingerBands } from './bollinger-bands.ts';
import { bookImbalance } from './book-imbalance.ts';
import type { IndicatorDefinition } from './definition.ts';
import { ema } from './ema.ts';
import { Fold } from './fold.ts';
import type { Indicator } from './indicator.ts';
import { macd } from './macd.ts';
import { obv } from './obv.ts';
import { orderFlowImbalance } from './order-flow-imbalance.ts';
import { rateOfChange } from './rate-of-change.ts';
import { realisedVolatility } from './realised-volatility.ts';
import { rsi } from './rsi.ts';
import { sma } from './sma.ts';
import { vwap } from './vwap.ts';

export const CATALOGUE = {
  sma,
  ema,
  rsi,
  macd,
  bb: bollingerBands,
  atr,
  vwap,
  obv,
  roc: rateOfChange,
  rv: realisedVolatility,
  ofi: orderFlowImbalance,
  bi: bookImbalance,
} as const;

export type IndicatorKind = keyof typeof CATALOGUE;
export type IndicatorParameters<K extends IndicatorKind> = Parameters<(typeof CATALOGUE)[K]>;

/**
 * `createIndicator('sma', { period: 20 })`, `createIndicator('vwap')`.
 * @throws RangeError where a parameter makes no sense.
 */
export function createIndicator<K extends IndicatorKind>(kind: K, ...parameters: IndicatorParameters<K>): Indicator {
  const define = CATALOGUE[kind] as (...parameters: IndicatorParameters<K>) => IndicatorDefinition;
  return new Fold(define(...parameters));
}

/** The twelve with their customary parameters, in the order of the outputs on the wire. */
export function defaultIndicators(): IndicatorDefinition[] {
  return [
    sma({ period: 20 }),
    ema({ period: 20 }),
    rsi({ period: 14 }),
    macd({ fast: 12, slow: 26, signal: 9 }),
    bollingerBands({ period: 20, deviations: 2 }),
    atr({ period: 14 }),
    vwap(),
    obv(),
    rateOfChange({ period: 10 }),
    realisedVolatility({ period: 60 }),
    orderFlowImbalance({ period: 50 }),
    bookImbalance(),
  ];
}
