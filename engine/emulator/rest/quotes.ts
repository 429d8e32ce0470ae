// The quote behind a request: which instrument, at which venue, and what it has done in a year. NXT trades some stocks
// only; the unified feed shows KRX's for the others.
import { kstDate } from '../../../config/calendar.ts';
import type { MarketVenue, Quote } from '../market/simulated-market.ts';
import { dateLater } from './dates.ts';
import { parameter, type TransactionRequest, VENUES, type World } from './transaction.ts';

export interface Asked {
  readonly code: string;
  readonly venue: MarketVenue;
  readonly quote: Quote;
}

/** Undefined for a code that the market does not have, or that the venue does not trade. */
export function asked(request: TransactionRequest, { market }: World): Asked | undefined {
  const code = parameter(request, 'FID_INPUT_ISCD');
  return askedAt(market, code, VENUES[parameter(request, 'FID_COND_MRKT_DIV_CODE')]);
}

export function askedAt(market: World['market'], code: string, wanted: MarketVenue): Asked | undefined {
  if (!market.has(code)) return undefined;
  const { nxt } = market.instrument(code);
  if (!nxt && wanted === 'NXT') return undefined;
  const venue = nxt ? wanted : 'KRX';
  return { code, venue, quote: market.quote(code, venue) };
}

export interface YearRange {
  readonly highWon: number;
  readonly highDate: number;
  readonly lowWon: number;
  readonly lowDate: number;
}

const RANGES_MAX = 4_096;
const ranges = new WeakMap<World['market'], Map<string, { date: number; range: YearRange }>>();

/** Highest and lowest price of the closed days of a year; of today where there are none. Computed once a day. */
export function yearRange(market: World['market'], quote: Quote): YearRange {
  const known = ranges.get(market) ?? new Map<string, { date: number; range: YearRange }>();
  ranges.set(market, known);
  const entry = known.get(quote.code);
  if (entry?.date === quote.businessDate) return entry.range;
  const range = computedRange(market, quote);
  known.set(quote.code, { date: quote.businessDate, range });
  if (known.size > RANGES_MAX) known.delete(known.keys().next().value!);
  return range;
}

function computedRange(market: World['market'], quote: Quote): YearRange {
  const date = quote.businessDate;
  let range: YearRange = { highWon: quote.highWon, highDate: date, lowWon: quote.lowWon, lowDate: date };
  for (const bar of market.dailyBars(quote.code, 'KRX', dateLater(date, -364), dateLater(date, -1), true)) {
    const barDate = kstDate(bar.startUs);
    if (bar.highWon > range.highWon) range = { ...range, highWon: bar.highWon, highDate: barDate };
    if (range.lowWon === 0 || bar.lowWon < range.lowWon) range = { ...range, lowWon: bar.lowWon, lowDate: barDate };
  }
  return range;
}
