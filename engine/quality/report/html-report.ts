// A day's quality as one page of HTML that needs nothing else: no script, no font, no file beside it. It follows the
// reader's light or dark setting.
import { kstSecond } from '../../../config/calendar.ts';
import { DIMENSIONS, FINDINGS, type FindingKind } from '../findings.ts';
import type { Deduction, QualityDayReport } from './day-report.ts';
import { escaped, HEAT_SYMBOLS, heatMap, scoreChart } from './pictures.ts';
import { STYLE } from './style.ts';
import { clockText, dateText, meaningOf, numberText, type ReportLanguage, scoreText, TEXTS } from './texts.ts';

const DEDUCTIONS_MAX = 200;

export function htmlReport(report: QualityDayReport, language: ReportLanguage = 'en'): string {
  const texts = TEXTS[language];
  const date = dateText(report.date);
  return [
    '<!doctype html>',
    `<html lang="${language}">`,
    '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${texts.title} ${date}</title><style>${STYLE}</style></head>`,
    `<body><main><header><h1>${texts.title}</h1><p class="date">${date}</p></header>`,
    ...(report.samples.length === 0 ? [`<section><p>${texts.noSamples}</p></section>`] : sections(report, language)),
    '</main></body></html>\n',
  ].join('\n');
}

function sections(report: QualityDayReport, language: ReportLanguage): string[] {
  const texts = TEXTS[language];
  const { symbols, deductions } = report;
  const affected = symbols.filter(({ instrument }) => instrument !== 'engine').length;
  const summary = `<p>${texts.summary(report.findingsTotal, report.instruments, affected)}</p>`;
  const chart = `<section><h2>${texts.scoreOverDay}</h2>${legend(language)}${scoreChart(report, language)}</section>`;
  const head = [tiles(report, language), summary, chart];
  if (deductions.length === 0) return [...head, `<section><p class="clean">${texts.clean}</p></section>`];
  const hidden = symbols.length - HEAT_SYMBOLS;
  return [
    ...head,
    `<section><h2>${texts.worstSymbols}</h2><p class="hint">${texts.pointsByHour}</p>`,
    heatMap(symbols, report.samples, language),
    `${hidden > 0 ? `<p class="hint">${texts.moreSymbols(hidden)}</p>` : ''}</section>`,
    `<section><h2>${texts.deductions}</h2>${deductionTable(report, language)}</section>`,
    `<section><h2>${texts.meaning}</h2>${meanings(deductions, language)}<p class="hint">${texts.howScored}</p></section>`,
  ];
}

function tiles({ scores, floor }: QualityDayReport, language: ReportLanguage): string {
  const { dimensions } = TEXTS[language];
  const tile = (name: keyof typeof dimensions) => {
    const tone = scores[name] < floor ? 'bad' : scores[name] < (100 + floor) / 2 ? 'fair' : 'good';
    return `<div class="tile ${tone}"><span>${dimensions[name]}</span><strong>${scoreText(scores[name])}</strong></div>`;
  };
  return `<div class="tiles">${(['overall', ...DIMENSIONS] as const).map(tile).join('')}</div>`;
}

function legend(language: ReportLanguage): string {
  const { dimensions } = TEXTS[language];
  const names = ['overall', ...DIMENSIONS] as const;
  const items = names.map((name) => {
    const line = `<svg viewBox="0 0 28 8" aria-hidden="true"><line class="line ${name}" x1="1" x2="27" y1="4" y2="4"/></svg>`;
    return `<span>${line}${dimensions[name]}</span>`;
  });
  return `<p class="legend">${items.join('')}</p>`;
}

function deductionTable({ deductions, findingsLeftOut }: QualityDayReport, language: ReportLanguage): string {
  const texts = TEXTS[language];
  const { symbol, stream, finding, count, amount, points, entries, evidence, at, expected, found } = texts;
  const heads = [symbol, stream, finding, points, count, amount, entries, evidence, at, expected, found];
  const textual = new Set([symbol, stream, finding]);
  const head = heads.map((name) => `<th${textual.has(name) ? '' : ' class="number"'}>${name}</th>`).join('');
  const rows = deductions.slice(0, DEDUCTIONS_MAX).map((deduction) => deductionRow(deduction, language));
  const hidden = deductions.length - DEDUCTIONS_MAX;
  const notes = [
    ...(hidden > 0 ? [texts.moreDeductions(hidden)] : []),
    ...(findingsLeftOut > 0 ? [texts.leftOut(findingsLeftOut)] : []),
  ].map((note) => `<p class="hint">${note}</p>`);
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>${notes.join('')}`;
}

function deductionRow(deduction: Deduction, language: ReportLanguage): string {
  const { instrument, stream, kind, count, amount, points, firstOffset, lastOffset, worst } = deduction;
  const { streams, units } = TEXTS[language];
  const unit = units[FINDINGS[kind].unit];
  const range = firstOffset === lastOffset ? String(firstOffset) : `${firstOffset} – ${lastOffset}`;
  const cells = [
    `<td>${escaped(instrument)}</td><td>${streams[stream]}</td>`,
    `<td title="${escaped(meaningOf(kind, language))}"><i class="dot ${FINDINGS[kind].dimension}"></i>${kind}</td>`,
    ...[`−${numberText(points)}`, numberText(count), `${numberText(amount)} ${unit}`, range, String(worst.offset)].map(
      number,
    ),
    ...[clockText(kstSecond(worst.timeUs)), numberText(worst.expected), numberText(worst.found)].map(number),
  ];
  return `<tr>${cells.join('')}</tr>`;
}

function number(text: string): string {
  return `<td class="number">${text}</td>`;
}

function meanings(deductions: readonly Deduction[], language: ReportLanguage): string {
  const kinds = [...new Set(deductions.map(({ kind }) => kind))];
  const item = (kind: FindingKind) => {
    const { dimension } = FINDINGS[kind];
    const name = `<i class="dot ${dimension}"></i>${kind}`;
    return `<dt>${name}</dt><dd>${meaningOf(kind, language)} <em>${TEXTS[language].dimensions[dimension]}</em></dd>`;
  };
  return `<dl>${kinds.map(item).join('')}</dl>`;
}
