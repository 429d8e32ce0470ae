// What /v1/quality says, and what Prometheus scrapes: scores of the day, and the evidence that is kept of it.

import type { Quality } from './quality/quality.ts';
import { newScores, type Scores } from './quality/score.ts';
import type { StateMachine } from './state-machine.ts';

/** Findings told at once: the newest. */
const EVIDENCE_SHOWN = 200;

export function qualityScores(quality: Quality | null): Record<string, number> {
  return quality === null ? {} : { ...quality.score(newScores()) };
}

/** Plain data, ready for JSON; instruments with the lowest scores first. */
export function qualityOf({ quality, timeUs }: Pick<StateMachine, 'quality' | 'timeUs'>): object {
  if (quality === null) return { timeUs, instruments: [], evidence: [] };
  const { settings, evidence } = quality;
  const instruments = [...quality.all()].map((one) => ({
    instrument: one.subject.name,
    scores: { ...one.dayScores() } satisfies Scores,
    current: one.currentOverall(timeUs),
    findings: one.subject.counts(),
  }));
  return {
    timeUs,
    scores: quality.score(newScores()),
    floor: settings.floor,
    signalFloor: settings.signalFloor,
    weights: settings.weights,
    clockOffsetUs: quality.clockOffsetUs,
    findings: quality.counts(),
    instruments: instruments.sort((one, other) => one.scores.overall - other.scores.overall),
    evidence: evidence.findings().slice(-EVIDENCE_SHOWN),
    evidenceDropped: evidence.dropped,
  };
}
