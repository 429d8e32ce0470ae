// Reference data as they are asked of KIS and KRX: each function is one task, gives one reference, and keeps no state.
// When, how often and for whom is the loader's matter.
import { type CalendarOverrides, kstDate, kstToUtcUs } from '../../config/calendar.ts';
import type { SessionVenue } from '../../config/sessions.ts';
import type { KisRestClient } from '../sources/kis/rest/client.ts';
import { dailyBars } from '../sources/kis/rest/daily-bars.ts';
import { holidays } from '../sources/kis/rest/holidays.ts';
import { KisRestError } from '../sources/kis/rest/kis-rest-error.ts';
import { MasterFileError } from '../sources/kis/rest/masters.ts';
import { minuteBars } from '../sources/kis/rest/minute-bars.ts';
import { ifKnown, type KisQuote, MULTI_QUOTE_CODES_MAX, quotes, stockInfo } from '../sources/kis/rest/quotations.ts';
import { HOLIDAYS, MINUTE_BARS_PAST, STOCK_INFO } from '../sources/kis/rest/transactions.ts';
import type { KrxClient } from '../sources/krx/krx-client.ts';
import { instrumentChanges } from './instrument-changes.ts';
import type {
  CalendarReference,
  DailyCloseReference,
  InstrumentReference,
  InstrumentsReference,
  MinuteBarsReference,
} from './reference.ts';
import { tradingDayBefore } from './schedule.ts';

export interface ReferenceSources {
  readonly kis: KisRestClient;
  /** Null without a key of the exchange. */
  readonly krx: KrxClient | null;
  /** `downloadMasters` of the address that is configured. */
  readonly masters: (closing: AbortSignal) => Promise<readonly InstrumentReference[]>;
}

/** Fewer bars than this do not warm the slower indicators: the day before helps out. */
const WARM_BARS_MIN = 60;
const DAY_SECONDS = 86_400;

/** @throws KisRestError, `not_on_paper` on paper: our own calendar then holds */
export function loadCalendar({ kis }: ReferenceSources, date: number): Promise<CalendarReference> {
  if (!kis.offers(HOLIDAYS)) return Promise.reject(new KisRestError('not_on_paper', HOLIDAYS.trId));
  return holidays(kis, date);
}

/**
 * What the masters say; NXT as the day before had it, limits not yet.
 * @throws MasterFileError, `too_few` where most of the day before's are gone
 */
export async function loadInstruments(
  { masters }: ReferenceSources,
  date: number,
  before: InstrumentsReference | null,
  closing: AbortSignal,
): Promise<InstrumentsReference> {
  const nxtCodes = new Set(before?.instruments.filter(({ nxt }) => nxt).map(({ code }) => code));
  const instruments = (await masters(closing)).map((one) => ({ ...one, nxt: nxtCodes.has(one.code) }));
  // No market loses half of its stocks in a night: the file was written in part.
  if (before !== null && instruments.length * 2 < before.instruments.length)
    throw new MasterFileError(
      'all',
      'too_few',
      `${instruments.length} instruments, ${before.instruments.length} before`,
    );
  const changes = instrumentChanges(before?.instruments ?? null, instruments);
  return { kind: 'instruments', date, source: 'KIS', instruments, ...changes };
}

/** Part of the way is better than none: what was learned before the error stands beside it. */
export interface Completion {
  readonly reference: InstrumentsReference;
  readonly failure: KisRestError | null;
}

