// The report on a journal of two days, the first with a frame that was lost: what it holds and proves, in which form, and
// what it says of options that cannot be.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dateOfDay, dayNumber, kstToUtcUs } from '../config/calendar.ts';
import { dataLayout } from './engine.ts';
import type { Input } from './input.ts';
import { Contents } from './journal/contents.ts';
import { Journal } from './journal/journal.ts';
import { readEntries } from './journal/reader.ts';
import type { QualityDayReport } from './quality/report/day-report.ts';
import type { QualityOptionTexts } from './quality/report/options.ts';
import { QualityReportError, qualityReport } from './quality-report.ts';
import { ReplayError } from './replay.ts';
import { startEntry } from './start-entry.ts';
import { ARTIFACT_FOLDER, control, marketBatches, testSettings } from './test-market.ts';

const DAY = 20261123;
const NEXT_DAY = dateOfDay(dayNumber(DAY) + 1);
const CODE = '005930';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kisignal-quality-report-'));
  const layout = dataLayout(folder);
  const contents = new Contents(layout.contents);
  const journal = new Journal({
    folder: layout.journal,
    segmentBytesMax: 1 << 22,
    diskBudgetBytes: 1 << 30,
    log: pino({ level: 'silent' }),
  });
  for (const date of [DAY, NEXT_DAY]) {
    const startTimeUs = kstToUtcUs(date, 10 * 3600);
    const feed = { source: 'simulated', identity: String(date) } as const;
    const parts = { contents, settings: testSettings(), artifactFolder: ARTIFACT_FOLDER, feed };
    journal.append([control(startEntry({ ...parts, backend: 'plain', build: 'test' }, 'e1'), startTimeUs)]);
    const batches = marketBatches({ seconds: 20, startTimeUs });
    const lost = date === DAY ? batches.filter((batch) => batch.some(isTrade))[30] : undefined;
    for (const batch of batches) {
      const kept = batch === lost ? batch.filter((input) => !isTrade(input)) : batch;
      if (kept.length > 0) journal.append(kept);
    }
  }
  journal.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

function isTrade(input: Input): boolean {
  return input.kind === 'frame' && textOf(input.bytes).includes(`|${CODE}^`) && textOf(input.bytes).includes('STCNT0');
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

async function report(options: QualityOptionTexts, dataFolder = folder): Promise<string> {
  const out = new PassThrough();
  const said = text(out);
  const remarks = new PassThrough();
  try {
    await qualityReport({ dataFolder, options, out, remarks });
  } finally {
    out.end();
  }
  expect(remarks.read(), 'nothing to warn of').toBeNull();
  return said;
}

async function jsonOf(options: QualityOptionTexts = {}): Promise<QualityDayReport> {
  return JSON.parse(await report({ ...options, format: 'json' })) as QualityDayReport;
}

it('tells the newest day, or the one that is asked for, each loss with the entry that proves it', async () => {
  const newest = await jsonOf();
  expect(newest).toMatchObject({ date: NEXT_DAY, findingsTotal: 0, deductions: [] });
  expect(newest.scores.overall).toBe(100);
  const asked = await jsonOf({ date: String(DAY) });
  expect(asked).toMatchObject({ date: DAY, instruments: expect.any(Number) });
  const gaps = asked.deductions.filter(({ kind }) => kind === 'gap');
  expect(gaps).toMatchObject([{ instrument: `${CODE}.KRX`, stream: 'trades', count: 1 }]);
  expect(asked.scores.completeness).toBeLessThan(100);
  const [{ entry }] = readEntries({ folder: dataLayout(folder).journal, fromOffset: gaps[0]!.worst.offset });
  expect(isTrade(entry.input)).toBe(true);
});

describe.each([
  ['en', 'completeness'],
  ['ko', '완전성'],
])('in %s', (language, completeness) => {
  it('is text for a terminal', async () => {
    const said = await report({ language, date: String(DAY) });
    expect(said).toContain(`${CODE}.KRX`);
    expect(said.toLowerCase()).toContain(completeness);
  });

  it('is a page in a file, and then nothing for the terminal', async () => {
    const out = join(folder, `report-${language}.html`);
    expect(await report({ format: 'html', language, out, date: String(DAY) })).toBe('');
    const page = readFileSync(out, 'utf8');
    expect(page).toContain(`<html lang="${language}">`);
    expect(page).toContain('<svg');
  });
});

it('says which options cannot be, and which days the journal holds', async () => {
  const failure = async (options: QualityOptionTexts) => {
    const error: unknown = await report(options).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QualityReportError);
    return (error as Error).message;
  };
  expect(await failure({ format: 'pdf' })).toBe('--format pdf: it is one of text, json, html');
  expect(await failure({ language: 'de' })).toBe('--language de: it is one of en, ko');
  expect(await failure({ date: '20200101' })).toBe(
    `--date 20200101: the journal holds no such day; it holds ${DAY}, ${NEXT_DAY}`,
  );
  await expect(report({}, join(folder, 'nowhere'))).rejects.toThrow(ReplayError);
});
