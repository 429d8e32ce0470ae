// History as REST asks for it: minutes that are the exact sum of the day's trades, days that were played and days that
// were made up, and a split between two of them.
import { describe, expect, it } from 'vitest';
import { isTradingDay, kstDate, kstToUtcUs } from '../../../config/calendar.ts';
import { findInstrument, INSTRUMENTS, type Instrument } from '../../../config/instruments.ts';
import { isOnGrid, priceLimits } from '../../../config/tick-table.ts';
import { Market } from './market.ts';
import type { MarketOptions } from './market-options.ts';
import type { HistoryBar } from './simulated-market.ts';
import { drainTrades, fieldsOf } from './test-identities.ts';

const DATE = 20261123;
const NEXT = 20261124;
const CODE = '055550';
const KRX_ONLY = '011170';
const VENUES = ['KRX', 'NXT', 'UN'] as const;
const STOCKS = [CODE, KRX_ONLY].map((code) => findInstrument(code) as Instrument);
const MINUTE_US = 60_000_000;

function second(clock: string): number {
  const [hour, minute] = clock.split(':').map(Number);
  return hour * 3600 + minute * 60;
}

function marketAt(clock: string, options: Partial<MarketOptions> = {}): Market {
  const startTimeUs = kstToUtcUs(DATE, second(clock));
  return new Market({ seed: 4, instruments: STOCKS, startTimeUs, sessions: 'all', pendingTradesMax: 1e6, ...options });
}

function expectSoundBar(bar: HistoryBar): void {
  expect(bar.highWon).toBeGreaterThanOrEqual(Math.max(bar.openWon, bar.closeWon));
  expect(bar.lowWon).toBeLessThanOrEqual(Math.min(bar.openWon, bar.closeWon));
  expect(bar.volume).toBeGreaterThan(0);
  const average = bar.turnoverWon / bar.volume;
  expect(average).toBeGreaterThanOrEqual(bar.lowWon - 0.5);
  expect(average).toBeLessThanOrEqual(bar.highWon + 0.5);
}

function sumOf(bars: readonly HistoryBar[], field: 'volume' | 'turnoverWon'): number {
  return bars.reduce((sum, bar) => sum + bar[field], 0);
}

