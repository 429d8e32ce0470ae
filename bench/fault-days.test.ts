// The command of the fault days: few of them, what it prints, and what it refuses.
import { expect, it } from 'vitest';
import { UsageError } from '../config/command-line.ts';
import { faultDays, renderTotals, runFaultDays } from './fault-days.ts';

it('runs days, in the order in which they share their markets, and sums up what was lost and found', () => {
  const said: string[] = [];
  const totals = runFaultDays(7, 2, (text) => said.push(text));
  expect(totals).toMatchObject({ days: 2, failedSeeds: [], falseGaps: 0, missedGaps: 0 });
  expect(totals.injected.shares).toBeGreaterThan(0);
  const told = totals.detected.shares + totals.betweenSessionsShares + totals.wholeDayShares;
  expect(told).toBe(totals.injected.shares);
  const text = renderTotals({ ...totals, failedSeeds: [12, 13] });
  expect(text).toMatch(/^2 fault days, [\d,]+ records, /);
  expect(text).toContain('days wrong 2 (seeds 12, 13)');
  expect(text).toContain(`lost       ${totals.injected.shares.toLocaleString('en')} shares`);
});

it('refuses what is no number of days or no seed', () => {
  for (const args of [
    ['--days', '0'],
    ['--days', 'many'],
    ['--seed', '1.5'],
  ]) {
    expect(() => faultDays(args)).toThrow(UsageError);
  }
});
