// Each kind of finding on trades: what triggers it alone, and what comes near and must not.
import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import { PRICE_SCALE } from '../decode/records.ts';
import type { FindingKind } from './findings.ts';
import { DATE, SyntheticDay } from './synthetic-day.ts';

const won = (price: number): number => price * PRICE_SCALE;
const AUCTION_CLASS = 'C'.charCodeAt(0);

/** What breaks a day that has run well for a while. */
type Case = readonly [name: string, breakIt: (day: SyntheticDay) => void];

const triggers: readonly (readonly [FindingKind, ...Case])[] = [
  [
    'gap',
    'a trade that never came',
    (day) => {
      day.lose();
      day.trade();
    },
  ],
  ['missing_fields', 'no turnover', (day) => day.trade({ accumulatedTurnover: 0 })],
  ['missing_fields', 'no time', (day) => day.trade({ timeSeconds: 0 })],
  ['beyond_limits', 'a tick above +30 %', (day) => day.trade({ change: won(16_200) })],
  ['off_grid', 'neither a tick nor a half', (day) => day.trade({}, 10, 70_030)],
  ['bad_volume', 'a total that rose by less', (day) => day.trade({ volume: 25 })],
  ['bad_identity', 'above the high of the day', (day) => day.trade({ high: won(69_900) })],
  ['bad_identity', 'an open below the low', (day) => day.trade({ open: won(60_000) })],
  ['bad_identity', 'its own quotes cross', (day) => day.trade({ bidPrice: won(70_200) })],
  ['bad_identity', 'a trade that was not counted', (day) => day.trade({ buyTrades: 3, sellTrades: 0 })],
  ['bad_identity', 'sides that are more than the whole', (day) => day.trade({ sellVolume: 10_000_000 })],
  [
    'duplicate',
    'the last trade once more',
    (day) => {
      day.trade();
      day.receive();
    },
  ],
  ['late', 'a record of five seconds ago', (day) => day.trade({ timeSeconds: day.secondsAgo(5) })],
  [
    'stale_book',
    'trades for four seconds without a book',
    (day) => {
      for (let i = 0; i < 4; i++) {
        day.pass(1000);
        day.trade();
      }
    },
  ],
];

it.each(triggers)('finds %s, and nothing else: %s', (kind, _name, breakIt) => {
  const day = new SyntheticDay().run(50);
  expect(day.kinds).toEqual([]);
  breakIt(day);
  expect(day.kinds).toEqual([kind]);
  const [finding] = day.findings;
  expect(finding).toMatchObject({ instrument: '005930.KRX', timeUs: day.timeUs, offset: finding.offset });
  expect(finding.points).toBeGreaterThan(0);
});

const nearMisses: readonly Case[] = [
  ['a midpoint', (day) => day.trade({}, 10, 70_050)],
  ['a midpoint above the high', (day) => day.trade({ high: won(70_000) }, 10, 70_050)],
  ['the upper limit itself', (day) => day.trade({ change: won(16_100) })],
  ['the low of the day', (day) => day.trade({ low: won(70_000) })],
  ['a block trade off the grid and far from the book', (day) => day.trade({ marketOperation: 22 }, 10, 64_321)],
  ['a trade of an auction, which no side began', (day) => day.trade({ side: 3, buyTrades: 60, bidPrice: won(70_200) })],
  [
    'an auction price outside of what was the book',
    (day) => day.trade({ side: 3, hourClass: AUCTION_CLASS }, 10, 77_000),
  ],
  ['a record of two seconds ago', (day) => day.trade({ timeSeconds: day.secondsAgo(2) })],
  [
    'two trades in four seconds without a book',
    (day) => {
      day.pass(3900);
      day.trade();
      day.trade();
    },
  ],
  [
    'a halt in which books stand still',
    (day) => {
      day.halted = true;
      for (let i = 0; i < 5; i++) {
        day.pass(2000);
        day.trade();
      }
    },
  ],
  [
    'a sweep far from the last book',
    (day) => {
      for (let price = 70_000; price <= 79_000; price += 500) day.trade({ high: won(80_000) }, 10, price);
    },
  ],
  [
    'a trade far from an old book',
    (day) => {
      day.pass(1500);
      day.trade({ high: won(79_000) }, 10, 79_000);
    },
  ],
];

it.each(nearMisses)('finds nothing in %s', (_name, breakIt) => {
  const day = new SyntheticDay().run(50);
  breakIt(day);
  expect(day.findings).toEqual([]);
});

it('finds a trade far outside of a fresh book, and not the one that comes back', () => {
  const day = new SyntheticDay().run(50);
  day.trade({ high: won(79_000) }, 10, 79_000);
  day.trade();
  expect(day.findings).toMatchObject([{ kind: 'trade_outside_book', found: 79_000, expected: 70_100 }]);
});

it('finds one damaged turnover once, whatever the next one goes on from', () => {
  const day = new SyntheticDay().run(50);
  day.trade({ accumulatedTurnover: 123_456_789 });
  day.run(3);
  expect(day.findings).toMatchObject([{ kind: 'bad_turnover', found: 123_456_789 }]);
});

it('gives back what a record that was only late had taken, and finds it out of order', () => {
  const day = new SyntheticDay().run(50);
  day.lose();
  const missing = { accumulatedVolume: 1510, accumulatedTurnover: 105_700_000, buyTrades: 61, buyVolume: 1010 };
  day.trade();
  expect(day.instrument.dayScores().completeness).toBeLessThan(100);
  day.receive(missing);
  expect(day.kinds).toEqual(['gap', 'out_of_order']);
  expect(day.instrument.dayScores()).toMatchObject({ completeness: 100, accuracy: 100, timeliness: 100 });
  expect(day.instrument.dayScores().consistency).toBeLessThan(100);
  expect(day.instrument.subject.ledger('trades').recentPoints(0, day.timeUs)).toBe(0);
});

it('finds seconds of trades that come at once late, and slow', () => {
  const day = new SyntheticDay().run(50);
  day.pass(8000);
  for (let seconds = 8; seconds >= 0; seconds--) day.trade({ timeSeconds: day.secondsAgo(seconds) });
  expect(day.kinds).toEqual(['late', 'slow_batch']);
  expect(day.findings).toHaveLength(2);
});

it('asks nothing of the evening that only the regular session is known to keep', () => {
  const day = new SyntheticDay();
  day.timeUs = kstToUtcUs(DATE, 17 * 3600);
  day.clock(0);
  day.trade({ high: won(69_000), low: won(69_000), open: won(50_000) });
  day.trade({ buyTrades: 999 });
  expect(day.findings).toEqual([]);
});

it('asks of the unified feed only what two venues together keep', () => {
  const day = new SyntheticDay('UN').run(10);
  day.trade({ bidPrice: won(70_200), buyTrades: 999 });
  day.book({ askPrice: [69_900, 70_000, 70_100, 70_200, 70_300, 70_400, 70_500, 70_600, 70_700, 70_800] });
  expect(day.findings).toEqual([]);
});

it('knows the damage of a trade that was left out', () => {
  const day = new SyntheticDay().run(10);
  const { context } = day.quality;
  const columns = Object.assign(Object.create(null), { price: [1], volume: [1], accumulatedVolume: [1] });
  const whole = { ...columns, businessDate: [DATE], accumulatedTurnover: [1], timeSeconds: [1] };
  day.instrument.implausible(whole, 0, context);
  day.instrument.implausible({ ...whole, price: [0] }, 0, context);
  expect(day.kinds).toEqual(['implausible', 'missing_fields']);
});
