// What is listed from day to day: the market's instruments, and what a test lists, renames or delists beside them. It
// stands behind masters and product information only: a stock that is listed here trades nowhere.
import { z } from 'zod';
import type { Instrument, Sector } from '../../../config/instruments.ts';
import type { SecurityKind } from '../../../config/market-rules.ts';
import type { SimulatedMarket } from '../market/simulated-market.ts';

export type ListingMarket = 'KOSPI' | 'KOSDAQ' | 'KONEX';

export interface Listing {
  readonly code: string;
  readonly nameKo: string;
  readonly nameEn: string;
  readonly market: ListingMarket;
  readonly kind: SecurityKind;
  readonly sector: Sector;
  readonly kospi200: boolean;
  readonly nxt: boolean;
  readonly listedShares: number;
  /** YYYYMMDD. */
  readonly listedDate: number;
  /** 0 while it is listed. */
  readonly delistedDate: number;
  /** 정리매매: the last days before a delisting. */
  readonly liquidation: boolean;
  /** Where the market does not know the instrument. */
  readonly basePriceWon: number;
}

/** Holds from its date on; from now on where there is none. */
export type ListingChange =
  | {
      readonly type: 'list';
      readonly date?: number;
      readonly code: string;
      readonly nameKo: string;
      readonly nameEn?: string;
      readonly market?: ListingMarket;
      readonly kind?: SecurityKind;
      readonly nxt?: boolean;
      readonly basePriceWon?: number;
      readonly listedShares?: number;
    }
  | { readonly type: 'delist' | 'liquidate'; readonly date?: number; readonly code: string }
  | { readonly type: 'rename'; readonly date?: number; readonly code: string; readonly nameKo: string };

const CHANGES_MAX = 10_000;
const LISTED_LONG_AGO = 20000104;
const LISTED_SHARES = 10_000_000;
const BASE_PRICE_WON = 10_000;

const date = z.int().min(20_000_101).max(20_991_231).exactOptional();
const code = z.string().regex(/^[0-9A-Z]{6,7}$/, 'code is six or seven digits or capitals');
/** As many Korean letters as the masters have room for. */
const nameKo = z.string().min(1, 'nameKo has 1 to 20 characters').max(20, 'nameKo has 1 to 20 characters');
const won = z.int().min(1).exactOptional();

const listingChange = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('list'),
    date,
    code,
    nameKo,
    nameEn: z.string().min(1).max(60).exactOptional(),
    market: z.enum(['KOSPI', 'KOSDAQ', 'KONEX']).exactOptional(),
    kind: z.enum(['stock', 'etf', 'etn', 'elw']).exactOptional(),
    nxt: z.boolean().exactOptional(),
    basePriceWon: won,
    listedShares: won,
  }),
  z.strictObject({ type: z.enum(['delist', 'liquidate']), date, code }),
  z.strictObject({ type: z.literal('rename'), date, code, nameKo }),
]);

/** The change, or in words what is wrong with it. */
export function parseListingChange(value: unknown): ListingChange | string {
  const parsed = listingChange.safeParse(value);
  if (parsed.success) return parsed.data as ListingChange;
  const [{ path, message }] = parsed.error.issues;
  return [...path, message].join(': ');
}

export class Listings {
  private readonly market: SimulatedMarket;
  private readonly changes: (ListingChange & { readonly date: number })[] = [];
  private latest: { date: number; revision: number; listings: ReadonlyMap<string, Listing> } | undefined;

  constructor(market: SimulatedMarket) {
    this.market = market;
  }

  /** Rises with each change. */
  get revision(): number {
    return this.changes.length;
  }

  /** Throws a RangeError for what cannot be. */
  change(change: ListingChange): void {
    const reason = this.refusal(change);
    if (reason !== undefined) throw new RangeError(reason);
    this.changes.push({ ...change, date: change.date ?? this.market.businessDate });
    this.changes.sort((one, other) => one.date - other.date);
  }

  /** All that is, or ever was, listed by the date, by code. */
  on(date: number): ReadonlyMap<string, Listing> {
    if (this.latest?.date !== date || this.latest.revision !== this.revision) {
      this.latest = { date, revision: this.revision, listings: this.listingsOn(date) };
    }
    return this.latest.listings;
  }

  /** What is listed on the date. */
  listedOn(date: number): readonly Listing[] {
    return [...this.on(date).values()].filter(({ delistedDate }) => delistedDate === 0);
  }

  private listingsOn(date: number): ReadonlyMap<string, Listing> {
    const listings = new Map(this.market.codes.map((code) => [code, listingOf(this.market.instrument(code))]));
    for (const change of this.changes) {
      if (change.date > date) break;
      const known = listings.get(change.code);
      const changed = change.type === 'list' ? newListing(change) : known && changedListing(known, change);
      if (changed !== undefined) listings.set(change.code, changed);
    }
    return listings;
  }

  private refusal(change: ListingChange): string | undefined {
    if (this.changes.length >= CHANGES_MAX) return `at most ${CHANGES_MAX} changes`;
    const listed = this.on(change.date ?? this.market.businessDate).get(change.code);
    const isListed = listed !== undefined && listed.delistedDate === 0;
    if (change.type === 'list') return isListed ? `${change.code} is listed` : undefined;
    return isListed ? undefined : `${change.code} is not listed`;
  }
}

function listingOf(instrument: Instrument): Listing {
  return {
    code: instrument.code,
    nameKo: instrument.nameKo,
    nameEn: instrument.nameEn,
    market: instrument.market,
    kind: 'stock',
    sector: instrument.sector,
    kospi200: instrument.kospi200,
    nxt: instrument.nxt,
    listedShares: instrument.listedShares,
    listedDate: LISTED_LONG_AGO,
    delistedDate: 0,
    liquidation: false,
    basePriceWon: instrument.referencePriceWon,
  };
}

function newListing(change: ListingChange & { readonly type: 'list'; readonly date: number }): Listing {
  return {
    code: change.code,
    nameKo: change.nameKo,
    nameEn: change.nameEn ?? change.nameKo,
    market: change.market ?? 'KOSDAQ',
    kind: change.kind ?? 'stock',
    sector: 'industrials',
    kospi200: false,
    nxt: change.nxt ?? false,
    listedShares: change.listedShares ?? LISTED_SHARES,
    listedDate: change.date,
    delistedDate: 0,
    liquidation: false,
    basePriceWon: change.basePriceWon ?? BASE_PRICE_WON,
  };
}

function changedListing(
  known: Listing,
  change: Exclude<ListingChange, { type: 'list' }> & { readonly date: number },
): Listing {
  switch (change.type) {
    case 'rename':
      return { ...known, nameKo: change.nameKo };
    case 'liquidate':
      return { ...known, liquidation: true };
    case 'delist':
      return { ...known, delistedDate: change.date };
  }
}
