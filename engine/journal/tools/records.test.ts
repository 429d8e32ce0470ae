import { expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import { frameBytes } from '../../decode/synthetic-frames.ts';
import type { JournalEntry } from '../reader.ts';
import { type TableName, tableOf } from './records.ts';

const MIDNIGHT = kstToUtcUs(20261124, 0);
const SECOND_US = 1_000_000;

function entry(trId: string, records: string[][], engineTimeUs: number): JournalEntry {
  const bytes = frameBytes(trId, records);
  const input = { kind: 'frame', engineTimeUs, bytes } as const;
  return { offset: 5, entry: { batchId: 2, hasMore: false, bytes: bytes.length, input } };
}

function rows(name: TableName, of: JournalEntry): Record<string, unknown>[] {
  const { columns, rows } = tableOf(name);
  return rows(of).map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i]])));
}

/** An invented index future at 09:45:01. */
const FUTURES_TRADE = (
  'A01612^094501^-1.25^5^-0.30^412.35^413.60^414.05^411.90^3^12345^127300125^412.10^0.35^0.06^0.00^0.00^2.15^' +
  '250123^-57^084500^5^-1.25^091500^5^-1.70^090100^2^0.45^0.51^103.20^0.25^2^0.10^412.40^412.35^17^21^' +
  '3100^3250^150^6000^6345^980^1020^45.10^0^445.65^379.65^1'
).split('^');

/** An invented book of ten levels, at a time of day. */
function book(time: string): string[] {
  const numbers = Array.from({ length: 54 }, (_, i) => String(1000 + i));
  return [
    '005930',
    time,
    '0',
    ...numbers.slice(0, 40),
    '11',
    '12',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0',
    '0',
    '5',
    '0',
    '0',
    '777',
    '0',
    '0',
    '0',
  ];
}

it('an overseas trade has its own venue, its currency, and the moment at which it was in Korea', () => {
  const times = '20261123^20261123^100501^20261124^000501';
  const prices = '101.5^102.2500^99.8^100.1234^5^0.6^-0.60^100.12^100.1300';
  const trade = `DNYSKO^KO^4^${times}^${prices}^300^40^12^34567^3460000.25^17000^17567^103.34^1`.split('^');
  expect(rows('trades', entry('HDFSCNT0', [trade], MIDNIGHT + 400 * SECOND_US))).toMatchObject([
    {
      code: 'KO',
      venue: 'NYS',
      price: 100.1234,
      volume: 12,
      side: '',
      accumulated_turnover: 3_460_000.25,
      exchange_time: MIDNIGHT + 301 * SECOND_US,
    },
  ]);
});

it('an index future is quoted in points, its turnover in won', () => {
  const receivedUs = kstToUtcUs(20261124, 35_102);
  expect(rows('trades', entry('H0IFCNT0', [FUTURES_TRADE], receivedUs))).toMatchObject([
    {
      code: 'A01612',
      venue: 'KFE',
      price: 412.35,
      volume: 3,
      accumulated_turnover: 127_300_125_000,
      exchange_time: receivedUs - SECOND_US,
    },
  ]);
});

it('a record without a date is of the day that lies nearest to its receipt', () => {
  const time = (clock: string, receivedUs: number) =>
    rows('books', entry('H0STASP0', [book(clock)], receivedUs))[0].exchange_time;
  expect(time('235959', MIDNIGHT + SECOND_US)).toBe(MIDNIGHT - SECOND_US);
  expect(time('000001', MIDNIGHT - SECOND_US)).toBe(MIDNIGHT + SECOND_US);
  expect(time('090000', MIDNIGHT + 32_405 * SECOND_US)).toBe(MIDNIGHT + 32_400 * SECOND_US);
});

it('what is of no table, or does not decode, has no row there', () => {
  const receivedUs = MIDNIGHT;
  const of = entry('H0STASP0', [book('090000')], receivedUs);
  expect([rows('books', of).length, rows('trades', of).length, rows('entries', of).length]).toEqual([1, 0, 1]);
  expect(rows('books', entry('H0STASP0', [['005930']], receivedUs))).toEqual([]);
});
