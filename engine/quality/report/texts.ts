// The words of the reports, English and Korean. Those of each kind of finding stand with it, in findings.ts.
import { FINDINGS, type FindingKind } from '../findings.ts';

export const REPORT_LANGUAGES = ['en', 'ko'] as const;
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number];

interface ReportTexts {
  readonly title: string;
  readonly dimensions: Readonly<Record<'completeness' | 'accuracy' | 'consistency' | 'timeliness' | 'overall', string>>;
  readonly floor: string;
  readonly scoreOverDay: string;
  readonly worstSymbols: string;
  readonly pointsByHour: string;
  readonly deductions: string;
  readonly clean: string;
  readonly noSamples: string;
  readonly symbol: string;
  readonly stream: string;
  readonly finding: string;
  readonly count: string;
  readonly amount: string;
  readonly points: string;
  readonly entries: string;
  readonly evidence: string;
  readonly expected: string;
  readonly found: string;
  readonly at: string;
  readonly meaning: string;
  readonly streams: Readonly<Record<'trades' | 'books' | 'engine', string>>;
  readonly units: Readonly<Record<(typeof FINDINGS)[FindingKind]['unit'], string>>;
  readonly summary: (findings: number, instruments: number, affected: number) => string;
  readonly moreSymbols: (count: number) => string;
  readonly moreDeductions: (count: number) => string;
  readonly leftOut: (count: number) => string;
  readonly howScored: string;
}

export const TEXTS: Readonly<Record<ReportLanguage, ReportTexts>> = {
  en: {
    title: 'Data quality',
    dimensions: {
      completeness: 'Completeness',
      accuracy: 'Accuracy',
      consistency: 'Consistency',
      timeliness: 'Timeliness',
      overall: 'Overall',
    },
    floor: 'Floor',
    scoreOverDay: 'Score over the day',
    worstSymbols: 'Worst symbols',
    pointsByHour: 'Points lost by hour',
    deductions: 'Deductions',
    clean: 'Nothing was found: the day is clean.',
    noSamples: 'The day holds no entries.',
    symbol: 'Symbol',
    stream: 'Stream',
    finding: 'Finding',
    count: 'Count',
    amount: 'Amount',
    points: 'Points',
    entries: 'Journal entries',
    evidence: 'Worst: entry',
    expected: 'Expected',
    found: 'Found',
    at: 'Time (KST)',
    meaning: 'What the findings say',
    streams: { trades: 'trades', books: 'books', engine: 'engine' },
    units: {
      shares: 'shares',
      won: 'won',
      records: 'records',
      frames: 'frames',
      fields: 'fields',
      ms: 'ms',
      points: 'points',
    },
    summary: (findings, instruments, affected) =>
      `${findings.toLocaleString('en-US')} findings on ${affected} of ${instruments.toLocaleString('en-US')} instruments`,
    moreSymbols: (count) => `and ${count.toLocaleString('en-US')} more`,
    moreDeductions: (count) => `and ${count.toLocaleString('en-US')} more; the JSON report has them all`,
    leftOut: (count) =>
      `${count.toLocaleString('en-US')} single findings are left out of the JSON; they are counted above`,
    howScored:
      'A finding takes points off one dimension, and they do not come back that day: score = 100 / (1 + points / 100).',
  },
  ko: {
    title: '데이터 품질',
    dimensions: {
      completeness: '완전성',
      accuracy: '정확성',
      consistency: '일관성',
      timeliness: '적시성',
      overall: '종합',
    },
    floor: '하한',
    scoreOverDay: '하루 동안의 점수',
    worstSymbols: '점수가 낮은 종목',
    pointsByHour: '시간대별 감점',
    deductions: '감점 내역',
    clean: '발견된 문제가 없습니다. 깨끗한 하루입니다.',
    noSamples: '이 날의 기록이 없습니다.',
    symbol: '종목',
    stream: '스트림',
    finding: '항목',
    count: '횟수',
    amount: '양',
    points: '감점',
    entries: '저널 번호',
    evidence: '가장 큰 것: 번호',
    expected: '기대값',
    found: '실제값',
    at: '시각 (KST)',
    meaning: '항목의 뜻',
    streams: { trades: '체결', books: '호가', engine: '엔진' },
    units: {
      shares: '주',
      won: '원',
      records: '건',
      frames: '프레임',
      fields: '필드',
      ms: 'ms',
      points: '포인트',
    },
    summary: (findings, instruments, affected) =>
      `종목 ${instruments.toLocaleString('ko-KR')}개 중 ${affected}개에서 ${findings.toLocaleString('ko-KR')}건`,
    moreSymbols: (count) => `외 ${count.toLocaleString('ko-KR')}개`,
    moreDeductions: (count) => `외 ${count.toLocaleString('ko-KR')}개. JSON 보고서에 모두 있습니다`,
    leftOut: (count) => `개별 항목 ${count.toLocaleString('ko-KR')}건은 JSON에서 생략했고 위 횟수에는 포함했습니다`,
    howScored: '항목마다 한 차원에서 감점하며 그날은 회복되지 않습니다. 점수 = 100 / (1 + 감점 / 100)',
  },
};

/** What a kind of finding says, in a sentence. */
export function meaningOf(kind: FindingKind, language: ReportLanguage): string {
  return FINDINGS[kind][language];
}

/** 1,234.5: at most one decimal, none where it says nothing. */
export function numberText(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 1 });
}

/** Score to a tenth, down, so that nothing but 100 says 100. */
export function scoreText(score: number): string {
  return score >= 100 ? '100' : (Math.floor(score * 10) / 10).toFixed(1);
}

/** 20261123 as 2026-11-23. */
export function dateText(date: number): string {
  const digits = String(date);
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** Second of a day in Korea as 09:00:12. */
export function clockText(second: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(second / 3600)}:${two((second / 60) % 60)}:${two(second % 60)}`;
}
