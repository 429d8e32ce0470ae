// Signals that wait for their horizon, and what the market did with them. One book of an instrument, oldest first.
import type { ScoreMessage, SignalMessage } from '../messages.ts';

const BP = 10_000;

/** The score of a signal, given the mid and the spread (won) when its horizon ended. */
export function scoreOf(
  signal: SignalMessage,
  exitMid: number,
  exitSpread: number,
): Omit<ScoreMessage, 'seq' | 'timeUs'> {
  const direction = signal.side === 'buy' ? 1 : -1;
  const moveBp = (direction * (exitMid - signal.mid) * BP) / signal.mid;
  const costBp = ((signal.spread + exitSpread) / 2 / signal.mid) * BP;
  return {
    signalId: signal.id,
    side: signal.side,
    confidence: signal.confidence,
    entryMid: signal.mid,
    exitMid,
    moveBp,
    netBp: moveBp - costBp,
    hit: moveBp > 0,
  };
}

/** Due times only grow, since all signals of a run have one horizon: the oldest is due first. */
export class PendingScores {
  readonly signals: SignalMessage[] = [];

  /** Engine time at which the oldest is due; Infinity where none waits. */
  get dueUs(): number {
    const oldest = this.signals[0];
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.timeUs + oldest.horizonMs * 1000;
  }

  /** The oldest, which is due, leaves. */
  take(): SignalMessage {
    const oldest = this.signals.shift();
    if (oldest === undefined) throw new Error('no signal waits for its score');
    return oldest;
  }
}
