// A day's quality as JSON, for other programs: the report itself, with scores and points rounded to what they mean.
import type { QualityDayReport } from './day-report.ts';

const DECIMALS = 10_000;

/** One object, indented; numbers to four decimals. */
export function jsonReport(report: QualityDayReport): string {
  return `${JSON.stringify(report, (_key, value) => (typeof value === 'number' ? rounded(value) : value), 2)}\n`;
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Math.round(value * DECIMALS) / DECIMALS;
}
