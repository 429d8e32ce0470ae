// Signals of every instrument with their scores, bounded. Scores and signals are streams of their own and snapshots
// come in any order, so a score may stand here before its signal.
import type { ScoreMessage, SignalMessage } from '../../engine/messages.ts';

export interface SignalEntry {
  id: string;
  instrument: string;
  signal: SignalMessage | null;
  score: ScoreMessage | null;
}

export interface SignalSummary {
  scored: number;
  /** Share of the scored signals whose move went their way; null where none is scored. */
  hitRate: number | null;
  netBpMean: number | null;
}

export class SignalBoard {
  readonly capacity: number;
  private entries = new Map<string, SignalEntry>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  addSignal(instrument: string, signal: SignalMessage): void {
    this.entry(signal.id, instrument).signal = signal;
    this.trim();
  }

  addScore(instrument: string, score: ScoreMessage): void {
    this.entry(score.signalId, instrument).score = score;
    this.trim();
  }

  /** Newest first, at most the capacity; those whose signal is not known are left out. */
  newest(): (SignalEntry & { signal: SignalMessage })[] {
    const known = [...this.entries.values()].filter((entry): entry is SignalEntry & { signal: SignalMessage } => {
      return entry.signal !== null;
    });
    return known.sort((a, b) => timeOf(b) - timeOf(a)).slice(0, this.capacity);
  }

  clear(): void {
    this.entries.clear();
  }

  private entry(id: string, instrument: string): SignalEntry {
    let entry = this.entries.get(id);
    if (entry === undefined) {
      entry = { id, instrument, signal: null, score: null };
      this.entries.set(id, entry);
    }
    return entry;
  }

  private trim(): void {
    if (this.entries.size < 2 * this.capacity) return;
    const newest = [...this.entries.values()].sort((a, b) => timeOf(b) - timeOf(a)).slice(0, this.capacity);
    this.entries = new Map(newest.map((entry) => [entry.id, entry]));
  }
}

export function summarise(entries: readonly SignalEntry[]): SignalSummary {
  let scored = 0;
  let hits = 0;
  let netBp = 0;
  for (const { score } of entries) {
    if (score === null) continue;
    scored += 1;
    netBp += score.netBp;
    if (score.hit) hits += 1;
  }
  return {
    scored,
    hitRate: scored === 0 ? null : hits / scored,
    netBpMean: scored === 0 ? null : netBp / scored,
  };
}

function timeOf(entry: SignalEntry): number {
  return entry.signal?.timeUs ?? entry.score?.timeUs ?? 0;
}