describe('minutes of today', () => {
  it('are the exact sum of the trades that were drained, at each venue', () => {
    const market = marketAt('08:00', { activity: 0.3 });
    for (const venue of VENUES) market.watch(CODE, venue, true);
    market.advanceTo(kstToUtcUs(DATE, second('09:40')) + 30_000_000);
    for (const venue of VENUES) {
      const expected = new Map<number, HistoryBar>();
      for (const record of drainTrades(market, CODE, venue)) {
        const field = fieldsOf(record);
        const clock = field[1];
        const startUs = kstToUtcUs(DATE, Math.floor(clock / 10_000) * 3600 + (Math.floor(clock / 100) % 100) * 60);
        const [price, size] = [field[2], field[12]];
        const bar = expected.get(startUs);
        expected.set(startUs, {
          startUs,
          openWon: bar?.openWon ?? price,
          highWon: Math.max(bar?.highWon ?? 0, price),
          lowWon: Math.min(bar?.lowWon ?? Number.POSITIVE_INFINITY, price),
          closeWon: price,
          volume: (bar?.volume ?? 0) + size,
          turnoverWon: (bar?.turnoverWon ?? 0) + size * price,
        });
      }
      expect(expected.size).toBeGreaterThan(30);
      expect(market.minuteBars(CODE, venue, DATE)).toEqual([...expected.values()]);
    }
    expect(market.minuteBars(KRX_ONLY, 'NXT', DATE)).toEqual([]);
    expect(market.minuteBars(KRX_ONLY, 'UN', DATE)).toEqual(market.minuteBars(KRX_ONLY, 'KRX', DATE));
  });

  it.each(['regular', 'all'] as const)(
    'reach back to the begin of the day where the market starts within it (%s)',
    (sessions) => {
      const market = marketAt('14:00', { sessions });
      for (const venue of VENUES) {
        const bars = market.minuteBars(CODE, venue, DATE);
        const quote = market.quote(CODE, venue);
        for (const bar of bars) expectSoundBar(bar);
        expect(sumOf(bars, 'volume')).toBe(quote.volume);
        expect(sumOf(bars, 'turnoverWon')).toBe(quote.turnoverWon);
        const begin = sessions === 'all' && venue !== 'KRX' ? '08:00' : '09:00';
        // NXT begins half a minute after KRX.
        const lateUs = bars[0].startUs - kstToUtcUs(DATE, second(begin));
        expect(lateUs).toBeGreaterThanOrEqual(0);
        expect(lateUs).toBeLessThanOrEqual(sessions === 'regular' && venue === 'NXT' ? MINUTE_US : 0);
        expect(bars[0].openWon).toBe(quote.openWon);
        expect(Math.max(...bars.map((bar) => bar.highWon))).toBe(quote.highWon);
      }
      expect(market.minuteBars(CODE, 'KRX', DATE).length).toBeGreaterThan(290);
    },
  );

  it('come with the newest prints, newest first', () => {
    const market = marketAt('10:00');
    market.watch(CODE, 'UN', true);
    market.advanceBy(2 * MINUTE_US);
    const drained = drainTrades(market, CODE, 'UN').map(fieldsOf).reverse();
    const recent = market.recentTrades(CODE, 'UN', 30);
    expect(recent.map((one) => [one.priceWon, one.size, one.volume])).toEqual(
      drained.slice(0, 30).map((field) => [field[2], field[12], field[13]]),
    );
    expect(new Set(recent.map(({ side }) => side)).size).toBeGreaterThan(1);
    expect(market.recentTrades(CODE, 'KRX', 1_000).length).toBe(100);
    for (const { askWon, bidWon } of market.recentTrades(CODE, 'KRX', 20)) expect(askWon).toBeGreaterThan(bidWon);
  });
});

describe('days before the start', () => {
  it('are the same whoever asks, on the grid, within limits, and end at the base price', () => {
    const market = marketAt('10:00', { instruments: INSTRUMENTS });
    for (const { code, market: board, nxt } of INSTRUMENTS) {
      const bars = market.dailyBars(code, 'KRX', 20260901, DATE, false);
      expect(bars.length).toBe(55);
      expect(bars.slice(-5)).toEqual(market.dailyBars(code, 'KRX', 20261116, 20261120, true));
      expect(bars[bars.length - 1].closeWon).toBe(market.quote(code).previousCloseWon);
      expect(bars[bars.length - 1].volume).toBe(market.quote(code).previousVolume);
      for (const [at, bar] of bars.entries()) {
        expectSoundBar(bar);
        expect(isTradingDay(kstDate(bar.startUs))).toBe(true);
        if (at === 0) continue;
        const { lower, upper } = priceLimits(bars[at - 1].closeWon, 'stock', kstDate(bar.startUs), board);
        expect(bar.highWon).toBeLessThanOrEqual(upper);
        expect(bar.lowWon).toBeGreaterThanOrEqual(lower);
        expect(isOnGrid(bar.closeWon, false)).toBe(true);
      }
      expect(market.dailyBars(code, 'NXT', 20261116, 20261120, true).length).toBe(nxt ? 5 : 0);
    }
    expect(market.dailyBars(CODE, 'KRX', 19_900_101, DATE, true).length).toBe(750);
  });

  it('have minutes that add up to them', () => {
    const market = marketAt('10:00');
    const [day] = market.dailyBars(CODE, 'UN', 20261119, 20261119, false);
    const bars = market.minuteBars(CODE, 'UN', 20261119);
    for (const bar of bars) expectSoundBar(bar);
    expect(sumOf(bars, 'volume')).toBe(day.volume);
    expect([bars[0].openWon, bars[bars.length - 1].closeWon]).toEqual([day.openWon, day.closeWon]);
    expect(Math.max(...bars.map((bar) => bar.highWon))).toBe(day.highWon);
    expect(Math.min(...bars.map((bar) => bar.lowWon))).toBe(day.lowWon);
    // The day of the entrance examination begins an hour late.
    expect(bars[0].startUs).toBe(kstToUtcUs(20261119, second('10:00')));
    expect(marketAt('11:00').minuteBars(CODE, 'UN', 20261119)).toEqual(bars);
    expect(market.minuteBars(CODE, 'KRX', 20261122)).toEqual([]);
  });

  it('give the indices theirs', () => {
    const market = marketAt('10:00', { instruments: INSTRUMENTS });
    const bars = market.indexDailyBars('2001', 20261101, DATE);
    expect(bars.length).toBe(15);
    expect(bars[bars.length - 1].closeWon).toBe(market.indexQuote('2001').previousClose);
    for (const bar of bars) expect(bar.highWon).toBeGreaterThanOrEqual(bar.lowWon);
  });
});

