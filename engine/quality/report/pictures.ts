// The pictures of the report, as SVG without a script: scores over the day as lines, and points by symbol and hour as a
// heat map. Colours are those of the page's style sheet, by class.
import { kstSecond } from '../../../config/calendar.ts';
import { DIMENSIONS } from '../findings.ts';
import type { QualityDayReport, ScoreSample, SymbolReport } from './day-report.ts';
import { lowestOf } from './terminal-report.ts';
import { clockText, numberText, type ReportLanguage, scoreText, TEXTS } from './texts.ts';

const LINES = [...DIMENSIONS, 'overall'] as const;
const WIDTH = 920;
const HEIGHT = 300;
const LEFT = 40;
const RIGHT = 16;
const TOP = 12;
const BOTTOM = 28;
export const HEAT_SYMBOLS = 20;
const CELL_HEIGHT = 24;
const NAME_WIDTH = 110;
/** Cells this strong have light figures. */
const ON_HEAT_FROM = 0.75;

/** Scores against the time of the day; the floor is a dashed line where it lies in the picture. */
export function scoreChart({ samples, floor }: QualityDayReport, language: ReportLanguage): string {
  const lowest = lowestOf(samples);
  const [first, last] = [samples[0].timeUs, samples.at(-1)!.timeUs];
  const span = Math.max(1, last - first);
  const x = (timeUs: number) => LEFT + ((timeUs - first) / span) * (WIDTH - LEFT - RIGHT);
  const y = (score: number) => TOP + ((100 - score) / (100 - lowest)) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  const step = 100 - lowest > 40 ? 20 : 100 - lowest > 10 ? 10 : 2;
  for (let score = 100; score >= lowest; score -= step) {
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(score))}" y2="${at(y(score))}"/>`);
    parts.push(`<text class="axis" x="${LEFT - 8}" y="${at(y(score) + 4)}" text-anchor="end">${score}</text>`);
  }
  for (const timeUs of hoursBetween(first, last)) {
    parts.push(`<line class="grid" x1="${at(x(timeUs))}" x2="${at(x(timeUs))}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>`);
    const clock = clockText(kstSecond(timeUs)).slice(0, 5);
    parts.push(`<text class="axis" x="${at(x(timeUs))}" y="${HEIGHT - 8}" text-anchor="middle">${clock}</text>`);
  }
  if (floor > lowest) {
    parts.push(`<line class="floor" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(floor))}" y2="${at(y(floor))}"/>`);
    const label = `${TEXTS[language].floor} ${floor}`;
    parts.push(`<text class="axis" x="${WIDTH - RIGHT}" y="${at(y(floor) - 6)}" text-anchor="end">${label}</text>`);
  }
  for (const name of LINES) {
    const points = samples.map((sample) => `${at(x(sample.timeUs))},${at(y(sample[name]))}`).join(' ');
    parts.push(`<polyline class="line ${name}" points="${points}"/>`);
  }
  const label = TEXTS[language].scoreOverDay;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${parts.join('')}</svg>`;
}

/** The symbols that lost most, one a row, and the hours in which anything was lost. */
export function heatMap(
  symbols: readonly SymbolReport[],
  samples: readonly ScoreSample[],
  language: ReportLanguage,
): string {
  const rows = symbols.slice(0, HEAT_SYMBOLS);
  const hours = hoursOf(samples);
  const most = Math.max(...rows.flatMap(({ pointsByHour }) => pointsByHour));
  const width = (WIDTH - NAME_WIDTH - 70) / hours.length;
  const x = (column: number) => NAME_WIDTH + column * width;
  const parts: string[] = [];
  for (const [column, hour] of hours.entries()) {
    const clock = `${String(hour).padStart(2, '0')}:00`;
    parts.push(`<text class="axis" x="${at(x(column) + width / 2)}" y="14" text-anchor="middle">${clock}</text>`);
  }
  for (const [row, { instrument, pointsByHour, scores }] of rows.entries()) {
    const top = 22 + row * CELL_HEIGHT;
    const middle = top + CELL_HEIGHT / 2 + 4;
    parts.push(
      `<text class="name" x="${NAME_WIDTH - 10}" y="${middle}" text-anchor="end">${escaped(instrument)}</text>`,
    );
    for (const [column, hour] of hours.entries()) {
      const points = pointsByHour[hour];
      // The root spreads small losses apart; what is nothing stays empty.
      const strength = points === 0 ? 0 : 0.12 + 0.88 * Math.sqrt(points / most);
      const cell = `x="${at(x(column) + 1)}" y="${top + 1}" width="${at(width - 2)}" height="${CELL_HEIGHT - 2}" rx="3"`;
      const title = `<title>${escaped(instrument)} ${hour}:00: −${numberText(points)}</title>`;
      parts.push(`<rect class="cell" ${cell}>${title}</rect>`);
      if (points === 0) continue;
      parts.push(`<rect class="heat" ${cell} fill-opacity="${at(strength)}">${title}</rect>`);
      const value = `x="${at(x(column) + width / 2)}" y="${middle}" text-anchor="middle"`;
      parts.push(
        `<text class="${strength > ON_HEAT_FROM ? 'on-heat' : 'value'}" ${value}>${numberText(points)}</text>`,
      );
    }
    parts.push(`<text class="score" x="${WIDTH}" y="${middle}" text-anchor="end">${scoreText(scores.overall)}</text>`);
  }
  const height = 26 + rows.length * CELL_HEIGHT;
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${TEXTS[language].pointsByHour}">${parts.join('')}</svg>`;
}

/** Text inside of markup. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Full hours in Korea between two times, at most a dozen of them. */
function hoursBetween(firstUs: number, lastUs: number): number[] {
  const hourUs = 3600 * 1_000_000;
  const every = Math.max(1, Math.ceil((lastUs - firstUs) / hourUs / 12)) * hourUs;
  const hours: number[] = [];
  for (let timeUs = Math.ceil(firstUs / hourUs) * hourUs; timeUs <= lastUs; timeUs += every) hours.push(timeUs);
  return hours;
}

function hoursOf(samples: readonly ScoreSample[]): number[] {
  return [...new Set(samples.map(({ timeUs }) => Math.floor(kstSecond(timeUs) / 3600)))];
}

function at(value: number): string {
  return String(Math.round(value * 100) / 100);
}
