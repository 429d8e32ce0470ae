// Each kind of finding on books: what triggers it alone, and what comes near and must not.
import { expect, it } from 'vitest';
import type { FindingKind } from './findings.ts';
import { SyntheticDay } from './synthetic-day.ts';

const ladder = (best: number, step: number, levels = 10): number[] =>
  Array.from({ length: 10 }, (_, level) => (level < levels ? best + level * step : 0));
const sizes = (size: number, levels = 10): number[] =>
  Array.from({ length: 10 }, (_, level) => (level < levels ? size : 0));
const CLOSING_AUCTION = 'A'.charCodeAt(0);

type Case = readonly [name: string, breakIt: (day: SyntheticDay) => void];

const triggers: readonly (readonly [FindingKind, ...Case])[] = [
  ['crossed_book', 'a bid above the ask', (day) => day.book({ bidPrice: ladder(70_200, -100) })],
  ['crossed_book', 'a bid at the ask', (day) => day.book({ bidPrice: ladder(70_100, -100) })],
  ['off_grid', 'levels at half ticks', (day) => day.book({ askPrice: ladder(70_150, 100) })],
  ['bad_sum', 'a total that is no sum', (day) => day.book({ totalAskSize: 1001 })],
  ['missing_fields', 'no total', (day) => day.book({ totalBidSize: 0 })],
  ['missing_fields', 'no time', (day) => day.book({ timeSeconds: 0 })],
  [
    'missing_fields',
    'a level without a price',
    (day) => day.book({ askPrice: [...ladder(70_100, 100).slice(0, 9), 0] }),
  ],
  ['missing_fields', 'a hole', (day) => day.book({ bidPrice: [70_000, 0, ...ladder(69_800, -100, 8).slice(0, 8)] })],
  ['bad_identity', 'levels out of order', (day) => day.book({ askPrice: [70_200, ...ladder(70_100, 100).slice(1)] })],
  ['out_of_order', 'an older book', (day) => day.book({ timeSeconds: day.secondsAgo(2) })],
  ['late', 'a book of five seconds ago', (day) => lateBook(day, 5)],
];

/** Old, but newer than the one before: the feed stood still for longer. */
function lateBook(day: SyntheticDay, seconds: number): void {
  day.pass(seconds * 1000 + 1000);
  day.book({ timeSeconds: day.secondsAgo(seconds) });
}

it.each(triggers)('finds %s, and nothing else: %s', (kind, _name, breakIt) => {
  const day = new SyntheticDay().run(50);
  breakIt(day);
  expect(day.kinds).toEqual([kind]);
  expect(day.findings[0]).toMatchObject({ instrument: '005930.KRX', stream: 'books', timeUs: day.timeUs });
});

const nearMisses: readonly Case[] = [
  ['a book locked at the upper limit', (day) => day.book({ askPrice: sizes(0), askSize: sizes(0), totalAskSize: 0 })],
  ['a thin side', (day) => day.book({ bidPrice: ladder(70_000, -100, 3), bidSize: sizes(9, 3), totalBidSize: 27 })],
  [
    'ticks that change between two levels',
    (day) =>
      day.book({
        askPrice: [...ladder(199_600, 100, 4).slice(0, 4), ...ladder(200_000, 500).slice(0, 6)],
        bidPrice: ladder(199_500, -100),
      }),
  ],
  ['a book of two seconds ago', (day) => lateBook(day, 2)],
  [
    'a closing auction, whose sides cross',
    (day) => day.book({ hourClass: CLOSING_AUCTION, bidPrice: ladder(71_000, -100) }),
  ],
  [
    'a volatility interruption, whose sides cross',
    (day) => {
      day.auction = true;
      day.book({ bidPrice: ladder(71_000, -100), totalAskSize: 7 });
    },
  ],
  [
    'the first book after a registration, however old',
    (day) => {
      day.instrument.register('books', true);
      day.book({ timeSeconds: day.secondsAgo(500) });
    },
  ],
];

it.each(nearMisses)('finds nothing in %s', (_name, breakIt) => {
  const day = new SyntheticDay().run(50);
  breakIt(day);
  expect(day.findings).toEqual([]);
});

it('finds trades that books go on counting and that do not come', () => {
  const day = new SyntheticDay().run(50);
  for (let second = 0; second < 130; second++) {
    day.clock(1000);
    if (second > 0) day.lose(5);
    day.book();
  }
  expect(day.kinds).toEqual(['silent']);
  expect(day.findings).toMatchObject([
    { stream: 'trades', found: 5 * 62 },
    { stream: 'trades', found: 5 * 123 },
  ]);
});