describe('a night', () => {
  it('makes a day of history, and splits shares where that is due', () => {
    const corporateActions = [
      { code: CODE, date: NEXT, ratio: 5 },
      { code: CODE, date: 20261110, ratio: 2 },
    ];
    const market = marketAt('15:10', { corporateActions, sessions: 'regular' });
    market.advanceTo(kstToUtcUs(DATE, second('15:20')) - 1);
    const today = market.quote(CODE);
    const { listedShares } = market.instrument(CODE);
    const minutes = market.minuteBars(CODE, 'KRX', DATE);
    const unified = market.quote(CODE, 'UN');
    market.advanceTo(kstToUtcUs(NEXT, second('09:01')));
    expect(market.minuteBars(CODE, 'KRX', DATE).slice(0, -1)).toEqual(minutes.slice(0, -1));

    const quote = market.quote(CODE);
    expect(market.instrument(CODE).listedShares).toBe(5 * listedShares);
    expect(Math.abs(quote.previousCloseWon * 5 - today.priceWon)).toBeLessThanOrEqual(5 * quote.tickSizeWon);
    expect({ lower: quote.lowerLimitWon, upper: quote.upperLimitWon }).toEqual(priceLimits(quote.previousCloseWon));
    expect(Math.abs(quote.priceWon / quote.previousCloseWon - 1)).toBeLessThan(0.1);
    expect(market.quote(CODE, 'UN').previousVolume).toBeGreaterThanOrEqual(unified.volume);

    const [raw] = market.dailyBars(CODE, 'KRX', DATE, DATE, false);
    const [adjusted] = market.dailyBars(CODE, 'KRX', DATE, DATE, true);
    expect(Math.abs(raw.closeWon - today.priceWon)).toBeLessThanOrEqual(today.tickSizeWon);
    expect(raw.highWon).toBeGreaterThanOrEqual(today.highWon);
    expect([adjusted.closeWon, adjusted.volume]).toEqual([Math.round(raw.closeWon / 5), raw.volume * 5]);
    // Two splits lie between then and now.
    const rawThen = market.dailyBars(CODE, 'KRX', 20261109, 20261110, false);
    const adjustedThen = market.dailyBars(CODE, 'KRX', 20261109, 20261110, true);
    expect(rawThen[0].closeWon / adjustedThen[0].closeWon).toBeCloseTo(10, 1);
    expect(rawThen[1].closeWon / adjustedThen[1].closeWon).toBeCloseTo(5, 1);
    expect(market.dailyBars(KRX_ONLY, 'UN', DATE, NEXT, true).length).toBe(1);

    const [index] = market.indexDailyBars('0001', DATE, NEXT);
    expect(index.closeWon).toBe(market.indexQuote('0001').previousClose);
    const moved = market.indexQuote('0001').level / index.closeWon - 1;
    expect(Math.abs(moved)).toBeLessThan(0.05);
  });

  it('refuses a split of what it does not know', () => {
    const corporateActions = [{ code: '999999', date: NEXT, ratio: 2 }];
    expect(() => marketAt('10:00', { corporateActions })).toThrow(RangeError);
  });
});
