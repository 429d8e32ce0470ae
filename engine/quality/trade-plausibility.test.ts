import fc from 'fast-check';
import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../config/calendar.ts';
import { PRICE_SCALE, TradeColumns } from '../decode/records.ts';
import { TradeSequence } from './sequence.ts';
import { TradePlausibility } from './trade-plausibility.ts';

const DATE = 20261123;
const NINE = kstToUtcUs(DATE, 9 * 3600);
const PREVIOUS_CLOSE = 70_000;

interface Field {
  readonly column:
    | 'price'
    | 'change'
    | 'volume'
    | 'accumulatedVolume'
    | 'accumulatedTurnover'
    | 'businessDate'
    | 'timeSeconds';
  readonly value: number;
}

/** A day of trades around 70,000 won, one a second, one of them with a damaged field. */
function day(trades: number, damagedAt = -1, damage?: Field): TradeColumns {
  const columns = new TradeColumns();
  let [volume, turnover] = [1000, 70_000_000];
  for (let r = 0; r < trades; r++) {
    const price = PREVIOUS_CLOSE + 100 * ((r * 7) % 5);
    const size = 1 + (r % 10);
    volume += size;
    turnover += price * size;
    columns.businessDate[r] = DATE;
    columns.timeSeconds[r] = 9 * 3600 + r;
    columns.price[r] = price * PRICE_SCALE;
    columns.change[r] = (price - PREVIOUS_CLOSE) * PRICE_SCALE;
    columns.volume[r] = size;
    columns.accumulatedVolume[r] = volume;
    columns.accumulatedTurnover[r] = turnover;
    columns.buyTrades[r] = r;
    if (r === damagedAt && damage) columns[damage.column][r] = damage.value;
  }
  columns.count = trades;
  return columns;
}

/** Which records were taken, as the state machine takes them. */
function taken(columns: TradeColumns, records: readonly number[], lateUs = 0): number[] {
  const plausibility = new TradePlausibility();
  const sequence = new TradeSequence();
  return records.filter((r) => {
    const exchangeTimeUs = kstToUtcUs(columns.businessDate[r], columns.timeSeconds[r]);
    const verdict = plausibility.judge(columns, r, sequence, exchangeTimeUs, NINE + r * 1_000_000 + lateUs);
    if (verdict === 'implausible') return false;
    if (verdict === 'new_beginning') sequence.reset();
    return sequence.accept(columns, r) !== 'duplicate';
  });
}

const all = (count: number): number[] => Array.from({ length: count }, (_, r) => r);

it('takes every record of a good day, whatever is lost of it, and of a recording years later', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(199), { minLength: 1 }),
      fc.constantFrom(0, 3 * 365 * 86_400_000_000),
      (kept, lateUs) => {
        const records = [...kept].sort((a, b) => a - b);
        expect(taken(day(200), records, lateUs)).toEqual(records);
      },
    ),
  );
});

it.each<Field>([
  { column: 'price', value: 70_100 * PRICE_SCALE * 100 },
  { column: 'change', value: 12_345 },
  { column: 'accumulatedVolume', value: 999_999_999 },
  { column: 'accumulatedTurnover', value: 1 },
  { column: 'accumulatedTurnover', value: 9_007_199_254_740_991 },
  { column: 'businessDate', value: 20991231 },
  { column: 'businessDate', value: 20261120 },
  { column: 'timeSeconds', value: 15.5 * 3600 },
])('leaves out a record whose $column is $value, and only that', (damage) => {
  for (const at of damage.column === 'accumulatedVolume' ? [0, 1, 5, 198] : [1, 5, 198]) {
    expect(taken(day(200, at, damage), all(200))).toEqual(all(200).filter((r) => r !== at));
  }
});

it('believes the feed once three records bear each other out: the first of a day may be the damaged one', () => {
  const columns = day(20, 0, { column: 'change', value: 999 });
  expect(taken(columns, all(20))).toEqual(all(20).filter((r) => r !== 1 && r !== 2));
});

it('believes it on a lossy feed as well, where no two witnesses follow each other', () => {
  const columns = day(40, 0, { column: 'change', value: 999 });
  const everyOther = all(40).filter((r) => r % 2 === 0);
  expect(taken(columns, everyOther)).toEqual(everyOther.filter((r) => r !== 2 && r !== 4));
});

it('loses two trades to a clock of ours that is behind, not two of three', () => {
  expect(taken(day(100), all(100), -90_000_000)).toEqual(all(100).filter((r) => r > 1));
});

it('learns nothing from a duplicate or an old record', () => {
  const columns = day(20, 3, { column: 'change', value: 777 });
  columns.accumulatedVolume[3] = columns.accumulatedVolume[2];
  expect(taken(columns, all(20))).toEqual(all(20).filter((r) => r !== 3));
  const yesterday = day(20);
  yesterday.businessDate[5] = 20261120;
  yesterday.accumulatedVolume[5] = 7_000_000;
  yesterday.accumulatedTurnover[5] = 7_000_000 * 69_000;
  yesterday.change[5] = 12_300;
  expect(taken(yesterday, all(20))).toEqual(all(20).filter((r) => r !== 5));
});

it('lets a midpoint below 5,000 won be rounded apart from its change', () => {
  const columns = day(10);
  columns.change[4] += PRICE_SCALE / 2;
  expect(taken(columns, all(10))).toEqual(all(10));
});

it('begins anew with a new day and with another feed', () => {
  const plausibility = new TradePlausibility();
  const sequence = new TradeSequence();
  const first = day(2);
  for (const r of [0, 1]) {
    expect(plausibility.judge(first, r, sequence, NINE, NINE)).toBe('plausible');
    sequence.accept(first, r);
  }
  const next = day(1);
  next.businessDate[0] = 20261124;
  next.change[0] = 100;
  expect(plausibility.judge(next, 0, sequence, NINE, NINE)).toBe('plausible');
  sequence.accept(next, 0);
  plausibility.reset();
  sequence.reset();
  const other = day(1);
  other.change[0] = 77_700;
  expect(plausibility.judge(other, 0, sequence, NINE, NINE)).toBe('plausible');
});
