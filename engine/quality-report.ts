// `kisignal quality report`: a journal through the code that runs live, its findings collected by day and written as text,
// JSON or a page with pictures.
import { writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { pino } from 'pino';
import { htmlReport } from './quality/report/html-report.ts';
import { jsonReport } from './quality/report/json-report.ts';
import type { QualityOptionTexts } from './quality/report/options.ts';
import { QualityDays } from './quality/report/quality-day.ts';
import { terminalReport } from './quality/report/terminal-report.ts';
import { REPORT_LANGUAGES } from './quality/report/texts.ts';
import { type ReplayProgress, replay } from './replay.ts';

const WRITERS = { text: terminalReport, json: jsonReport, html: htmlReport } as const;
const FORMATS = ['text', 'json', 'html'] as const;

/** An option that cannot be, or a day that the journal does not hold. */
export class QualityReportError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QualityReportError';
  }
}

export interface QualityReportOptions {
  readonly dataFolder: string;
  readonly options: QualityOptionTexts;
  readonly out: Writable;
  readonly remarks: Writable;
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

/**
 * @throws QualityReportError, and whatever `replay` throws
 */
export async function qualityReport(parts: QualityReportOptions): Promise<void> {
  const { dataFolder, options, out, remarks, onProgress } = parts;
  const format = oneOf('format', FORMATS, options.format ?? 'text');
  const language = oneOf('language', REPORT_LANGUAGES, options.language ?? 'en');
  const days = new QualityDays();
  let close = (): void => {};
  await replay({
    dataFolder,
    log: pino({ level: 'warn' }, remarks),
    onProgress,
    onFinding: days.onFinding,
    beforeBatch: ({ quality }, timeUs) => {
      if (quality !== null) days.endBefore(quality, timeUs);
    },
    afterBatch: ({ quality }) => {
      if (quality === null) return;
      days.advance(quality);
      close = () => days.close(quality);
    },
  });
  close();
  const reports = days.reports();
  const report =
    options.date === undefined ? reports.at(-1) : reports.find(({ date }) => String(date) === options.date);
  if (report === undefined) {
    const held = reports.map(({ date }) => date).join(', ') || 'none';
    const asked = options.date === undefined ? '' : `--date ${options.date}: `;
    throw new QualityReportError(`${asked}the journal holds no such day; it holds ${held}`);
  }
  const text = WRITERS[format](report, language);
  if (options.out === undefined) out.write(text);
  else writeFileSync(options.out, text);
}

function oneOf<T extends string>(option: string, known: readonly T[], text: string): T {
  const found = known.find((name) => name === text);
  if (found === undefined) throw new QualityReportError(`--${option} ${text}: it is one of ${known.join(', ')}`);
  return found;
}
