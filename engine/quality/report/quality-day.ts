// Collects what a day's report needs while a journal passes through the state machine: a sample of the scores a minute,
// and every finding as it is made. It decides nothing and changes nothing.
import { kstDate, kstSecond, kstToUtcUs } from '../../../config/calendar.ts';
import type { Finding } from '../findings.ts';
import type { Quality } from '../quality.ts';
import { newScores, type Scores } from '../score.ts';
import {
  type Deduction,
  type QualityDayReport,
  REPORT_VERSION,
  type ScoreSample,
  type SymbolReport,
} from './day-report.ts';

const MINUTE_US = 60_000_000;
const DAY_SECONDS = 86_400;
const HOURS = 24;
/** Single findings kept of a day; further ones are counted and stand in its deductions. */
const FINDINGS_MAX = 2000;

interface SymbolDay {
  scores: Scores;
  findings: number;
  points: number;
  readonly pointsByHour: number[];
}

interface Day {
  readonly date: number;
  readonly samples: ScoreSample[];
  /** Bounded by the instruments, and by these times the kinds. */
  readonly symbols: Map<string, SymbolDay>;
  readonly deductions: Map<string, Deduction>;
  readonly findings: Finding[];
  findingsTotal: number;
  instruments: number;
}

export class QualityDays {
  private readonly days = new Map<number, Day>();
  private readonly findingsMax: number;
  private sampledMinute = -1;
  /** Of the day that was sampled last, UTC microseconds. */
  private dayEndUs = Number.POSITIVE_INFINITY;
  private floor = 0;

  constructor({ findingsMax = FINDINGS_MAX }: { readonly findingsMax?: number } = {}) {
    this.findingsMax = findingsMax;
  }

  /** What `Quality` is given to tell its findings to. */
  readonly onFinding = (finding: Finding): void => {
    const day = this.day(kstDate(finding.timeUs));
    day.findingsTotal += 1;
    if (day.findings.length < this.findingsMax) day.findings.push(finding);
    const symbol = symbolOf(day, finding.instrument);
    symbol.findings += 1;
    symbol.points += finding.points;
    symbol.pointsByHour[Math.floor(kstSecond(finding.timeUs) / 3600)] += finding.points;
    deduct(day, finding);
  };

  /** Time went on: call it whenever `Quality.advance` was; it samples once a minute. */
  advance(quality: Quality): void {
    const minute = Math.floor(quality.context.timeUs / MINUTE_US);
    if (minute !== this.sampledMinute) this.sample(quality);
  }

  /** Time is about to go on: where another day begins with it, the last scores of this one are those of now. */
  endBefore(quality: Quality, timeUs: number): void {
    if (timeUs >= this.dayEndUs) this.sample(quality);
  }

  /** The journal is at its end: the last scores are those of now. */
  close(quality: Quality): void {
    this.sample(quality);
  }

  /** One for each day, oldest first. */
  reports(): QualityDayReport[] {
    return [...this.days.values()].sort((one, other) => one.date - other.date).map((day) => reportOf(day, this.floor));
  }

  private sample(quality: Quality): void {
    const { timeUs, date } = quality.context;
    // A run has begun, and no entry has followed yet.
    if (date === 0) return;
    this.dayEndUs = kstToUtcUs(date, DAY_SECONDS);
    this.sampledMinute = Math.floor(timeUs / MINUTE_US);
    this.floor = quality.settings.floor;
    const day = this.day(date);
    const { overall: current } = quality.scoreCurrent(newScores());
    day.samples.push({ timeUs, ...quality.score(newScores()), current });
    day.instruments = [...quality.all()].length;
    for (const [name, symbol] of day.symbols) {
      const subject = name === 'engine' ? quality.engine : quality.named(name)?.subject;
      symbol.scores = subject?.score(newScores(), quality.settings.weights) ?? symbol.scores;
    }
  }

  private day(date: number): Day {
    let day = this.days.get(date);
    if (day === undefined) {
      const empty = { samples: [], symbols: new Map(), deductions: new Map(), findings: [] };
      day = { date, ...empty, findingsTotal: 0, instruments: 0 };
      this.days.set(date, day);
    }
    return day;
  }
}

function symbolOf(day: Day, instrument: string): SymbolDay {
  let symbol = day.symbols.get(instrument);
  if (symbol === undefined) {
    symbol = { scores: newScores(), findings: 0, points: 0, pointsByHour: new Array(HOURS).fill(0) };
    day.symbols.set(instrument, symbol);
  }
  return symbol;
}

function deduct(day: Day, finding: Finding): void {
  const { instrument, stream, kind, amount, points, offset } = finding;
  const key = `${instrument} ${stream} ${kind}`;
  const before = day.deductions.get(key);
  day.deductions.set(key, {
    instrument,
    stream,
    kind,
    count: (before?.count ?? 0) + 1,
    amount: (before?.amount ?? 0) + amount,
    points: (before?.points ?? 0) + points,
    firstOffset: before?.firstOffset ?? offset,
    lastOffset: offset,
    worst: before === undefined || points > before.worst.points ? finding : before.worst,
  });
}

function reportOf(day: Day, floor: number): QualityDayReport {
  const { date, samples, findings, findingsTotal, instruments } = day;
  const symbols: SymbolReport[] = [...day.symbols].map(([instrument, symbol]) => ({ instrument, ...symbol }));
  const {
    timeUs: _timeUs,
    current: _current,
    ...scores
  } = samples.at(-1) ?? { timeUs: 0, current: 100, ...newScores() };
  return {
    version: REPORT_VERSION,
    date,
    floor,
    scores,
    samples,
    instruments,
    symbols: symbols.sort((one, other) => one.scores.overall - other.scores.overall || other.points - one.points),
    deductions: [...day.deductions.values()].sort((one, other) => other.points - one.points),
    findingsTotal,
    findings,
    findingsLeftOut: findingsTotal - findings.length,
  };
}
