// The instruments the shipped configuration knows. Names and codes are real; `referencePriceWon` and `listedShares` are
// rounded numbers of a plausible size that the simulated market starts from. They are no quotes and nothing to trade on.

export const SECTORS = [
  'semiconductors',
  'battery',
  'bio',
  'auto',
  'finance',
  'internet',
  'materials',
  'industrials',
  'energy',
  'electronics',
  'consumer',
  'telecom',
] as const;
export type Sector = (typeof SECTORS)[number];

export interface Instrument {
  /** Short code, six characters, may be alphanumeric. */
  readonly code: string;
  readonly nameKo: string;
  readonly nameEn: string;
  readonly market: 'KOSPI' | 'KOSDAQ';
  readonly sector: Sector;
  readonly kospi200: boolean;
  /** Tradable on NXT too: only then do the NXT and unified feeds deliver it. */
  readonly nxt: boolean;
  readonly referencePriceWon: number;
  readonly listedShares: number;
}
