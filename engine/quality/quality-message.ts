// The messages of the channel `quality`: scores and findings of a day so far, as they are published.
import type { QualityMessage } from '../messages.ts';
import type { InstrumentQuality } from './instrument-quality.ts';
import type { Quality } from './quality.ts';
import { newScores, type Scores } from './score.ts';

/** Stream `quality/005930.KRX`, or with a variant `quality/005930.KRX/books`. */
export function instrumentMessage(
  quality: Quality,
  { subject }: InstrumentQuality,
  variant?: 'trades' | 'books',
): QualityMessage {
  const scores = subject.score(newScores(), quality.settings.weights, variant);
  return message(quality.context.timeUs, scores, subject.counts(variant));
}

/** Stream `quality/engine`. */
export function engineMessage(quality: Quality): QualityMessage {
  return message(quality.context.timeUs, quality.score(newScores()), quality.counts());
}

/** Scores to a hundredth: half of a hundredth is less than any finding takes. */
function message(timeUs: number, scores: Scores, findings: Record<string, number>): QualityMessage {
  return {
    seq: 0,
    timeUs,
    completeness: rounded(scores.completeness),
    accuracy: rounded(scores.accuracy),
    consistency: rounded(scores.consistency),
    timeliness: rounded(scores.timeliness),
    overall: rounded(scores.overall),
    findings,
  };
}

/** Down, so that nothing but 100 says 100. */
function rounded(score: number): number {
  return Math.floor(score * 100) / 100;
}
