// Market rules as data: what may be traded at which price and in which lots, since when, and where it is written. Used by
// quality checks and by the simulated market alike; what follows from them for one price is `tick-table.ts`.

/** ETFs, ETNs and ELWs have ticks of their own. */
export type SecurityKind = 'stock' | 'etf' | 'etn' | 'elw';
export type Market = 'KOSPI' | 'KOSDAQ' | 'KONEX';
/** How an instrument trades on a day: most do as ever. `liquidation` is 정리매매. */
export type TradingRegime = 'ordinary' | 'first_day' | 'liquidation';

/** Stands for "as it is now" where a date YYYYMMDD is asked for. */
export const LATEST = 99_991_231;

/** From `fromWon` on (up to the next row) a price is a multiple of `tickWon`. */
export interface TickRow {
  readonly fromWon: number;
  readonly tickWon: number;
}

/** A rule, the kinds and markets it is for, and its first day; the last one that fits a date holds. */
export interface DatedRule {
  readonly kinds: readonly SecurityKind[];
  readonly markets: readonly Market[];
  /** YYYYMMDD; 0: as far back as there are records. */
  readonly effectiveFrom: number;
  readonly source: string;
}

export interface TickTable extends DatedRule {
  readonly rows: readonly TickRow[];
}

export interface PriceLimitRule extends DatedRule {
  readonly regime: TradingRegime;
  /** Percent of the base price that a price may have. Null: there is no limit. */
  readonly percent: { readonly lower: number; readonly upper: number } | null;
}

export interface LotRule extends DatedRule {
  /** Lots by base price, as the rows of a tick table. */
  readonly rows: readonly { readonly fromWon: number; readonly shares: number }[];
}

const ALL_MARKETS: readonly Market[] = ['KOSPI', 'KOSDAQ', 'KONEX'];
const ALL_KINDS: readonly SecurityKind[] = ['stock', 'etf', 'etn', 'elw'];

const STOCKS_2010 = [
  { fromWon: 0, tickWon: 1 },
  { fromWon: 1_000, tickWon: 5 },
  { fromWon: 5_000, tickWon: 10 },
  { fromWon: 10_000, tickWon: 50 },
  { fromWon: 50_000, tickWon: 100 },
];

/** Oldest first. */
export const TICK_TABLES: readonly TickTable[] = [
  {
    kinds: ['stock'],
    markets: ['KOSPI'],
    effectiveFrom: 0,
    source: 'KOSPI Market Business Regulations, in force 2010-10-04 to 2023-01-20; older dates are not covered',
    rows: [...STOCKS_2010, { fromWon: 100_000, tickWon: 500 }, { fromWon: 500_000, tickWon: 1_000 }],
  },
  {
    kinds: ['stock'],
    markets: ['KOSDAQ', 'KONEX'],
    effectiveFrom: 0,
    source: 'KOSDAQ Market Business Regulations, in force 2010-10-04 to 2023-01-20; older dates are not covered',
    rows: STOCKS_2010,
  },
  {
    kinds: ['etf', 'etn', 'elw'],
    markets: ALL_MARKETS,
    effectiveFrom: 0,
    source: 'KOSPI Market Business Regulations, detailed rules: one tick at every price',
    rows: [{ fromWon: 0, tickWon: 5 }],
  },
  {
    kinds: ['stock'],
    markets: ALL_MARKETS,
    effectiveFrom: 20230125,
    source: 'KRX Business Regulations, tick sizes unified on 2023-01-25',
    rows: [
      { fromWon: 0, tickWon: 1 },
      { fromWon: 2_000, tickWon: 5 },
      { fromWon: 5_000, tickWon: 10 },
      { fromWon: 20_000, tickWon: 50 },
      { fromWon: 50_000, tickWon: 100 },
      { fromWon: 200_000, tickWon: 500 },
      { fromWon: 500_000, tickWon: 1_000 },
    ],
  },
  {
    kinds: ['etf', 'etn'],
    markets: ALL_MARKETS,
    effectiveFrom: 20231211,
    source: 'KRX announcement of 2023-10-05 for December 2023 (the press names different days of that month)',
    rows: [
      { fromWon: 0, tickWon: 1 },
      { fromWon: 2_000, tickWon: 5 },
    ],
  },
];

/** Mid-price orders: a trade may lie half way between two prices of the book. */
export const MIDPOINT_ORDERS = {
  effectiveFrom: 20250304,
  source: 'KRX and Nextrade Business Regulations, mid-price orders at the start of Nextrade on 2025-03-04',
} as const;

/**
 * Limits of leveraged ETFs and ETNs are wider by their multiple, which no master tells: for them the limits that KIS
 * states hold.
 */
