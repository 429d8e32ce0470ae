// What stops trading by rule: volatility interruptions of one stock, circuit breakers of a whole market, and sidecars that
// hold back programme trading. As data, with sources, and the arithmetic that says whether a price would set one off.
import type { SecurityKind } from './market-rules.ts';

/** How far a price may be from its reference, percent; at or beyond it the interruption begins. */
export interface DynamicThresholds {
  readonly continuousPercent: number;
  readonly closingAuctionPercent: number;
}

export const VOLATILITY_INTERRUPTION_RULES = {
  source: 'KRX Business Regulations, detailed rules on volatility interruptions',
  /** Against the last trade. */
  dynamic: {
    effectiveFrom: 20140901,
    /** KOSPI200 members, and ETFs and ETNs of that index. */
    kospi200: { continuousPercent: 3, closingAuctionPercent: 2 },
    other: { continuousPercent: 6, closingAuctionPercent: 4 },
  },
  /** Against the price of the last auction (VI_STND_PRC). */
  static: { effectiveFrom: 20150615, percent: 10 },
  /** A call auction of so long, and a random end up to so late. */
  auctionSeconds: 120,
  randomEndSecondsMax: 30,
  /** Nextrade holds the auction too since then; before, it only stood still while KRX did. */
  nextradeAuctionFrom: 20260914,
  /** Kinds that have none. Liquidation trading and single-price trading of overheated stocks have none either. */
  exemptKinds: ['elw'] as readonly SecurityKind[],
} as const;

/** Falls of a market's index against its previous close that hold for a minute. */
export const CIRCUIT_BREAKER_RULES = {
  source: 'KRX Business Regulations, three steps since 2015-06-15',
  effectiveFrom: 20150615,
  steps: [
    { fallPercent: 8, haltSeconds: 1200, auctionSeconds: 600 },
    { fallPercent: 15, haltSeconds: 1200, auctionSeconds: 600 },
    /** The day is over. */
    { fallPercent: 20, haltSeconds: null, auctionSeconds: 0 },
  ],
  holdsForSeconds: 60,
} as const;

/** Moves of the index future against its previous close that hold for a minute; once a day. */
export const SIDECAR_RULES = {
  source: 'KRX Business Regulations: KOSPI200 future ±5 %; KOSDAQ150 future ±6 % with its index ±3 %',
  KOSPI: { futurePercent: 5, indexPercent: 0 },
  KOSDAQ: { futurePercent: 6, indexPercent: 3 },
  holdsForSeconds: 60,
  /** Programme orders of that side wait so long. */
  haltSeconds: 300,
} as const;

export type VolatilityInterruption = 'dynamic' | 'static';

export function dynamicThresholds(kospi200: boolean): DynamicThresholds {
  const { dynamic } = VOLATILITY_INTERRUPTION_RULES;
  return kospi200 ? dynamic.kospi200 : dynamic.other;
}

export interface InterruptionQuestion {
  /** The price that an order would trade at, won. */
  readonly priceWon: number;
  /** The last trade; 0: none yet today. */
  readonly lastPriceWon: number;
  /** Price of the last auction, or the base price before the first one; 0: not known. */
  readonly referencePriceWon: number;
  readonly kospi200: boolean;
  readonly closingAuction?: boolean;
  readonly kind?: SecurityKind;
  /** YYYYMMDD */
  readonly date?: number;
}

/** Which interruption a price would set off; the static one where it is both. */
export function interruptionOf({
  priceWon,
  lastPriceWon,
  referencePriceWon,
  kospi200,
  closingAuction = false,
  kind = 'stock',
  date = VOLATILITY_INTERRUPTION_RULES.nextradeAuctionFrom,
}: InterruptionQuestion): VolatilityInterruption | null {
  const { dynamic, static: still, exemptKinds } = VOLATILITY_INTERRUPTION_RULES;
  if (exemptKinds.includes(kind)) return null;
  // The closing auction has no static interruption: its price becomes the reference of nothing.
  const isStatic = !closingAuction && date >= still.effectiveFrom;
  if (isStatic && isBeyond(priceWon, referencePriceWon, still.percent)) return 'static';
  const { continuousPercent, closingAuctionPercent } = dynamicThresholds(kospi200);
  const percent = closingAuction ? closingAuctionPercent : continuousPercent;
  return date >= dynamic.effectiveFrom && isBeyond(priceWon, lastPriceWon, percent) ? 'dynamic' : null;
}

function isBeyond(priceWon: number, referenceWon: number, percent: number): boolean {
  return referenceWon > 0 && Math.abs(priceWon - referenceWon) * 100 >= referenceWon * percent;
}
