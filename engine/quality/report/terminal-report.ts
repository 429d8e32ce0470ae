// A day's quality for a terminal: scores with a line of blocks for the day, the worst symbols, the deductions with the
// journal entries that prove them.
import { kstSecond } from '../../../config/calendar.ts';
import { FINDINGS } from '../findings.ts';
import type { Deduction, QualityDayReport, ScoreSample } from './day-report.ts';
import { clockText, dateText, meaningOf, numberText, type ReportLanguage, scoreText, TEXTS } from './texts.ts';

const ROWS = ['overall', 'completeness', 'accuracy', 'consistency', 'timeliness'] as const;
const BLOCKS = '▁▂▃▄▅▆▇█';
const COLUMNS = 48;
const SYMBOLS_MAX = 10;
const DEDUCTIONS_MAX = 15;

export function terminalReport(report: QualityDayReport, language: ReportLanguage = 'en'): string {
  const texts = TEXTS[language];
  const { samples, symbols, deductions } = report;
  const lines = [`${texts.title} ${dateText(report.date)}`, ''];
  if (samples.length === 0) return [...lines, texts.noSamples, ''].join('\n');
  const affected = symbols.filter(({ instrument }) => instrument !== 'engine').length;
  lines.push(texts.summary(report.findingsTotal, report.instruments, affected), '');
  const lowest = lowestOf(samples);
  for (const row of ROWS) {
    const name = padded(texts.dimensions[row], 14);
    lines.push(`  ${name}${scoreText(report.scores[row]).padStart(6)}  ${sparkline(samples, row, lowest)}`);
  }
  lines.push(`${' '.repeat(24)}${timeAxis(samples)}   ▁ ${lowest} … █ 100`, '');
  if (deductions.length === 0) return [...lines, texts.clean, ''].join('\n');
  lines.push(texts.worstSymbols);
  for (const { instrument, scores, points } of symbols.slice(0, SYMBOLS_MAX)) {
    const lost = `−${numberText(points)} ${texts.points.toLowerCase()}`;
    lines.push(`  ${padded(instrument, 14)}${scoreText(scores.overall).padStart(6)}  ${lost}`);
  }
  if (symbols.length > SYMBOLS_MAX) lines.push(`  ${texts.moreSymbols(symbols.length - SYMBOLS_MAX)}`);
  lines.push('', texts.deductions);
  const shown = deductions.slice(0, DEDUCTIONS_MAX);
  for (const deduction of shown) lines.push(...deductionLines(deduction, language));
  if (deductions.length > DEDUCTIONS_MAX) lines.push(`  ${texts.moreDeductions(deductions.length - DEDUCTIONS_MAX)}`);
  if (report.findingsLeftOut > 0) lines.push(`  ${texts.leftOut(report.findingsLeftOut)}`);
  lines.push('', texts.meaning);
  for (const kind of new Set(shown.map((deduction) => deduction.kind))) {
    lines.push(`  ${padded(kind, 20)} ${meaningOf(kind, language)}`);
  }
  return [...lines, '', texts.howScored, ''].join('\n');
}

function deductionLines(deduction: Deduction, language: ReportLanguage): string[] {
  const texts = TEXTS[language];
  const { instrument, stream, kind, count, amount, points, firstOffset, lastOffset, worst } = deduction;
  const unit = texts.units[FINDINGS[kind].unit];
  const range = firstOffset === lastOffset ? `#${firstOffset}` : `#${firstOffset} … #${lastOffset}`;
  const at = clockText(kstSecond(worst.timeUs));
  const subject = padded(instrument === stream ? instrument : `${instrument} ${texts.streams[stream]}`, 20);
  return [
    `  ${padded(`−${numberText(points)}`, 9)}${subject} ${kind} ×${numberText(count)}, ${numberText(amount)} ${unit}`,
    `  ${' '.repeat(9)}${texts.entries} ${range}; ${texts.evidence} #${worst.offset}, ${at}`,
  ];
}

/** The least score of each stretch of the day, as blocks between `lowest` and 100. */
function sparkline(samples: readonly ScoreSample[], row: (typeof ROWS)[number], lowest: number): string {
  const columns = Math.min(COLUMNS, samples.length);
  let line = '';
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * samples.length) / columns);
    const to = Math.floor(((column + 1) * samples.length) / columns);
    const score = Math.min(...samples.slice(from, to).map((sample) => sample[row]));
    const height = (score - lowest) / (100 - lowest);
    line += BLOCKS[Math.max(0, Math.min(BLOCKS.length - 1, Math.floor(height * BLOCKS.length)))];
  }
  return line;
}

/** Times of the first and the last sample, under their ends of the line. */
function timeAxis(samples: readonly ScoreSample[]): string {
  const [first, last] = [samples[0], samples.at(-1)!].map(({ timeUs }) => clockText(kstSecond(timeUs)).slice(0, 5));
  const columns = Math.min(COLUMNS, samples.length);
  return columns < 12 ? first : `${first}${' '.repeat(columns - 10)}${last}`;
}

/** A score that is a multiple of ten, below all of the day's. */
export function lowestOf(samples: readonly ScoreSample[]): number {
  let least = 100;
  for (const sample of samples) for (const row of ROWS) least = Math.min(least, sample[row]);
  return Math.min(90, Math.floor(least / 10) * 10);
}

/** Hangul is two columns wide. */
function padded(text: string, columns: number): string {
  const wide = text.match(/[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/g)?.length ?? 0;
  return text + ' '.repeat(Math.max(0, columns - text.length - wide));
}
