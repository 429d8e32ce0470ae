import { expect, it } from 'vitest';
import { kstToUtcUs } from '../config/calendar.ts';
import { opensNext } from './market-hours.ts';

const at = (date: number, hour: number, minute = 0): number => kstToUtcUs(date, hour * 3600 + minute * 60);

it.each([
  ['KRX', 'on a Monday night', at(20261123, 21), '2026-11-24 09:00:00 KST'],
  ['KRX', 'early in the morning', at(20261124, 3), '2026-11-24 09:00:00 KST'],
  ['KRX', 'on a Saturday', at(20261121, 10), '2026-11-23 09:00:00 KST'],
  ['NXT', 'on a Monday night', at(20261123, 21), '2026-11-24 09:00:30 KST'],
  ['UN', 'at Christmas', at(20261225, 10), '2026-12-28 09:00:00 KST'],
] as const)('%s %s opens next at the start of the continuous session', (venue, _when, nowUs, opens) => {
  expect(opensNext(nowUs, venue)).toBe(opens);
});

it.each([
  ['KRX', 'in the continuous session', at(20261123, 10)],
  ['KRX', 'in the opening auction', at(20261123, 8, 45)],
  ['NXT', 'in the pre-market', at(20261123, 8, 10)],
] as const)('%s %s is not closed', (venue, _when, nowUs) => {
  expect(opensNext(nowUs, venue)).toBeNull();
});
