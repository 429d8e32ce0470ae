// The unified feed holds all trades of KRX, so at a later second it cannot count fewer shares than KRX did before.
import type { InstrumentQuality } from './instrument-quality.ts';

/** One feed may be a moment behind the other; what lasts is no such moment. */
const LASTS_SECONDS = 5;

export interface UnifiedLapse {
  readonly unified: InstrumentQuality;
  /** Shares. */
  readonly missing: number;
  readonly expected: number;
  readonly found: number;
}

interface Pair {
  readonly krx: InstrumentQuality;
  readonly unified: InstrumentQuality;
  /** Seconds in a row that the unified feed was below. */
  belowSeconds: number;
}

export class UnifiedCheck {
  private readonly pairs = new Map<string, Pair>();

  add(krx: InstrumentQuality, unified: InstrumentQuality): void {
    this.pairs.set(krx.code, { krx, unified, belowSeconds: 0 });
  }

  /** Once a second. @returns those that have just been below for long enough */
  lapses(): UnifiedLapse[] {
    const lapses: UnifiedLapse[] = [];
    for (const pair of this.pairs.values()) {
      const expected = pair.krx.last.volume;
      const found = pair.unified.last.volume;
      pair.belowSeconds = isBelow(pair) ? pair.belowSeconds + 1 : 0;
      if (pair.belowSeconds !== LASTS_SECONDS) continue;
      lapses.push({ unified: pair.unified, missing: expected - found, expected, found });
    }
    return lapses;
  }

  save(): [code: string, belowSeconds: number][] {
    return [...this.pairs].map(([code, { belowSeconds }]) => [code, belowSeconds]);
  }

  load(saved: readonly (readonly [code: string, belowSeconds: number])[]): void {
    for (const [code, belowSeconds] of saved) this.pairs.get(code)!.belowSeconds = belowSeconds;
  }
}

function isBelow({ krx, unified }: Pair): boolean {
  const [alone, all] = [krx.last, unified.last];
  return all.businessDate === alone.businessDate && all.seconds > alone.seconds && all.volume < alone.volume;
}
