// The venues whose records the engine knows: where each lies, what its prices are quoted in and how finely they are kept.

/** UN is the unified feed of KRX and NXT, KFE the exchange's index futures; the others are overseas, by KIS's own keys. */
export const VENUES = [
  'KRX',
  'NXT',
  'UN',
  'KFE',
  'NAS',
  'NYS',
  'AMS',
  'HKS',
  'TSE',
  'SHS',
  'SZS',
  'HNX',
  'HSX',
] as const;
export type Venue = (typeof VENUES)[number];

export type Zone = 'Seoul' | 'New York' | 'Hong Kong' | 'Tokyo' | 'Shanghai' | 'Ho Chi Minh City';

export interface VenueFacts {
  readonly name: string;
  readonly zone: Zone;
  /** Of prices and turnover; futures are quoted in index points. */
  readonly currency: 'KRW' | 'USD' | 'HKD' | 'JPY' | 'CNY' | 'VND' | 'points';
  /** A price is kept as an integer, in so many parts of its unit. */
  readonly priceScale: 100 | 10_000;
}

/** Scale of prices in won: midpoints fall on half a won. */
const WON = { zone: 'Seoul', currency: 'KRW', priceScale: 100 } as const;
const DOLLAR = { zone: 'New York', currency: 'USD', priceScale: 10_000 } as const;

export const VENUE_FACTS: Readonly<Record<Venue, VenueFacts>> = {
  KRX: { name: 'Korea Exchange', ...WON },
  NXT: { name: 'Nextrade', ...WON },
  UN: { name: 'Korea Exchange and Nextrade, unified', ...WON },
  KFE: { name: 'Korea Exchange, index futures', zone: 'Seoul', currency: 'points', priceScale: 100 },
  NAS: { name: 'Nasdaq', ...DOLLAR },
  NYS: { name: 'New York Stock Exchange', ...DOLLAR },
  AMS: { name: 'NYSE American', ...DOLLAR },
  HKS: { name: 'Hong Kong', zone: 'Hong Kong', currency: 'HKD', priceScale: 10_000 },
  TSE: { name: 'Tokyo', zone: 'Tokyo', currency: 'JPY', priceScale: 10_000 },
  SHS: { name: 'Shanghai', zone: 'Shanghai', currency: 'CNY', priceScale: 10_000 },
  SZS: { name: 'Shenzhen', zone: 'Shanghai', currency: 'CNY', priceScale: 10_000 },
  HNX: { name: 'Hanoi', zone: 'Ho Chi Minh City', currency: 'VND', priceScale: 10_000 },
  HSX: { name: 'Ho Chi Minh City', zone: 'Ho Chi Minh City', currency: 'VND', priceScale: 10_000 },
};

/** In how many parts of its unit a price of this venue is kept. */
export function priceScaleOf(venue: Venue): number {
  return VENUE_FACTS[venue].priceScale;
}

/** Venues that follow the calendar of KRX. */
export function isKorean(venue: Venue): boolean {
  return VENUE_FACTS[venue].zone === 'Seoul';
}

/** KRX, NXT and both: what the rules of this market hold for. */
export function isDomestic(venue: Venue): venue is 'KRX' | 'NXT' | 'UN' {
  return venue === 'KRX' || venue === 'NXT' || venue === 'UN';
}

/** In how many parts of its unit turnover is counted: overseas in hundredths, of index futures in thousands of won. */
export function turnoverScaleOf(venue: Venue): number {
  if (isDomestic(venue)) return 1;
  return venue === 'KFE' ? 1 / 1000 : 100;
}