/** Base price, limits and NXT of these codes, most important first. */
export async function completeInstruments(
  { kis }: ReferenceSources,
  reference: InstrumentsReference,
  codes: readonly string[],
): Promise<Completion> {
  const quoteOf = new Map<string, KisQuote>();
  const nxtOf = new Map<string, boolean>();
  let failure: KisRestError | null = null;
  try {
    for (let start = 0; start < codes.length; start += MULTI_QUOTE_CODES_MAX)
      for (const one of await quotes(kis, codes.slice(start, start + MULTI_QUOTE_CODES_MAX), 'KRX'))
        quoteOf.set(one.code, one);
    // Paper has no feed of NXT either.
    for (const code of kis.offers(STOCK_INFO) ? codes : []) {
      const info = await ifKnown(() => stockInfo(kis, code));
      if (info !== undefined) nxtOf.set(code, info.nxt);
    }
  } catch (error) {
    if (!(error instanceof KisRestError)) throw error;
    failure = error;
  }
  const instruments = reference.instruments.map((one) => {
    const quote = quoteOf.get(one.code);
    return {
      ...one,
      basePriceWon: quote?.basePriceWon || one.basePriceWon,
      upperLimitWon: quote?.upperLimitWon ?? one.upperLimitWon,
      lowerLimitWon: quote?.lowerLimitWon ?? one.lowerLimitWon,
      nxt: nxtOf.get(one.code) ?? one.nxt,
    };
  });
  return { reference: { ...reference, instruments }, failure };
}

/**
 * Closing price and volume at a venue: of today by quotes, of a day that is over by daily bars.
 * @throws KisRestError, `day_over` where the day ended while they were asked
 */
export async function loadCloses(
  { kis }: ReferenceSources,
  venue: SessionVenue,
  date: number,
  codes: readonly string[],
  nowUs: () => number,
): Promise<DailyCloseReference> {
  const rows: DailyCloseReference['rows'][number][] = [];
  if (kstDate(nowUs()) === date) {
    // A venue that does not trade the stock answers with zeros.
    for (const { code, priceWon, volume, turnoverWon } of await quotes(kis, codes, venue))
      if (priceWon > 0) rows.push({ code, closeWon: priceWon, volume, turnoverWon });
    // A quote of the next day's morning is no close.
    if (kstDate(nowUs()) !== date) throw new KisRestError('day_over', 'closes');
  } else {
    for (const code of codes) {
      const found = await ifKnown(() => dailyBars(kis, { code, venue, from: date, to: date, prices: 'raw' }));
      const bar = found?.at(0);
      if (bar !== undefined) rows.push({ code, closeWon: bar.close, volume: bar.volume, turnoverWon: bar.turnoverWon });
    }
  }
  return { kind: 'daily_close', source: 'KIS', venue, date, rows };
}

/**
 * Minute bars up to now: today's, and the day before's in front of them where they are few and the environment has them.
 * @throws KisRestError
 */
export async function loadWarmBars(
  { kis }: ReferenceSources,
  { code, venue }: { readonly code: string; readonly venue: SessionVenue },
  nowUs: number,
  calendar: CalendarOverrides,
): Promise<MinuteBarsReference> {
  const today = kstDate(nowUs);
  const bars = await minuteBars(kis, { code, venue, fromUs: kstToUtcUs(today, 0), toUs: nowUs, nowUs });
  const before = tradingDayBefore(today, calendar);
  if (bars.length < WARM_BARS_MIN && before !== null && kis.offers(MINUTE_BARS_PAST)) {
    const [fromUs, toUs] = [kstToUtcUs(before, 0), kstToUtcUs(before, DAY_SECONDS)];
    bars.unshift(...(await minuteBars(kis, { code, venue, fromUs, toUs, nowUs })));
  }
  return { kind: 'minute_bars', code, venue, purpose: 'warm', bars };
}

/** @throws KisRestError, `not_on_paper` for a day that is over */
export async function loadFill(
  { kis }: ReferenceSources,
  gap: { readonly code: string; readonly venue: SessionVenue; readonly fromUs: number; readonly toUs: number },
  nowUs: number,
): Promise<MinuteBarsReference> {
  const { code, venue } = gap;
  return { kind: 'minute_bars', code, venue, purpose: 'fill', bars: await minuteBars(kis, { ...gap, nowUs }) };
}