export const PRICE_LIMIT_RULES: readonly PriceLimitRule[] = [
  {
    regime: 'ordinary',
    kinds: ['stock', 'etf', 'etn'],
    markets: ['KOSPI', 'KOSDAQ'],
    effectiveFrom: 0,
    source: 'KRX Business Regulations: ±15 % (KOSPI since 1998-12-07, KOSDAQ since 2005-03-28)',
    percent: { lower: 85, upper: 115 },
  },
  {
    regime: 'ordinary',
    kinds: ['stock', 'etf', 'etn'],
    markets: ['KOSPI', 'KOSDAQ'],
    effectiveFrom: 20150615,
    source: 'KRX Business Regulations, ±30 % since 2015-06-15',
    percent: { lower: 70, upper: 130 },
  },
  {
    regime: 'ordinary',
    kinds: ['stock'],
    markets: ['KONEX'],
    effectiveFrom: 0,
    source: 'KONEX Market Business Regulations, ±15 %',
    percent: { lower: 85, upper: 115 },
  },
  {
    regime: 'first_day',
    kinds: ALL_KINDS,
    markets: ALL_MARKETS,
    effectiveFrom: 0,
    source:
      'KRX Business Regulations until 2023-06-23: opening at 90–200 % of the issue price, then ±30 % of the opening',
    percent: { lower: 63, upper: 260 },
  },
  {
    regime: 'first_day',
    kinds: ALL_KINDS,
    markets: ALL_MARKETS,
    effectiveFrom: 20230626,
    source: 'KRX Business Regulations, detailed rules since 2023-06-26: 60–400 % of the issue price',
    percent: { lower: 60, upper: 400 },
  },
  {
    regime: 'liquidation',
    kinds: ALL_KINDS,
    markets: ALL_MARKETS,
    effectiveFrom: 0,
    source: 'KRX Business Regulations: no limits in liquidation trading',
    percent: null,
  },
  {
    regime: 'ordinary',
    kinds: ['elw'],
    markets: ALL_MARKETS,
    effectiveFrom: 0,
    source: 'KOSPI Market Business Regulations: no limits for equity-linked warrants',
    percent: null,
  },
];

export const LOT_RULES: readonly LotRule[] = [
  {
    kinds: ['stock'],
    markets: ['KOSPI'],
    effectiveFrom: 0,
    source: 'KOSPI Market Business Regulations, 2006-06 to 2014-05-30',
    rows: [
      { fromWon: 0, shares: 10 },
      { fromWon: 50_000, shares: 1 },
    ],
  },
  {
    kinds: ['stock'],
    markets: ['KOSDAQ'],
    effectiveFrom: 0,
    source: 'KOSDAQ Market Business Regulations',
    rows: [{ fromWon: 0, shares: 1 }],
  },
  {
    kinds: ['stock'],
    markets: ['KONEX'],
    effectiveFrom: 0,
    source: 'KONEX Market Business Regulations, 2013-07-01 to 2014-11-14',
    rows: [{ fromWon: 0, shares: 100 }],
  },
  {
    kinds: ['etf', 'etn'],
    markets: ALL_MARKETS,
    effectiveFrom: 0,
    source: 'KOSPI Market Business Regulations',
    rows: [{ fromWon: 0, shares: 1 }],
  },
  {
    kinds: ['elw'],
    markets: ALL_MARKETS,
    effectiveFrom: 0,
    source: 'KOSPI Market Business Regulations',
    rows: [{ fromWon: 0, shares: 10 }],
  },
  {
    kinds: ['stock'],
    markets: ['KOSPI'],
    effectiveFrom: 20140602,
    source: 'KRX announcement of 2014-05-12: single shares at every price',
    rows: [{ fromWon: 0, shares: 1 }],
  },
  {
    kinds: ['stock'],
    markets: ['KONEX'],
    effectiveFrom: 20141117,
    source: 'KRX, KONEX: single shares since 2014-11-17',
    rows: [{ fromWon: 0, shares: 1 }],
  },
];

/** The rule in force on a date. Throws a RangeError where the tables have none: every kind and market must have one. */
export function ruleOn<Rule extends DatedRule>(
  rules: readonly Rule[],
  kind: SecurityKind,
  date: number = LATEST,
  market: Market = 'KOSPI',
): Rule {
  const rule = rules.findLast(
    ({ kinds, markets, effectiveFrom }) => effectiveFrom <= date && kinds.includes(kind) && markets.includes(market),
  );
  if (rule === undefined) throw new RangeError(`no rule for ${kind} on ${market} on ${date}`);
  return rule;
}

/** Smallest quantity of an order, and unit of all, in shares; `baseWon` is the day's base price. */
export function lotSize(
  kind: SecurityKind = 'stock',
  date: number = LATEST,
  market: Market = 'KOSPI',
  baseWon = 0,
): number {
  return ruleOn(LOT_RULES, kind, date, market).rows.findLast(({ fromWon }) => fromWon <= baseWon)!.shares;
}

/** What a price may be, percent of its base; null where there is no limit. */
export function priceLimitPercent(
  kind: SecurityKind = 'stock',
  date: number = LATEST,
  market: Market = 'KOSPI',
  regime: TradingRegime = 'ordinary',
): PriceLimitRule['percent'] {
  const rules = PRICE_LIMIT_RULES.filter((rule) => rule.regime === regime);
  return ruleOn(rules, kind, date, market).percent;
}
