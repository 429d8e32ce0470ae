// What instruments share: which market a code belongs to, what stops all of it, and the calendar of each venue.
import { beforeEach, expect, it } from 'vitest';
import { calendarOverrides, kstToUtcUs } from '../../config/calendar.ts';
import type { InstrumentReference } from '../reference/reference.ts';
import { MarketPlace } from './market-place.ts';
import type { TradingState } from './trading-state.ts';

const DATE = 20261123;
const TEN = kstToUtcUs(DATE, 10 * 3600);

function listed(code: string, market: InstrumentReference['market']): InstrumentReference {
  return {
    code,
    nameKo: code,
    market,
    kind: 'stock',
    basePriceWon: 0,
    upperLimitWon: 0,
    lowerLimitWon: 0,
    lotSize: 1,
    listedShares: 0,
    previousVolume: 0,
    kospi200: false,
    nxt: true,
    halted: false,
    liquidation: false,
    listedDate: 0,
  };
}

const phaseAt = (timeUs: number) => (state: TradingState) => {
  state.advance(timeUs);
  return state.phase;
};

let place: MarketPlace;
beforeEach(() => {
  place = new MarketPlace();
});

it('knows markets by the masters, before them by the shipped list, and all else as one', () => {
  expect(place.marketOf('005930', 'KRX')).toBe(place.marketOf('005930', 'NXT'));
  expect(place.marketOf('005930', 'KRX')).not.toBe(place.marketOf('0193T0', 'KRX'));
  place.list([listed('0193T0', 'KOSPI'), listed('111111', 'KOSDAQ')]);
  expect(place.marketOf('0193T0', 'KRX')).toBe(place.marketOf('005930', 'UN'));
  expect(place.marketOf('111111', 'KRX')).not.toBe(place.marketOf('0193T0', 'KRX'));
  // The next masters hold no longer what was delisted.
  place.list([]);
  expect(place.marketOf('111111', 'KRX')).toBe(place.marketOf('AAPL', 'NAS'));
});

it('stops one market and leaves the others, and says that something changed', () => {
  place.list([listed('111111', 'KOSDAQ')]);
  const samsung = place.tradingState('005930', 'KRX');
  const other = place.tradingState('111111', 'KRX');
  const { revision } = place;
  place.marketOf('005930', 'KRX').apply('circuit_breaker_on', TEN);
  expect(place.revision).toBeGreaterThan(revision);
  for (const state of [samsung, other]) state.advance(TEN);
  expect([samsung.fields().circuitBreaker, other.fields().circuitBreaker]).toEqual([true, false]);

  const saved = structuredClone(place.save());
  const loaded = new MarketPlace();
  loaded.load(saved, TEN);
  const again = loaded.tradingState('005930', 'KRX');
  again.advance(TEN);
  expect(again.fields().circuitBreaker).toBe(true);
  // Another feed knows nothing of it.
  loaded.forget();
  again.advance(TEN);
  expect(again.fields().circuitBreaker).toBe(false);
});

it('believes the calendar it is told for venues of Korea alone, until it is cleared', () => {
  const states = (['KRX', 'NXT', 'UN', 'NAS'] as const).map((venue) => place.tradingState('005930', venue));
  const phases = (timeUs: number) => states.map(phaseAt(timeUs));
  const newYorkUs = Date.UTC(2026, 10, 23, 16) * 1000;
  expect(phases(TEN).slice(0, 3)).toEqual(['continuous', 'continuous', 'continuous']);
  place.list([listed('111111', 'KOSDAQ')]);
  place.correctCalendar(calendarOverrides([{ date: DATE, open: false }]), TEN);
  expect(phases(TEN).slice(0, 3)).toEqual(['closed', 'closed', 'closed']);
  expect(phases(newYorkUs)[3]).toBe('continuous');
  expect(place.calendar.get(DATE)).toBe(false);
  place.clear();
  expect(phases(TEN).slice(0, 3)).toEqual(['continuous', 'continuous', 'continuous']);
  expect([place.calendar.size, place.instruments.size]).toEqual([0, 0]);
});
