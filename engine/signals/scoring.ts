// Signals that wait for their horizon, and what the market did with them. One book of an instrument, oldest first.
import type { ScoreMessage, SignalMessage } from '../messages.ts';

const BP = 10_000;

/** Where a position could have been closed, won. */
export interface Exit {
  readonly mid: number;
  readonly spread: number;
}

/**
 * From the top of the book, 0 for an empty side. At a price limit one side is empty, and the other is the price; with no
 * book at all it is the last trade's. Spread is what closing costs, so that a crossed auction book earns nothing.
 */
export function exitOf(bid: number, ask: number, lastPrice: number): Exit {
  if (bid > 0 && ask > 0) return { mid: (bid + ask) / 2, spread: Math.max(0, ask - bid) };
  return { mid: Math.max(bid, ask) || lastPrice, spread: 0 };
}

/** The score of a signal, given how the market stood when its horizon ended. */
export function scoreOf(signal: SignalMessage, exit: Exit): Omit<ScoreMessage, 'seq' | 'timeUs'> {
  const direction = signal.side === 'buy' ? 1 : -1;
  const moveBp = (direction * (exit.mid - signal.mid) * BP) / signal.mid;
  const costBp = ((signal.spread + exit.spread) / 2 / signal.mid) * BP;
  return {
    signalId: signal.id,
    side: signal.side,
    confidence: signal.confidence,
    entryMid: signal.mid,
    exitMid: exit.mid,
    moveBp,
    netBp: moveBp - costBp,
    hit: moveBp > 0,
  };
}

export interface SavedGivenSignals {
  readonly pending: readonly SignalMessage[];
  readonly timesUs: readonly number[];
}

/**
 * The signals that an instrument gave: those that wait for their score, and when the last ones were given. Due times
 * only grow, since all signals of a run have one horizon: the oldest is due first.
 */
export class GivenSignals {
  /** Times of the last signals, oldest first, as many as the rate gate looks at. */
  readonly timesUs: number[] = [];
  private readonly pending: SignalMessage[] = [];

  add(signal: SignalMessage, perMinuteMax: number): void {
    this.pending.push(signal);
    this.timesUs.push(signal.timeUs);
    if (this.timesUs.length > perMinuteMax) this.timesUs.shift();
  }

  /** Engine time at which the oldest is due; Infinity where none waits. */
  get dueUs(): number {
    const oldest = this.pending[0];
    return oldest === undefined ? Number.POSITIVE_INFINITY : oldest.timeUs + oldest.horizonMs * 1000;
  }

  /** The oldest, which is due, leaves. */
  take(): SignalMessage {
    const oldest = this.pending.shift();
    if (oldest === undefined) throw new Error('no signal waits for its score');
    return oldest;
  }

  save(): SavedGivenSignals {
    return { pending: [...this.pending], timesUs: [...this.timesUs] };
  }

  load({ pending, timesUs }: SavedGivenSignals): void {
    this.pending.push(...pending);
    this.timesUs.push(...timesUs);
  }
}
