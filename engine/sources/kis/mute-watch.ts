// Finds sessions that have registered everything and deliver nothing: an approval key that has expired does that. A
// session is mute where others deliver meanwhile; where none does, the market itself may be still, so the wait is longer.
import type { Cancel, Timers } from './timers.ts';

/** What the watch sees of a session. */
export interface WatchedSession {
  /** All that it wants is confirmed, and some of it delivers all day long. */
  readonly expectsData: boolean;
  /** Data frames so far. */
  readonly frames: number;
  mute(): void;
}

export interface MuteWatchOptions {
  readonly sessions: readonly WatchedSession[];
  /** False while the market is closed. */
  readonly marketOpen: () => boolean;
  /** How long one may be silent while another delivers, and while none does, milliseconds. */
  readonly muteMs: number;
  readonly muteAloneMs: number;
  readonly timers: Timers;
}

interface Watched {
  frames: number;
  quietChecks: number;
}

/** A mute session is found at most a quarter late. */
const CHECKS = 4;

export class MuteWatch {
  private readonly options: MuteWatchOptions;
  private readonly watched: Watched[];
  private cancel: Cancel = () => {};

  constructor(options: MuteWatchOptions) {
    this.options = options;
    this.watched = options.sessions.map(() => ({ frames: 0, quietChecks: 0 }));
  }

  start(): void {
    this.cancel = this.options.timers.after(this.options.muteMs / CHECKS, () => {
      this.check();
      this.start();
    });
  }

  stop(): void {
    this.cancel();
  }

  private check(): void {
    const { sessions, marketOpen, muteMs, muteAloneMs } = this.options;
    const open = marketOpen();
    let delivering = false;
    for (const [at, session] of sessions.entries()) {
      const watched = this.watched[at]!;
      const quiet = open && session.expectsData && session.frames === watched.frames;
      delivering ||= session.frames > watched.frames;
      watched.quietChecks = quiet ? watched.quietChecks + 1 : 0;
      watched.frames = session.frames;
    }
    const quietChecksMax = CHECKS * (delivering ? 1 : muteAloneMs / muteMs);
    for (const [at, session] of sessions.entries()) {
      const watched = this.watched[at]!;
      if (watched.quietChecks < quietChecksMax) continue;
      watched.quietChecks = 0;
      session.mute();
    }
  }
}
