// From a probability to a direction. The policy knows neither gates nor time: it says what the model would do.
import type { Side } from '../messages.ts';

export interface Candidate {
  readonly side: Side;
  /** 0.5 … 1: the probability of that direction. */
  readonly confidence: number;
  /** 0 … 1: how much of the way from the threshold to certainty. */
  readonly strength: number;
}

/** @param up probability that the next move of the mid is up; @returns null where neither direction is likely enough */
export function candidateOf(up: number, probabilityMin: number): Candidate | null {
  const confidence = Math.max(up, 1 - up);
  if (!(confidence >= probabilityMin)) return null;
  const strength = probabilityMin < 1 ? (confidence - probabilityMin) / (1 - probabilityMin) : 1;
  return { side: up >= 0.5 ? 'buy' : 'sell', confidence, strength };
}

/** The reasons of a signal, for people: numbers as the decision saw them. */
export function reasonsOf(
  candidate: Candidate,
  probabilityMin: number,
  imbalance: number,
  spreadTicks: number,
): string[] {
  const direction = candidate.side === 'buy' ? 'up' : 'down';
  return [
    `probability_${direction} ${candidate.confidence.toFixed(4)} >= ${probabilityMin.toFixed(4)}`,
    `book_imbalance ${imbalance.toFixed(4)}`,
    `spread ${spreadTicks.toFixed(1)} ticks`,
  ];
}
