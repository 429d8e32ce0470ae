// Sessions that die and come back, at random times of the feed drawn from a seed: half of the symbols hang on each.
import { DEFAULT_UNIVERSE } from '../../config/instruments.ts';
import { Random } from '../emulator/market/random.ts';
import type { Registration } from './market-player.ts';

export interface OutageEvent {
  readonly session: string;
  readonly event: 'lost' | 'connected';
}

const SESSIONS = ['key-1', 'key-2'] as const;
/** Apart from the streams of the market and the faults. */
const STREAM = 0x0fa019;
/** Mean time between two losses of a session, and mean length; a few last over an auction or the day's end. */
const UP_US = 90 * 60_000_000;
const DOWN_US = 3 * 60_000_000;

interface Line {
  readonly session: string;
  down: boolean;
  changeUs: number;
}

export class SessionOutages {
  /** Losses so far. */
  count = 0;
  private readonly random: Random;
  private readonly lines: readonly Line[];

  constructor(seed: number) {
    this.random = new Random(seed, STREAM);
    this.lines = SESSIONS.map((session) => ({ session, down: false, changeUs: UP_US * this.random.exponential() }));
  }

  isDown(session: string): boolean {
    return this.lines.some((line) => line.session === session && line.down);
  }

  /** What happened up to so many microseconds of the feed's time. */
  advanceTo(elapsedUs: number): OutageEvent[] {
    const events: OutageEvent[] = [];
    for (const line of this.lines) {
      while (line.changeUs <= elapsedUs) {
        line.down = !line.down;
        line.changeUs += (line.down ? DOWN_US : UP_US) * this.random.exponential();
        if (line.down) this.count += 1;
        events.push({ session: line.session, event: line.down ? 'lost' : 'connected' });
      }
    }
    return events;
  }
}

/** The first ten symbols on one session, the others on the other. */
export function sessionOf([, trKey]: Registration): string {
  return SESSIONS[DEFAULT_UNIVERSE.indexOf(trKey) < DEFAULT_UNIVERSE.length / 2 ? 0 : 1];
}
