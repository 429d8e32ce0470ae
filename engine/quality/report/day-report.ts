// A day's quality as data: what the JSON report holds, and what the others are drawn from. The shape is public: fields
// are added, never renamed; `version` rises where one had to go. Times are UTC microseconds, scores 0–100.
import type { Finding, FindingKind, FindingStream } from '../findings.ts';
import type { Scores } from '../score.ts';

export const REPORT_VERSION = 1;

/** The engine's scores at a minute: of the day so far, and (overall) of the last five minutes. */
export interface ScoreSample extends Scores {
  readonly timeUs: number;
  readonly current: number;
}

/** An instrument that lost points, with its scores at the day's end. */
export interface SymbolReport {
  readonly instrument: string;
  readonly scores: Readonly<Scores>;
  readonly findings: number;
  readonly points: number;
  /** Points that it lost in each hour of the day in Korea, 24 of them. */
  readonly pointsByHour: readonly number[];
}

/** All findings of one kind on one stream. Its worst one stands for them as evidence. */
export interface Deduction {
  readonly instrument: string;
  readonly stream: FindingStream;
  readonly kind: FindingKind;
  readonly count: number;
  /** Sum, in the kind's unit. */
  readonly amount: number;
  readonly points: number;
  /** Journal entries of the first and the last of them. */
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly worst: Finding;
}

export interface QualityDayReport {
  readonly version: typeof REPORT_VERSION;
  /** Day in Korea, YYYYMMDD. */
  readonly date: number;
  readonly floor: number;
  /** Of the engine at the end. */
  readonly scores: Readonly<Scores>;
  readonly samples: readonly ScoreSample[];
  /** Instruments that were there; those without a finding are not listed. */
  readonly instruments: number;
  /** Worst first. */
  readonly symbols: readonly SymbolReport[];
  /** Most points first. */
  readonly deductions: readonly Deduction[];
  readonly findingsTotal: number;
  /** The first of the day, as many as are kept; the others are in `deductions` and left out here. */
  readonly findings: readonly Finding[];
  readonly findingsLeftOut: number;
}
