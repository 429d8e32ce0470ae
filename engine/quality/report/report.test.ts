// A day with evidence through the collector and out as text, JSON and HTML, in both languages.
import { describe, expect, it } from 'vitest';
import { kstToUtcUs } from '../../../config/calendar.ts';
import { FINDING_KINDS } from '../findings.ts';
import { DATE, SyntheticDay } from '../synthetic-day.ts';
import type { QualityDayReport } from './day-report.ts';
import { htmlReport } from './html-report.ts';
import { jsonReport } from './json-report.ts';
import { escaped } from './pictures.ts';
import { QualityDays } from './quality-day.ts';
import { terminalReport } from './terminal-report.ts';
import { meaningOf, REPORT_LANGUAGES } from './texts.ts';

const LINE = /^[▁▂▃▄▅▆▇█]+$/;

/** A day of so many minutes; `disturb` is called once in each. */
function collected(minutes: number, disturb: (day: SyntheticDay, minute: number) => void, findingsMax = 100) {
  const days = new QualityDays({ findingsMax });
  const day = new SyntheticDay();
  let told = 0;
  for (let minute = 0; minute < minutes; minute++) {
    disturb(day, minute);
    for (let i = 0; i < 60; i++) {
      day.pass(1000);
      day.trade();
      day.book();
      for (; told < day.findings.length; told++) days.onFinding(day.findings[told]);
      days.advance(day.quality);
    }
  }
  days.close(day.quality);
  return { day, reports: days.reports() };
}

const oneBadDay = (findingsMax?: number) =>
  collected(
    90,
    (day, minute) => {
      if (minute === 20) for (let i = 0; i < 30; i++) day.trade({}, 10, 70_030);
      if (minute % 10 === 5) day.lose();
      if (minute === 70) day.quality.undecodable(new Uint8Array(3));
    },
    findingsMax,
  );

describe('the collected day', () => {
  it('has a sample a minute, each finding in its deduction, and the scores that the channel had', () => {
    const { day, reports } = oneBadDay();
    const [report] = reports;
    expect(reports).toHaveLength(1);
    expect(report).toMatchObject({ version: 1, date: DATE, floor: 80, instruments: 1, findingsLeftOut: 0 });
    expect(report.samples.length).toBeGreaterThanOrEqual(90);
    expect(report.findings).toEqual(day.findings);
    expect(report.symbols.map(({ instrument }) => instrument)).toEqual(['005930.KRX', 'engine']);
    expect(report.symbols[0].scores).toEqual(day.instrument.dayScores());
    const kinds = report.deductions.map(({ kind, count }) => [kind, count]);
    expect(kinds).toEqual([
      ['off_grid', 30],
      ['gap', 9],
      ['undecodable', 1],
    ]);
    const points = day.findings.reduce((sum, finding) => sum + finding.points, 0);
    expect(report.deductions.reduce((sum, deduction) => sum + deduction.points, 0)).toBeCloseTo(points, 9);
    const byHour = report.symbols.flatMap(({ pointsByHour }) => pointsByHour);
    expect(byHour.reduce((sum, value) => sum + value, 0)).toBeCloseTo(points, 9);
    for (const { firstOffset, lastOffset, worst } of report.deductions) {
      expect(day.findings).toContainEqual(worst);
      expect(worst.offset).toBeGreaterThanOrEqual(firstOffset);
      expect(worst.offset).toBeLessThanOrEqual(lastOffset);
    }
  });

  it('never comes back within the day, while the current score does', () => {
    const [{ samples }] = oneBadDay().reports;
    for (let i = 1; i < samples.length; i++) expect(samples[i].overall).toBeLessThanOrEqual(samples[i - 1].overall);
    expect(Math.min(...samples.map(({ current }) => current))).toBeLessThan(80);
    expect(samples.at(-1)!.current).toBeGreaterThan(95);
  });

  it('leaves single findings out beyond its bound, and says so', () => {
    const [report] = oneBadDay(5).reports;
    expect([report.findings.length, report.findingsTotal, report.findingsLeftOut]).toEqual([5, 40, 35]);
    expect(terminalReport(report)).toContain('35 single findings are left out');
    expect(htmlReport(report, 'ko')).toContain('개별 항목 35건');
  });

  it('is one of several where the journal has several', () => {
    const { reports } = collected(4, (day, minute) => {
      if (minute === 2) day.timeUs = kstToUtcUs(20261124, 10 * 3600);
      if (minute % 2 === 1) day.trade({}, 10, 70_030);
    });
    expect(reports.map(({ date, findingsTotal }) => [date, findingsTotal])).toEqual([
      [DATE, 1],
      [20261124, 1],
    ]);
  });
});

describe.each(REPORT_LANGUAGES)('in %s', (language) => {
  const [bad] = oneBadDay().reports;
  const [clean] = collected(3, () => {}).reports;
  const empty: QualityDayReport = { ...clean, samples: [] };

  it('the terminal shows a line a dimension and what proves each deduction', () => {
    const text = terminalReport(bad, language);
    const lines = text.split('\n').map((line) => line.trim().split(/\s+/).at(-1)!);
    expect(lines.filter((line) => LINE.test(line) && line.length > 1)).toHaveLength(5);
    for (const { firstOffset, worst, kind } of bad.deductions) {
      for (const part of [`#${firstOffset}`, `#${worst.offset}`, meaningOf(kind, language)])
        expect(text).toContain(part);
    }
    expect(terminalReport(clean, language)).not.toContain('#');
  });

  it('the page is whole, needs nothing else, and holds the same', () => {
    const page = htmlReport(bad, language);
    expect(page).toContain(`<html lang="${language}">`);
    expect(page).not.toMatch(/<script|https?:|<link|@import|url\(|NaN|undefined|Infinity/);
    const tags = [...page.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)].filter(([, , name, self]) => !self && name !== 'meta');
    const open: string[] = [];
    for (const [, closing, name] of tags) {
      if (closing) expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
    expect(page.match(/<polyline/g)).toHaveLength(5);
    for (const { worst } of bad.deductions) expect(page).toContain(`>${worst.offset}<`);
  });

  it('a clean day and an empty one are told as such', () => {
    for (const report of [clean, empty]) {
      for (const text of [terminalReport(report, language), htmlReport(report, language)]) {
        expect(text).not.toMatch(/NaN|undefined|Infinity/);
      }
    }
    expect(htmlReport(clean, language)).toContain('class="clean"');
  });

  it('has words for every kind', () => {
    for (const kind of FINDING_KINDS) expect(meaningOf(kind, language).length).toBeGreaterThan(5);
  });
});

it('gives JSON that reads back, its numbers rounded', () => {
  const [report] = oneBadDay().reports;
  const back = JSON.parse(jsonReport(report)) as QualityDayReport;
  expect(Object.keys(back)).toEqual(Object.keys(report));
  expect(back.findings.map(({ offset }) => offset)).toEqual(report.findings.map(({ offset }) => offset));
  expect(back.scores.overall).toBeCloseTo(report.scores.overall, 4);
});

it('lets no name break its markup', () => {
  expect(escaped('<b a="&">')).toBe('&#60;b a=&#34;&#38;&#34;&#62;');
});
