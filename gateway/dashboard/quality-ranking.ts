// What the panel of data quality lists: the instruments whose data are worst, what was found most often, and which of the
// alerts are still to be shown.
import type { AlertMessage, QualityMessage } from '../../engine/messages.ts';
import type { InstrumentState } from './market-state.ts';

export const DIMENSIONS = ['completeness', 'accuracy', 'consistency', 'timeliness'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** An alert that was resolved is told of for so long, by the engine's clock. */
const RESOLVED_SHOWN_US = 60_000_000;
/** From here on a score is good, and from there on fair: colours only, no decision hangs on them. */
const GOOD_SCORE = 95;
const FAIR_SCORE = 80;

export interface RankedInstrument {
  readonly instrument: string;
  readonly quality: QualityMessage;
  readonly weakest: Dimension;
}

/** Those below 100, the lowest overall score first, equal ones by name. */
export function worstInstruments(instruments: Iterable<InstrumentState>, countMax: number): RankedInstrument[] {
  const ranked: RankedInstrument[] = [];
  for (const { instrument, quality } of instruments) {
    const scores = quality.get('');
    if (scores !== undefined && scores.overall < 100) {
      ranked.push({ instrument, quality: scores, weakest: weakestDimension(scores) });
    }
  }
  ranked.sort((a, b) => a.quality.overall - b.quality.overall || (a.instrument < b.instrument ? -1 : 1));
  return ranked.slice(0, countMax);
}

export function weakestDimension(scores: Readonly<Record<Dimension, number>>): Dimension {
  return DIMENSIONS.reduce((weakest, dimension) => (scores[dimension] < scores[weakest] ? dimension : weakest));
}

/** Most frequent first, equal ones by name. */
export function rankedFindings(findings: Readonly<Record<string, number>>): [kind: string, count: number][] {
  return Object.entries(findings)
    .filter(([, count]) => count > 0)
    .sort(([kindA, a], [kindB, b]) => b - a || (kindA < kindB ? -1 : 1));
}

/** Raised ones first, critical before warnings, then the newest; resolved ones as long as they are news. */
export function currentAlerts(alerts: Iterable<AlertMessage>, nowUs: number): AlertMessage[] {
  const rank = ({ state, severity }: AlertMessage) => (state === 'resolved' ? 2 : severity === 'warning' ? 1 : 0);
  return [...alerts]
    .filter(({ state, timeUs }) => state === 'raised' || nowUs - timeUs < RESOLVED_SHOWN_US)
    .sort((a, b) => rank(a) - rank(b) || b.timeUs - a.timeUs);
}

export function scoreTone(score: number | undefined): 'quiet' | 'good' | 'warn' | 'bad' {
  if (score === undefined) return 'quiet';
  return score >= GOOD_SCORE ? 'good' : score >= FAIR_SCORE ? 'warn' : 'bad';
}
